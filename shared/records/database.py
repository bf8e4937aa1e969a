"""Engines, sessions and migrations, alike on SQLite (WAL) and PostgreSQL."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, OperationalError
from sqlalchemy.orm import Session, sessionmaker

from shared.errors import RetryableError, UsageError

MIGRATIONS = Path(__file__).with_name("migrations")
_READ = "mapsi_read"


class Database:
    """One database of an installation."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._sessions = sessionmaker(engine, expire_on_commit=False)

    @property
    def is_sqlite(self) -> bool:
        """True on SQLite: one writer at a time."""
        return self.engine.dialect.name == "sqlite"

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """One consistent view to read from; waits for no writer and holds none up."""
        with self._guarded(), self._sessions() as session:
            session.connection(execution_options={_READ: True})
            yield session

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """Commit at the end, roll back on any error.

        Raises RetryableError where the database is away, busy, or its disk is full.
        """
        with self._guarded(), self._sessions.begin() as session:
            yield session

    @contextmanager
    def _guarded(self) -> Iterator[None]:
        try:
            yield
        except OperationalError as error:
            raise RetryableError(
                f"the database did not take the change: {error.orig}; it will be tried again",
                text_ko=f"데이터베이스에 기록하지 못했습니다: {error.orig}",
                reason="database_away",
            ) from error
        except DBAPIError as error:
            if error.connection_invalidated:
                raise RetryableError(
                    f"the database connection broke: {error.orig}", reason="database_away"
                ) from error
            raise

    def alone(self, session: Session, name: str) -> None:
        """Hold ``name`` for this transaction: no other one that asks for it runs beside it."""
        if not self.is_sqlite:  # SQLite's transactions are already alone: BEGIN IMMEDIATE
            session.execute(text("SELECT pg_advisory_xact_lock(hashtext(:name))"), {"name": name})


def open_database(url: str) -> Database:
    """Open the database at a SQLAlchemy URL; UsageError where the URL is not one."""
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise UsageError(
            "MAPSI_DATABASE_URL is not a database URL; "
            "write postgresql+psycopg://user:password@host/name or sqlite:///path",
            reason="bad_setting",
        ) from error
    if parsed.get_backend_name() == "sqlite":
        if parsed.database:
            Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
        engine = create_engine(parsed, connect_args={"timeout": 30})
        event.listen(engine, "connect", _on_sqlite_connect)
        event.listen(engine, "begin", _on_sqlite_begin)
    else:
        engine = create_engine(parsed, pool_pre_ping=True, pool_recycle=1800)
    return Database(engine)


def _on_sqlite_connect(connection: sqlite3.Connection, record: Any) -> None:
    # The driver's own BEGIN is deferred and comes late; _on_sqlite_begin sends ours.
    connection.isolation_level = None
    for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _on_sqlite_begin(connection: Connection) -> None:
    # A deferred transaction that turns writer fails at once when another one wrote meanwhile;
    # an immediate one waits its turn.
    reads = connection.get_execution_options().get(_READ)
    connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")


def upgrade(url: str) -> None:
    """Bring the schema to this version. Safe to call from several processes at once."""
    database = open_database(url)
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with database.transaction() as session:
        database.alone(session, "mapsi-migrations")
        config.attributes["connection"] = session.connection()
        command.upgrade(config, "head")
