"""Photos that may be learned from: a folder's, or those of an installation's own store."""

from __future__ import annotations

import csv
import hashlib
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Final

from pydantic import ValidationError
from sqlalchemy import select

from services.generation.lora.choosing import LeftOutError, Rights
from shared.contracts.garments import Analysis, Garment
from shared.errors import UsageError
from shared.photo_checks import MAX_BYTES
from shared.records import Database
from shared.records.ingestion import Photo, Post
from shared.records.trends import Settlement
from shared.storage import ObjectNotFoundError, ObjectStore

MANIFEST: Final = "manifest.csv"
_ASKS_FOR_A_NAME: Final = re.compile(r"\bcc[ _-]?by\b|creativecommons\.org/licenses/by", re.I)
_ENDINGS: Final = (".jpg", ".jpeg", ".png", ".webp")


@dataclass(frozen=True)
class Found:
    """What the pipeline's models have seen in a photo."""

    fashion: float
    styles: Mapping[str, float]
    garments: tuple[Garment, ...]


@dataclass(frozen=True)
class Candidate:
    """A photo, what is known of it, and how to get it."""

    name: str
    read: Callable[[], bytes]
    """Its bytes; raises LeftOutError where it cannot be had."""
    rights: tuple[Rights, ...]
    source: str
    posted_at: datetime | None = None
    author: str | None = None
    photo_id: str | None = None
    found: Callable[[], Found] | None = None
    """Its analysis, where it was analysed before; raises LeftOutError where it is gone."""


def in_folder(folder: Path, *, licence: str | None) -> list[Candidate]:
    """Return the photos in ``folder`` and below, by name.

    A ``manifest.csv`` there, as `mapsi ingest` reads, says licence, author, date and source of
    each; ``licence`` counts where it says none. UsageError where there is no photo.
    """
    facts = _read_manifest(folder / MANIFEST)
    paths = [path for path in sorted(folder.rglob("*")) if path.suffix.lower() in _ENDINGS]
    if not paths:
        raise UsageError(
            f"{folder}: no photo (JPEG, PNG or WebP)",
            text_ko=f"{folder}: 사진(JPEG, PNG, WebP)이 없습니다",
            reason="no_photos",
        )
    return [_of_file(path, folder, facts, licence=licence) for path in paths]


def _of_file(
    path: Path, folder: Path, facts: Mapping[str, Mapping[str, str]], *, licence: str | None
) -> Candidate:
    name = path.relative_to(folder).as_posix()
    row = facts.get(name, {})
    source = row.get("source") or folder.name
    where = row.get("url") or f"{source}/{name}"
    author, own = row.get("author"), row.get("licence") or licence
    credit = author if author and _ASKS_FOR_A_NAME.search(own or "") else None
    return Candidate(
        name=name,
        read=partial(_read_file, path),
        rights=(Rights(where, own, credit),),
        source=source,
        posted_at=_date(row.get("posted_at", "")),
        author=hashlib.sha256(author.encode()).hexdigest()[:16] if author else None,
    )


def _read_file(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(MAX_BYTES + 1)
    except OSError as error:
        raise LeftOutError("unreadable") from error


def _read_manifest(path: Path) -> dict[str, dict[str, str]]:
    if not path.exists():
        return {}
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = csv.DictReader(file, restval="")
        if "path" not in (rows.fieldnames or ()):
            raise UsageError(
                f"{path}: no column `path`", text_ko=f"{path}: `path` 열이 없습니다",
                reason="bad_manifest",
            )  # fmt: skip
        return {
            row["path"]: {name: text.strip() for name, text in row.items() if isinstance(text, str)}
            for row in rows
        }


def _date(text: str) -> datetime | None:
    try:
        date = datetime.fromisoformat(text)
    except ValueError:
        return None
    return date if date.tzinfo else date.replace(tzinfo=UTC)


def in_store(database: Database, storage: ObjectStore) -> list[Candidate]:
    """Return the analysed looks of an installation, the newest first; no repost, no shop's item."""
    query = (
        select(Photo, Settlement.analysis_key)
        .join(Settlement, Settlement.photo_id == Photo.photo_id)
        .where(
            Settlement.outcome == "analyzed",
            Photo.look_id == Photo.photo_id,
            Photo.catalogued.is_(False),
        )
        .order_by(Photo.posted_at.desc(), Photo.photo_id)
    )
    licensed = select(Post).where(Post.licence.is_not(None)).order_by(Post.post_id)
    with database.reading() as session:
        rights = _rights(session.scalars(licensed))
        return [
            Candidate(
                name=photo.photo_id,
                read=partial(_read_object, storage, photo.key),
                rights=tuple(rights.get(photo.photo_id, ())),
                source=photo.source,
                posted_at=photo.posted_at,
                author=photo.author,
                photo_id=photo.photo_id,
                found=partial(_recall, storage, str(key)),
            )
            for photo, key in session.execute(query)
        ]


def _rights(posts: Iterator[Post]) -> dict[str, list[Rights]]:
    found: dict[str, list[Rights]] = {}
    for post in posts:
        rights = Rights(post.url or post.source, post.licence, post.credit)
        found.setdefault(post.photo_id, []).append(rights)
    return found


def _read_object(storage: ObjectStore, key: str) -> bytes:
    try:
        return storage.get(key)
    except ObjectNotFoundError as error:
        raise LeftOutError("gone") from error


def _recall(storage: ObjectStore, key: str) -> Found:
    try:
        analysis = Analysis.model_validate_json(_read_object(storage, key))
    except ValidationError as error:
        raise LeftOutError("gone") from error
    return Found(analysis.fashion, analysis.styles, analysis.garments)
