"""Engines and sessions, alike on SQLite (WAL) and PostgreSQL."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.orm import Session, sessionmaker

from shared.errors import RetryableError, UsageError
from shared.records.base import Base
from shared.records.many_rows import array_rows, json_rows

if TYPE_CHECKING:
    from psycopg import Copy

_READ = "mapsi_read"
_UNDEFINED_SQLITE = ("no such table", "no such column", "has no column named")
_UNDEFINED_POSTGRESQL = {"42P01", "42703"}
"""PostgreSQL's codes of an unknown table and an unknown column."""


class Database:
    """One database of an installation."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._sessions = sessionmaker(engine, expire_on_commit=False)

    @property
    def is_sqlite(self) -> bool:
        """True on SQLite: one writer at a time."""
        return self.engine.dialect.name == "sqlite"

    def close(self) -> None:
        """Close the idle connections; the next use opens new ones."""
        self.engine.dispose()

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """One consistent view to read from; waits for no writer and holds none up.

        Raises RetryableError where the database is away or not set up for this version.
        """
        with self._guarded(), self._sessions() as session:
            session.connection(execution_options=self._read_only())
            yield session

    @contextmanager
    def glance(self) -> Iterator[Connection]:
        """``reading`` for a row or two: without a session it costs half."""
        with self._guarded(), self.engine.connect() as connection:
            yield connection.execution_options(**self._read_only())

    def _read_only(self) -> dict[str, Any]:
        if self.is_sqlite:
            return {_READ: True}
        return {_READ: True, "isolation_level": "REPEATABLE READ", "postgresql_readonly": True}

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """Commit at the end, roll back on any error.

        Raises RetryableError where the database is away, busy, not set up for this version, or
        its disk is full.
        """
        with self._guarded(), self._sessions.begin() as session:
            yield session

    @contextmanager
    def _guarded(self) -> Iterator[None]:
        try:
            yield
        except DBAPIError as error:
            retryable = _retryable(error)
            if retryable is None:
                raise
            raise retryable from error
        except PoolTimeoutError as error:
            raise RetryableError(
                "all connections to the database are in use; it will be tried again",
                text_ko="데이터베이스 연결이 모두 사용 중입니다. 잠시 후 다시 시도합니다",
                reason="database_away",
            ) from error

    def insert(self, table: type[Base]) -> postgresql.Insert | sqlite.Insert:
        """Return an INSERT into ``table`` that knows ``on_conflict_do_…``."""
        # The two dialects spell it alike but share no class.
        return sqlite.insert(table) if self.is_sqlite else postgresql.insert(table)

    def insert_many(
        self, table: type[Base], rows: Sequence[Mapping[str, Any]]
    ) -> postgresql.Insert | sqlite.Insert:
        """Return an INSERT of ``rows`` (one or more, all with the same columns), in their order.

        They travel as one parameter, or as one for each column. A statement with a parameter
        for each value is made and parsed anew for each number of rows, which costs more than
        the insert.
        """
        columns = {name: table.__table__.columns[name] for name in rows[0]}
        source = (
            json_rows(self.engine.dialect, columns, rows)
            if self.is_sqlite
            else array_rows(columns, rows)
        )
        return self.insert(table).from_select(list(columns), source)

    @contextmanager
    def copying(self, session: Session, statement: str) -> Iterator[Copy]:
        """PostgreSQL's ``COPY … FROM STDIN``: what is written to it is part of the transaction.

        The driver's errors come as SQLAlchemy's, as they do from every other statement.
        """
        from psycopg import Error as DriverError

        driver: Any = session.connection().connection.driver_connection
        try:
            with driver.cursor() as cursor, cursor.copy(statement) as copy:
                yield copy
        except DriverError as error:
            raise DBAPIError.instance(
                statement, None, error, DriverError, dialect=self.engine.dialect
            ) from error

    def hold_writers(self, session: Session, table: type[Base]) -> None:
        """Let nobody else write ``table`` until this transaction ends; readers go on."""
        session.connection()  # begins: on SQLite there is one writer at a time from here
        if not self.is_sqlite:
            session.execute(text(f"LOCK TABLE {table.__tablename__} IN EXCLUSIVE MODE"))

    def join_writers(self, session: Session, table: type[Base]) -> None:
        """Become a writer of ``table``: wait for who holds them up, then see what they wrote."""
        session.connection()  # begins: on SQLite there is one writer at a time from here
        if not self.is_sqlite:
            session.execute(text(f"LOCK TABLE {table.__tablename__} IN ROW EXCLUSIVE MODE"))

    def alone(self, session: Session, name: str) -> None:
        """Hold ``name`` for this transaction: no other one that asks for it runs beside it."""
        session.connection()  # begins: on SQLite there is one writer at a time from here
        if not self.is_sqlite:
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
        _make_folder(parsed)
        # Seconds a writer waits for its turn, unless the URL has its own number.
        patience = {"timeout": parsed.query.get("timeout", "30")}
        engine = create_engine(parsed.update_query_dict(patience))
        event.listen(engine, "connect", _on_sqlite_connect)
        event.listen(engine, "begin", _on_sqlite_begin)
    else:
        engine = create_engine(parsed, pool_pre_ping=True, pool_recycle=1800)
    return Database(engine)


def _make_folder(url: URL) -> None:
    if not url.database:  # in memory
        return
    folder = Path(url.database).parent
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(
            f"{folder}: {error.strerror}; set MAPSI_DATA_DIR to a folder you may write",
            text_ko=f"{folder}: {error.strerror}. MAPSI_DATA_DIR을 쓸 수 있는 폴더로 정하세요",
            reason="bad_setting",
        ) from error


def _retryable(error: DBAPIError) -> RetryableError | None:
    """Return the error to raise where the same work may succeed later, else None (a bug)."""
    cause = error.orig
    undefined = any(sign in str(cause) for sign in _UNDEFINED_SQLITE)
    if undefined or getattr(cause, "sqlstate", None) in _UNDEFINED_POSTGRESQL:
        return RetryableError(
            f"the database is not set up for this version ({_line(cause)}); start `mapsi up` once",
            text_ko=f"데이터베이스가 이 버전에 맞지 않습니다 ({_line(cause)}). "
            "`mapsi up`을 한 번 실행하세요",
            reason="database_not_set_up",
        )
    if type(cause) is sqlite3.DatabaseError:
        return RetryableError(
            f"the database file is damaged or no database ({_line(cause)}); restore it",
            text_ko=f"데이터베이스 파일이 손상되었습니다 ({_line(cause)}). 복구하세요",
            reason="database_damaged",
        )
    if isinstance(error, OperationalError) or error.connection_invalidated:
        return RetryableError(
            f"the database did not answer: {_line(cause)}; it will be tried again",
            text_ko=f"데이터베이스가 응답하지 않습니다: {_line(cause)}. 다시 시도합니다",
            reason="database_away",
        )
    return None


def _line(cause: BaseException | None) -> str:
    """Drivers explain in several lines; an error of ours has one."""
    return " ".join(str(cause).split())


def _on_sqlite_connect(connection: sqlite3.Connection, record: Any) -> None:
    # The driver's own BEGIN is deferred and comes late; _on_sqlite_begin sends ours.
    connection.isolation_level = None
    _turn_to_wal(connection)
    for pragma in ("synchronous=NORMAL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _turn_to_wal(connection: sqlite3.Connection) -> None:
    """Switch a new file to WAL. SQLite does not wait for others here, whatever the timeout.

    Processes that open a new file together each try; whoever comes second finds it locked for
    a moment, and done after it.
    """
    (milliseconds,) = connection.execute("PRAGMA busy_timeout").fetchone()
    until = monotonic() + milliseconds / 1000
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or monotonic() > until:
                raise
        sleep(0.01)


def _on_sqlite_begin(connection: Connection) -> None:
    # A deferred transaction that turns writer fails at once when another one wrote meanwhile;
    # an immediate one waits its turn.
    reads = connection.get_execution_options().get(_READ)
    connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")
