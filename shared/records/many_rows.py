"""Many rows as few parameters of one statement, as each database reads them fastest."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Dialect,
    Select,
    Text,
    any_,
    cast,
    column,
    func,
    literal,
    select,
    true,
)
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import InstrumentedAttribute, Session
from sqlalchemy.sql.elements import KeyedColumnElement

_NUMBERS: Final = frozenset({int, float})
_UNHASHABLE: Final = frozenset({dict, list})

Columns = Mapping[str, KeyedColumnElement[Any]]
Rows = Sequence[Mapping[str, Any]]


def json_rows(dialect: Dialect, columns: Columns, rows: Rows) -> Select[Any]:
    """Select ``rows`` from one JSON parameter, as SQLite does."""
    kinds = {name: sort.type.dialect_impl(dialect) for name, sort in columns.items()}
    stored = {name: kind.bind_processor(dialect) for name, kind in kinds.items()}
    told = {name: process for name, process in stored.items() if process}
    sent = [{**row, **{name: told[name](row[name]) for name in told}} for row in rows]
    each = func.json_each(literal(json.dumps(sent), Text)).table_valued("value")
    values = [func.json_extract(each.c.value, f"$.{name}") for name in columns]
    # SQLite would read ON CONFLICT as a join's ON without a WHERE before it.
    return select(*values).where(true())


def array_rows(columns: Columns, rows: Rows) -> Select[Any]:
    """Select ``rows`` from one array for each column, as PostgreSQL does."""
    arrays = [
        cast(
            literal(array_text([row[name] for row in rows]), Text),
            postgresql.ARRAY(sort.type),
        )
        for name, sort in columns.items()
    ]
    named = (column(name, sort.type) for name, sort in columns.items())
    return select(func.unnest(*arrays).table_valued(*named).render_derived())


def is_one_of(
    session: Session, column: InstrumentedAttribute[str], values: Sequence[str]
) -> ColumnElement[bool]:
    """Answer whether ``column`` is one of ``values``, however many they are; one parameter."""
    if session.get_bind().dialect.name == "sqlite":
        each = func.json_each(literal(json.dumps(list(values)), Text))
        return column.in_(select(each.table_valued("value").c.value))
    array = cast(literal(array_text(values), Text), postgresql.ARRAY(column.type))
    return column == any_(array)


def array_text(values: Sequence[Any]) -> str:
    r"""Return ``values`` as PostgreSQL reads an array of one dimension.

    They are None, strings, numbers, truth values, dates, moments with a time zone, or what JSON
    can say (dict or list). The driver writes arrays, too, but asks a regular expression about
    each element, which costs more than the server takes to read them.

    >>> array_text(["a", 'say "b"', None])
    '{"a","say \\"b\\"",NULL}'
    """
    kinds = set(map(type, values))
    if kinds == {str}:
        joined = '","'.join(values)
        if "\\" not in joined and joined.count('"') == 2 * (len(values) - 1):
            return f'{{"{joined}"}}'
    if kinds <= _NUMBERS:
        return f"{{{','.join(map(repr, values))}}}"
    if kinds & _UNHASHABLE:
        return f"{{{','.join(map(_element, values))}}}"
    texts = {value: _element(value) for value in set(values)}  # of weeks, sources: few
    return f"{{{','.join(map(texts.__getitem__, values))}}}"


def _element(value: Any) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, date):
        return f'"{value.isoformat()}"'
    if isinstance(value, dict | list):
        value = json.dumps(value)
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return str(value)
