"""Many rows in one statement, as fast as each database takes them.

SQLite runs one prepared statement for each row, which costs it less than to unpack a parameter. On
PostgreSQL each statement is a round trip: rows that are new are copied, counts travel as one array
for each column. Where these are very many they are joined to the table at once (MERGE): to look
for each of them by itself, lock it and then change it (ON CONFLICT) takes twice as long.
"""

# ruff: noqa: S608 - the names in these statements are those of our own tables

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
from shared.records.many_rows import array_text
from shared.records.trends import Cell, HarmonyCell, PairCell

# The driver's own adapter is deprecated; this is what SQLAlchemy writes.
sqlite3.register_adapter(date, date.isoformat)

_VERY_MANY: Final = 2_000
_ARRAYS: Final = ((Boolean, "boolean"), (Date, "date"), (Float, "float8"), (Integer, "bigint"))


def insert_rows(
    database: Database, session: Session, table: type[Base], rows: Sequence[Sequence[Any]]
) -> None:
    """Insert ``rows``, each with every column of ``table`` but one that numbers itself."""
    if not rows:
        return
    if database.is_sqlite:
        session.connection().exec_driver_sql(_insert_each(table), list(rows))
        return
    names = ", ".join(_columns(table))
    with database.copying(session, f"COPY {table.__tablename__} ({names}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)


def add_looks(
    database: Database,
    session: Session,
    table: type[Cell] | type[PairCell] | type[HarmonyCell],
    rows: Sequence[Sequence[Any]],
) -> None:
    """Add the last column of ``rows``, ``looks``, to the rows of ``table`` with the same key.

    The first column is the week, and nobody else writes to these weeks meanwhile.
    """
    if not rows:
        return
    connection = session.connection()
    if database.is_sqlite:
        connection.exec_driver_sql(_insert_each(table) + _or_add(table), list(rows))
    elif len(rows) < _VERY_MANY:
        connection.exec_driver_sql(_insert_all(table) + _or_add(table), _arrays(rows))
    else:
        weeks = sorted({row[0] for row in rows})
        # A plan that is kept for any number of rows would look for each of them by itself.
        connection.exec_driver_sql("SET LOCAL plan_cache_mode = force_custom_plan")
        connection.exec_driver_sql(_merge(table), (*_arrays(rows), array_text(weeks)))


def _arrays(rows: Sequence[Sequence[Any]]) -> tuple[str, ...]:
    return tuple(array_text(values) for values in zip(*rows, strict=True))


@cache
def _insert_each(table: type[Base]) -> str:
    columns = _columns(table)
    values = ", ".join("?" for _ in columns)
    return f"INSERT INTO {table.__tablename__} ({', '.join(columns)}) VALUES ({values})"


@cache
def _insert_all(table: type[Base]) -> str:
    columns = _columns(table)
    names, arrays = ", ".join(columns), ", ".join(columns.values())
    return f"INSERT INTO {table.__tablename__} ({names}) SELECT * FROM unnest({arrays})"


@cache
def _or_add(table: type[Base]) -> str:
    name, key = table.__tablename__, ", ".join(_key(table))
    return f" ON CONFLICT ({key}) DO UPDATE SET looks = {name}.looks + excluded.looks"


@cache
def _merge(table: type[Base]) -> str:
    columns, name = _columns(table), table.__tablename__
    names, arrays = ", ".join(columns), ", ".join(columns.values())
    same = " AND ".join(f"{name}.{column} = added.{column}" for column in _key(table))
    return (
        f"MERGE INTO {name} USING unnest({arrays}) AS added ({names}) "
        f"ON {same} AND {name}.week = ANY(%s::date[]) "
        f"WHEN MATCHED THEN UPDATE SET looks = {name}.looks + added.looks "
        f"WHEN NOT MATCHED THEN INSERT ({names}) VALUES (added.*)"
    )


def _columns(table: type[Base]) -> dict[str, str]:
    """Return the columns that are to be given, and how PostgreSQL takes an array of each."""
    known = table.__table__.columns
    return {column.name: _array(column) for column in known if not _numbers_itself(column)}


def _key(table: type[Base]) -> list[str]:
    return [column.name for column in table.__table__.columns if column.primary_key]


def _numbers_itself(column: Any) -> bool:
    return column.primary_key and column.autoincrement is True


def _array(column: Any) -> str:
    kind = next((name for sort, name in _ARRAYS if isinstance(column.type, sort)), "text")
    return f"%s::{kind}[]"
