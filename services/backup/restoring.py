"""Bringing a backup back, into an empty installation."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Container
from concurrent.futures import ThreadPoolExecutor
from mimetypes import guess_type
from typing import Any, Final

from sqlalchemy import column, func, insert, select, table, text
from sqlalchemy.orm import Session

from services.backup.form import (
    TYPES,
    Manifest,
    TablePart,
    blob_key,
    get_part,
    inward,
    unpack,
)
from services.backup.making import Source, Tell
from shared.errors import PermanentError, UsageError
from shared.records import Database
from shared.records.every import TABLES
from shared.records.schema import known_revisions, migrate, revision_of
from shared.storage import ObjectNotFoundError, ObjectStore

_HANDS: Final = 8
_ROWS: Final = 1000
"""Rows of one INSERT."""


def check_backup(target: ObjectStore, manifest: Manifest, *, tell: Tell) -> None:
    """Read all of a backup and compare every hash.

    Raises PermanentError at the first thing that is missing or damaged.
    """
    for number, one in enumerate(manifest.tables):
        tell("tables", number, len(manifest.tables))
        rows = sum(len(unpack(get_part(target, part))) for part in one.parts)
        if rows != one.rows:
            raise _damaged(f"{one.name}: {rows} of {one.rows} rows")
    _each_object(target, manifest, _only_read, tell=tell)


def restore(manifest: Manifest, target: ObjectStore, into: Source, *, tell: Tell) -> None:
    """Bring a backup's objects and tables into an empty installation.

    The objects come first, and all tables in one transaction: cut off, it is begun again and
    leaves out the objects that are there. Raises UsageError where the database is not empty or of
    another version, PermanentError where the backup is damaged.
    """
    with into.database.reading() as session:
        _check_place(session, manifest)

    def put(key: str, data: bytes) -> None:
        kind = guess_type(key)[0] or "application/octet-stream"
        into.storage.put(key, data, content_type=kind)

    _each_object(target, manifest, put, tell=tell, present=set(into.storage.list()))
    with into.database.transaction() as session:
        into.database.alone(session, "mapsi-migrations")
        if not _check_place(session, manifest):
            migrate(into.database, session, to=manifest.revision)
        for number, one in enumerate(manifest.tables):
            tell("tables", number, len(manifest.tables))
            _fill(session, one, target)
        _go_on_counting(session, into.database)
        migrate(into.database, session)
    tell("tables", len(manifest.tables), len(manifest.tables))
    if manifest.author_key:
        key = get_part(target, manifest.author_key)
        into.author_key.parent.mkdir(parents=True, exist_ok=True)
        into.author_key.touch(mode=0o600)
        into.author_key.write_bytes(key)


def _check_place(session: Session, manifest: Manifest) -> bool:
    """Tell whether the database has tables already: empty ones of the backup's version.

    Raises UsageError where the backup cannot be brought back there.
    """
    if manifest.revision not in known_revisions():
        raise UsageError(
            f"the backup was made by Mapsi {manifest.version}, whose tables this version does not "
            "know; install that version or a later one",
            text_ko=f"Mapsi {manifest.version}에서 만든 백업이라 이 버전은 테이블을 모릅니다. "
            "그 버전 이상을 설치하세요",
            reason="backup_of_later_version",
        )
    present = revision_of(session)
    if present is None:
        return False
    if _filled(session, manifest):
        raise UsageError(
            "the database is not empty: nothing was restored; name a new one by MAPSI_DATABASE_URL "
            "or --data",
            text_ko="데이터베이스가 비어 있지 않아 복구하지 않았습니다. MAPSI_DATABASE_URL이나 "
            "--data로 새 데이터베이스를 지정하세요",
            reason="not_empty",
        )
    if present != manifest.revision:
        raise UsageError(
            f"the database has tables of version {present}, the backup of {manifest.revision}; "
            "give it a database without tables, they are brought to this version afterwards",
            text_ko=f"데이터베이스의 테이블은 {present}, 백업은 {manifest.revision} 버전입니다. "
            "테이블이 없는 데이터베이스를 지정하면 복구한 뒤 이 버전으로 올립니다",
            reason="other_revision",
        )
    return True


def _filled(session: Session, manifest: Manifest) -> bool:
    tables = {one.name for one in TABLES} & {one.name for one in manifest.tables}
    return any(session.execute(text(f"SELECT 1 FROM {name} LIMIT 1")).first() for name in tables)  # noqa: S608


def _fill(session: Session, form: TablePart, target: ObjectStore) -> None:
    kinds = [kind for _, kind in form.columns]
    into = table(form.name, *(column(name, TYPES[kind]) for name, kind in form.columns))
    names = [name for name, _ in form.columns]
    for part in form.parts:
        rows = [
            {name: inward(value, kind) for name, value, kind in zip(names, row, kinds, strict=True)}
            for row in unpack(get_part(target, part))
        ]
        for start in range(0, len(rows), _ROWS):
            session.execute(insert(into), rows[start : start + _ROWS])


def _go_on_counting(session: Session, database: Database) -> None:
    """Let PostgreSQL's own numbers go on after the highest; SQLite does so by itself."""
    if database.is_sqlite:
        return
    for one in TABLES:
        counted = one.autoincrement_column
        if counted is not None and len(one.primary_key.columns) == 1:
            highest = session.scalar(select(func.max(counted)))
            sequence = func.pg_get_serial_sequence(one.name, counted.name)
            if highest is not None:
                session.execute(select(func.setval(sequence, highest)))


def _each_object(
    target: ObjectStore,
    manifest: Manifest,
    use: Callable[[str, bytes], None],
    *,
    tell: Tell,
    present: Container[str] = (),
) -> None:
    """Call ``use(key, data)`` for each object but those ``present``, several at a time."""

    def one(row: list[Any]) -> None:
        key, digest, _ = row
        if key not in present:
            use(key, _content(target, key, digest))

    done = 0
    with ThreadPoolExecutor(_HANDS) as hands:
        for part in manifest.objects or ():
            for _ in hands.map(one, unpack(get_part(target, part))):
                done += 1
                tell("objects", done, manifest.object_count)


def _only_read(key: str, data: bytes) -> None:
    """What a check does with an object whose hash fits."""


def _content(target: ObjectStore, key: str, digest: str) -> bytes:
    try:
        data = target.get(blob_key(digest))
    except ObjectNotFoundError:
        raise _damaged(f"{key}: its content {digest[:12]} is missing") from None
    if hashlib.sha256(data).hexdigest() != digest:
        raise _damaged(f"{key}: its content {digest[:12]} is damaged")
    return data


def _damaged(what: str) -> PermanentError:
    return PermanentError(
        f"the backup is not whole: {what}; take another backup",
        text_ko=f"백업이 온전하지 않습니다: {what}. 다른 백업을 쓰세요",
        reason="backup_damaged",
    )
