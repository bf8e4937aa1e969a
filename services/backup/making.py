"""Making a backup, and dropping old ones."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Table, select
from sqlalchemy.orm import Session

from services.backup.form import (
    MANIFEST,
    PART_ROWS,
    ROOT,
    Manifest,
    Part,
    TablePart,
    blob_key,
    folder_of,
    listed,
    outward,
    pack,
    put_part,
    read_manifest,
    whole_backups,
)
from shared.errors import UsageError
from shared.records import Database
from shared.records.every import TABLES
from shared.records.schema import revision_of
from shared.storage import InvalidKeyError, ObjectNotFoundError, ObjectStore
from shared.storage.keys import WRITTEN_ONCE

_HANDS: Final = 8
"""Objects that are read and stored at the same time."""

Tell = Callable[[str, int, int], None]
"""Hears what is being done (``tables`` or ``objects``), how much is done, and of how much."""


@dataclass
class Source:
    """What is backed up."""

    database: Database
    storage: ObjectStore
    author_key: Path
    """Where the data folder keeps the key of its pseudonyms; need not be there."""


@dataclass
class Objects:
    """The objects of one backup, as they are found."""

    parts: list[Part] = field(default_factory=list)
    count: int = 0
    size: int = 0


def make_backup(
    source: Source,
    target: ObjectStore,
    *,
    tell: Tell,
    with_objects: bool = True,
    now: datetime | None = None,
) -> Manifest:
    """Write a backup of ``source`` into ``target`` and return what it holds.

    The tables are one consistent view; the objects are read after it: a row's objects are
    written before the row, so each has its own in the backup, unless it was deleted meanwhile.
    Raises RetryableError where database or store is away; nothing of another backup is lost then.
    """
    began = now or datetime.now(UTC)
    folder = f"{ROOT}{folder_of(began)}/"
    with source.database.reading() as session:
        revision = revision_of(session)
        if revision is None:
            raise _nothing_there()
        tables = tuple(_written(session, target, folder, tell))
    found = Objects()
    if with_objects:
        _copy_objects(source.storage, target, folder, found, tell=tell)
    manifest = Manifest(
        made_at=began,
        version=version("mapsi"),
        revision=revision,
        tables=tables,
        objects=tuple(found.parts) if with_objects else None,
        object_count=found.count,
        object_bytes=found.size,
    )
    if source.author_key.exists():
        part = put_part(target, f"{folder}author.key", source.author_key.read_bytes())
        manifest = manifest.model_copy(update={"author_key": part})
    text = manifest.model_dump_json(indent=1).encode()
    target.put(f"{folder}{MANIFEST}", text, content_type="application/json")
    return manifest


def _nothing_there() -> UsageError:
    return UsageError(
        "the database has no tables yet: there is nothing to back up; check MAPSI_DATABASE_URL "
        "or --data",
        text_ko="데이터베이스에 테이블이 없어 백업할 것이 없습니다. MAPSI_DATABASE_URL이나 "
        "--data를 확인하세요",
        reason="nothing_to_back_up",
    )


def _written(session: Session, target: ObjectStore, folder: str, tell: Tell) -> Iterator[TablePart]:
    for number, table in enumerate(TABLES):
        tell("tables", number, len(TABLES))
        yield _write_table(session, table, target, folder)
    tell("tables", len(TABLES), len(TABLES))


def _write_table(session: Session, table: Table, target: ObjectStore, folder: str) -> TablePart:
    query = select(table).order_by(*table.primary_key.columns)
    answer = session.execute(query, execution_options={"yield_per": PART_ROWS})
    parts, rows = [], 0
    for number, some in enumerate(answer.partitions(), start=1):
        data = pack([outward(value) for value in row] for row in some)
        parts.append(put_part(target, f"{folder}tables/{table.name}-{number:04}.gz", data))
        rows += len(some)
    columns = tuple((column.name, type(column.type).__name__) for column in table.columns)
    return TablePart(name=table.name, columns=columns, rows=rows, parts=tuple(parts))


def _copy_objects(
    storage: ObjectStore, target: ObjectStore, folder: str, found: Objects, *, tell: Tell
) -> None:
    """Store what the target does not have yet, and the list of all objects."""
    keys = sorted(storage.list())
    known = _known(target)

    def one(key: str) -> tuple[str, str, int] | None:
        if key in known and key.startswith(WRITTEN_ONCE):
            return (key, *known[key])
        return _copy(storage, target, key)

    with ThreadPoolExecutor(_HANDS) as hands:
        for number, start in enumerate(range(0, len(keys), PART_ROWS), start=1):
            rows: list[tuple[str, str, int]] = []
            for row in hands.map(one, keys[start : start + PART_ROWS]):
                tell("objects", found.count + len(rows), len(keys))
                if row:
                    rows.append(row)
            found.parts.append(put_part(target, f"{folder}objects-{number:04}.gz", pack(rows)))
            found.count += len(rows)
            found.size += sum(size for _, _, size in rows)
    tell("objects", len(keys), len(keys))


def _copy(storage: ObjectStore, target: ObjectStore, key: str) -> tuple[str, str, int] | None:
    """Store an object's content once.

    None where the object was deleted meanwhile, or is of somebody else who shares the store.
    """
    try:
        data = storage.get(key)
    except (ObjectNotFoundError, InvalidKeyError):
        return None
    digest = hashlib.sha256(data).hexdigest()
    if not target.exists(blob_key(digest)):
        target.put(blob_key(digest), data, content_type="application/octet-stream")
    return key, digest, len(data)


def _known(target: ObjectStore) -> dict[str, tuple[str, int]]:
    """Return hash and size of the objects that the newest backup has, by key."""
    for name in reversed(whole_backups(target)):
        manifest = read_manifest(target, name)
        if manifest.objects is not None:
            return {key: (digest, size) for key, digest, size in listed(target, manifest)}
    return {}


def drop_old(target: ObjectStore, *, keep: int) -> int:
    """Delete all backups but the newest ``keep`` whole ones, and what only they held.

    Returns how many were deleted; begun ones that were never finished are among them.
    """
    whole = whole_backups(target)
    kept = whole[-keep:]
    newest = kept[-1] if kept else ""
    dropped = 0
    for name in list(target.folders(ROOT)):
        parts = list(target.list(f"{ROOT}{name}/")) if name < newest and name not in kept else []
        if parts:  # a folder on a disk stays, empty
            target.delete(f"{ROOT}{name}/{MANIFEST}")  # from here on it is not whole
            _delete_all(target, parts)
            dropped += 1
    if dropped:
        manifests = (read_manifest(target, name) for name in kept)
        held = {digest for one in manifests for _, digest, _ in listed(target, one)}
        blobs = target.list("blobs/")
        _delete_all(target, (key for key in blobs if key.rpartition("/")[2] not in held))
    return dropped


def _delete_all(target: ObjectStore, keys: Iterable[str]) -> None:
    with ThreadPoolExecutor(_HANDS) as hands:
        list(hands.map(target.delete, list(keys)))


def figures(manifest: Manifest) -> dict[str, Any]:
    """Return a backup's figures for a person or a log."""
    return {
        "tables": len(manifest.tables),
        "rows": sum(table.rows for table in manifest.tables),
        "objects": manifest.object_count,
        "bytes": manifest.object_bytes,
    }
