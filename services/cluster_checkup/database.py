"""The database: its version, its tables, our rights, its clock."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from typing import Final

from sqlalchemy import text
from sqlalchemy.orm import Session

from services.checkup import Finding
from services.cluster_checkup.clocks import clock
from services.cluster_checkup.finding import Said, unwell, well
from shared.records import Database, open_database
from shared.records.base import Base
from shared.records.schema import newest_revision, revision
from shared.settings import Settings

_BUSY: Final = 0.8
"""Share of the server's connections from which on it is said."""
_RIGHTS: Final = "SELECT, INSERT, UPDATE, DELETE"
_OLDEST: Final = 14
"""The first PostgreSQL that is still looked after."""


def look_at_database(settings: Settings) -> Iterator[Finding]:
    """Yield how the database is; RetryableError where it does not answer."""
    done, newest = revision(settings.database), newest_revision()
    with closing(open_database(settings.database)) as database:
        yield from _server(database)
        if done == newest:
            yield well("tables", Said(f"version {done}", f"버전 {done}"))
        else:
            found = Said(
                f"version {done}, this program's is {newest}",
                f"버전 {done}, 프로그램의 버전은 {newest}",
            )
            yield unwell("tables", found, Said("mapsi migrate", "mapsi migrate"))
        if not database.is_sqlite:
            with database.reading() as session:
                yield from _rights(session)
                yield _connections(session)
                yield _safety(session)
                yield _clock(session)


def _server(database: Database) -> Iterator[Finding]:
    if database.is_sqlite:
        found = Said("SQLite: for one machine", "SQLite: 한 대의 컴퓨터용")
        fix = Said("MAPSI_DATABASE_URL=postgresql+psycopg://…", "MAPSI_DATABASE_URL을 정하세요")
        yield unwell("database", found, fix, required=False)
        return
    with database.reading() as session:
        number = str(session.scalar(text("SHOW server_version")))
    name = f"PostgreSQL {number}"
    if int(number.split(".")[0].split()[0]) < _OLDEST:
        fix = Said(f"upgrade it to {_OLDEST} or later", f"{_OLDEST} 이상으로 올리세요")
        yield unwell("database", Said(name, name), fix)
    else:
        yield well("database", Said(name, name))


def _rights(session: Session) -> Iterator[Finding]:
    tables = sorted(Base.metadata.tables)
    known = {
        str(name)
        for name in session.scalars(
            text("SELECT tablename FROM pg_tables WHERE schemaname = ANY (current_schemas(false))")
        )
    }
    ask = text(
        "SELECT has_table_privilege(:t, 'SELECT') AND has_table_privilege(:t, 'INSERT')"
        " AND has_table_privilege(:t, 'UPDATE') AND has_table_privilege(:t, 'DELETE')"
    )
    lacking = [name for name in tables if name in known and not session.scalar(ask, {"t": name})]
    user = session.scalar(text("SELECT current_user"))
    if not lacking:
        yield well("rights", Said(f"{user} may use all tables", f"{user}: 모든 테이블 사용 가능"))
        return
    names = ", ".join(lacking[:5]) + (" …" if len(lacking) > 5 else "")
    found = Said(f"{user} may not use {names}", f"{user}: 사용할 수 없는 테이블 {names}")
    fix = f"GRANT {_RIGHTS} ON ALL TABLES IN SCHEMA public TO {user}"
    yield unwell("rights", found, Said(fix, fix))


def _connections(session: Session) -> Finding:
    # The server's own processes are in no database, and take none of its connections.
    clients = text("SELECT count(*) FROM pg_stat_activity WHERE datid IS NOT NULL")
    used = session.scalar(clients) or 0
    limit = int(str(session.scalar(text("SHOW max_connections"))))
    found = Said(f"{used} of {limit} in use", f"{limit}개 중 {used}개 사용 중")
    if used < _BUSY * limit:
        return well("connections", found)
    fix = Said("raise max_connections", "max_connections를 올리세요")
    return unwell("connections", found, fix, required=False)


def _safety(session: Session) -> Finding:
    off = [
        name
        for name in ("fsync", "full_page_writes", "synchronous_commit")
        if session.scalar(text(f"SHOW {name}")) == "off"
    ]
    if not off:
        return well("durability", Said("a commit stays", "커밋은 남습니다"))
    names = ", ".join(off)
    found = Said(f"{names} off: a power cut loses data", f"{names} 꺼짐: 정전 때 데이터를 잃습니다")
    return unwell("durability", found, Said(f"{names} = on", f"{names} = on"))


def _clock(session: Session) -> Finding:
    before = datetime.now(UTC)
    theirs = session.scalar(text("SELECT clock_timestamp()"))
    assert isinstance(theirs, datetime)  # noqa: S101 - what the function returns
    middle = before + (datetime.now(UTC) - before) / 2
    return clock("database", (theirs - middle).total_seconds())
