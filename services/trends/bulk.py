"""Many rows in one statement, as fast as each database takes them.

SQLite runs one prepared statement for each row, which costs it less than to unpack a parameter;
PostgreSQL gets one array for each column, because there each statement is a round trip.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from datetime import date
from functools import cache
from typing import Any, Final

from sqlalchemy import Boolean, Date, Float, Integer
from sqlalchemy.orm import Session

from shared.records import Database
from shared.records.base import Base

# The driver's own adapter is deprecated; this is what SQLAlchemy writes.
sqlite3.register_adapter(date, date.isoformat)

_ARRAYS: Final = ((Boolean, "boolean"), (Date, "date"), (Float, "float8"), (Integer, "bigint"))


def insert_rows(
    database: Database, session: Session, table: type[Base], rows: Sequence[Sequence[Any]]
) -> None:
    """Insert ``rows``, each with every column of ``table`` but one that numbers itself."""
    _send(database, session, _statement(table, sqlite=database.is_sqlite, adds=False), rows)


def add_looks(
    database: Database, session: Session, table: type[Base], rows: Sequence[Sequence[Any]]
) -> None:
    """Add the last column of ``rows``, ``looks``, to the rows of ``table`` with the same key."""
    _send(database, session, _statement(table, sqlite=database.is_sqlite, adds=True), rows)


def _send(
    database: Database, session: Session, statement: str, rows: Sequence[Sequence[Any]]
) -> None:
    if not rows:
        return
    connection = session.connection()
    if database.is_sqlite:
        connection.exec_driver_sql(statement, list(rows))
    else:
        columns = tuple(list(column) for column in zip(*rows, strict=True))
        connection.exec_driver_sql(statement, columns)


@cache
def _statement(table: type[Base], *, sqlite: bool, adds: bool) -> str:
    known = table.__table__.columns
    columns = [column for column in known if not _numbers_itself(column)]
    names = ", ".join(column.name for column in columns)
    key = ", ".join(column.name for column in known if column.primary_key)
    conflict = (
        f" ON CONFLICT ({key}) DO UPDATE SET looks = {table.__tablename__}.looks + excluded.looks"
        if adds
        else ""
    )
    if sqlite:
        values = "VALUES (" + ", ".join("?" for _ in columns) + ")"
    else:
        arrays = ", ".join(_array(column) for column in columns)
        values = f"SELECT * FROM unnest({arrays})"  # noqa: S608 - names of our own tables
    return f"INSERT INTO {table.__tablename__} ({names}) {values}{conflict}"


def _numbers_itself(column: Any) -> bool:
    return column.primary_key and column.autoincrement is True


def _array(column: Any) -> str:
    kind = next((name for sort, name in _ARRAYS if isinstance(column.type, sort)), "text")
    return f"%s::{kind}[]"
