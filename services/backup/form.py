"""What a backup looks like in its store: keys, rows as JSON lines, and the manifest.

::

    backups/<time>/manifest.json            written last: without it a backup is not whole
    backups/<time>/tables/<table>-0001.gz   rows as JSON lists, 20,000 a part
    backups/<time>/objects-0001.gz          [key, sha256, bytes] of every object
    blobs/ab/<sha256>                       what the objects hold, each content once

Blobs are shared: a later backup reads and stores only what is new.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime
from typing import Any, Final

from pydantic import BaseModel, ConfigDict, ValidationError
from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Date,
    Float,
    Integer,
    LargeBinary,
    String,
    Text,
)
from sqlalchemy.types import TypeEngine

from shared.errors import PermanentError, UsageError
from shared.records.base import UtcDateTime
from shared.storage import ObjectNotFoundError, ObjectStore

ROOT: Final = "backups/"
MANIFEST: Final = "manifest.json"
PART_ROWS: Final = 20_000
_TIME: Final = "%Y-%m-%dT%H-%M-%SZ"
TYPES: Final[dict[str, type[TypeEngine[Any]]]] = {
    kind.__name__: kind
    for kind in (BigInteger, Boolean, Date, Float, Integer, JSON, LargeBinary, String, Text)
} | {"UtcDateTime": UtcDateTime}
"""The types that columns have, by the name they have in a manifest."""


class Part(BaseModel):
    """One object of a backup, and what it must hold."""

    model_config = ConfigDict(frozen=True)

    key: str
    sha256: str


class TablePart(BaseModel):
    """One table: the names and types of its columns, and its rows."""

    model_config = ConfigDict(frozen=True)

    name: str
    columns: tuple[tuple[str, str], ...]
    rows: int
    parts: tuple[Part, ...]


class Manifest(BaseModel):
    """What a backup holds."""

    model_config = ConfigDict(frozen=True)

    form: int = 1
    made_at: datetime
    version: str
    """The Mapsi that made it."""
    revision: str
    """The version of its tables."""
    tables: tuple[TablePart, ...]
    objects: tuple[Part, ...] | None
    """None: the tables alone."""
    author_key: Part | None = None
    """The key of the data folder that turns authors into pseudonyms; None: it is a setting."""
    object_count: int = 0
    object_bytes: int = 0


def folder_of(moment: datetime) -> str:
    """Return the name of a backup that was begun at ``moment``."""
    return moment.astimezone(UTC).strftime(_TIME)


def blob_key(digest: str) -> str:
    """Name a content by its SHA-256."""
    return f"blobs/{digest[:2]}/{digest}"


def pack(rows: Iterable[Sequence[Any]]) -> bytes:
    """Return rows as gzipped JSON lines, the same bytes for the same rows."""
    lines = "".join(
        json.dumps(list(row), ensure_ascii=False, separators=(",", ":")) + "\n" for row in rows
    )
    return gzip.compress(lines.encode(), compresslevel=5, mtime=0)


def unpack(data: bytes) -> list[list[Any]]:
    """Return the rows of ``pack``."""
    return [json.loads(line) for line in gzip.decompress(data).splitlines()]


def outward(value: Any) -> Any:
    """Return a column's value as JSON has it; text and numbers stay as they are."""
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    return value


def inward(value: Any, kind: str) -> Any:
    """Return what ``outward`` was given, for a column of the named type."""
    if value is None:
        return None
    if kind == "UtcDateTime":
        return datetime.fromisoformat(value)
    if kind == "Date":
        return date.fromisoformat(value)
    if kind == "LargeBinary":
        return base64.b64decode(value)
    return value


def put_part(store: ObjectStore, key: str, data: bytes) -> Part:
    """Store one part of a backup; return its name and hash."""
    store.put(key, data, content_type="application/gzip")
    return Part(key=key, sha256=hashlib.sha256(data).hexdigest())


def get_part(store: ObjectStore, part: Part) -> bytes:
    """Return a part's bytes; PermanentError where they are not those that were written."""
    data = store.get(part.key)
    if hashlib.sha256(data).hexdigest() != part.sha256:
        raise PermanentError(
            f"{part.key}: damaged in the backup (its SHA-256 differs); take another backup",
            text_ko=f"{part.key}: 백업 파일이 손상되었습니다(SHA-256 불일치). 다른 백업을 쓰세요",
            reason="backup_damaged",
        )
    return data


def whole_backups(store: ObjectStore) -> list[str]:
    """Return the names of the backups in a store that are whole, the oldest first."""
    names = sorted(store.folders(ROOT))
    return [name for name in names if store.exists(f"{ROOT}{name}/{MANIFEST}")]


def read_manifest(store: ObjectStore, name: str) -> Manifest:
    """Return the manifest of the backup ``name``.

    Raises UsageError where there is none, PermanentError where it cannot be read.
    """
    try:
        return Manifest.model_validate_json(store.get(f"{ROOT}{name}/{MANIFEST}"))
    except ObjectNotFoundError:
        raise UsageError(
            f"{name}: there is no such backup; `mapsi backup --list` names those there are",
            text_ko=f"{name}: 그런 백업이 없습니다. `mapsi backup --list`로 확인하세요",
            reason="no_backup",
        ) from None
    except ValidationError as error:
        raise PermanentError(
            f"{name}: this version of Mapsi cannot read its manifest; use the one that made it",
            text_ko=f"{name}: 이 버전에서는 읽을 수 없는 백업입니다. 백업을 만든 버전을 쓰세요",
            reason="backup_damaged",
        ) from error


def listed(target: ObjectStore, manifest: Manifest) -> Iterator[tuple[str, str, int]]:
    """Yield key, SHA-256 and bytes of each object of a backup."""
    for part in manifest.objects or ():
        yield from ((key, digest, size) for key, digest, size in unpack(get_part(target, part)))
