"""Drawings to take along: one ZIP of pictures and of how each was made, sent while it is packed."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any, Final
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

from services.gateway.drawing import files
from services.gateway.drawing.files import Form, Wanted
from services.gateway.looks import KnownLook
from shared.storage import ObjectStore

MANIFEST: Final = "manifest.json"


class _Pipe:
    """A file that can only be written to; what was written is taken away again and again."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []

    def write(self, data: bytes) -> int:
        self._parts.append(bytes(data))
        return len(data)

    def flush(self) -> None:
        """Nothing waits."""

    def take(self) -> bytes:
        """Return what was written since the last time."""
        taken, self._parts = b"".join(self._parts), []
        return taken


@dataclass(frozen=True)
class Packed:
    """One picture, and its name in the archive."""

    name: str
    variant: int
    which: Wanted


def pack_list(looks: Sequence[KnownLook], form: Form) -> list[tuple[KnownLook, list[Packed]]]:
    """Return what will be packed, all variants of each; RefusedError with 404 where one is undone.

    Asked before the first byte is sent.
    """
    return [
        (
            look,
            [
                Packed(
                    f"{number:02d}-{look.wish.job_id[:8]}-{variant}.{form}",
                    variant,
                    files.wanted(look, variant=variant, form=form, side=None),
                )
                for variant in range(1, max(1, len(look.pictures)) + 1)
            ],
        )
        for number, look in enumerate(looks, start=1)
    ]


def pack(
    storage: ObjectStore, listed: Sequence[tuple[KnownLook, list[Packed]]], *, now: datetime
) -> Iterator[bytes]:
    """Yield a ZIP: the pictures, then ``manifest.json``. One picture at a time is in memory."""
    pipe = _Pipe()
    told: list[dict[str, Any]] = []
    with ZipFile(pipe, "w") as packed:  # type: ignore[call-overload]
        for look, pictures in listed:
            written = []
            for one in pictures:
                data = files.picture_bytes(storage, one.which)
                packed.writestr(_entry(one.name, look.wish.created_at), data, ZIP_STORED)
                yield pipe.take()
                written.append(
                    {"file": one.name, "variant": one.variant, "sha256": sha256(data).hexdigest()}
                )
            told.append(_story(look, written))
        body = {"packed_at": now.isoformat(), "pictures": told}
        text = json.dumps(body, ensure_ascii=False, indent=1).encode()
        packed.writestr(_entry(MANIFEST, now), text, ZIP_DEFLATED)
    yield pipe.take()


def _story(look: KnownLook, written: list[dict[str, Any]]) -> dict[str, Any]:
    assert look.job is not None  # noqa: S101 - it is done
    return {
        "id": look.wish.job_id,
        "created_at": look.wish.created_at.isoformat(),
        "parent": look.look.edit.of if look.look.edit else None,
        "files": written,
        "manifest": look.job.manifest,
    }


def _entry(name: str, at: datetime) -> ZipInfo:
    return ZipInfo(name, date_time=(at.year, at.month, at.day, at.hour, at.minute, at.second))
