"""All that is kept of a person, table by table: what is exported is what is erased.

A test compares this list with the schema: a table that names a person and is missing here fails.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, Table, delete, select
from sqlalchemy.orm import Session

from shared.records.alerts import AlertFiring, AlertRule, SavedView
from shared.records.base import Base
from shared.records.conversations import ChatMessage, ChatSession
from shared.records.gateway import Answer, ApiKey, PageSession, Upload, Wish
from shared.records.generation import GpuShare, Job
from shared.records.preferences import PersonalColor, Preference

SECRET: Final = frozenset(
    {"secret_hash", "token_hash", "secret", "object_key", "request_hash", "body"}
)
"""Columns that say nothing about a person, or would open something: the body of an answer that is
kept for a repeated request may hold a webhook's secret, and repeats what other tables have."""


@dataclass(frozen=True)
class Holding:
    """A table whose rows name a person, and the rows that hang on them."""

    model: type[Base]
    person: str
    """The column of the person's id."""
    children: tuple[tuple[type[Base], str], ...] = ()
    """Tables, and the column that both share."""

    @property
    def table(self) -> Table:
        """The table."""
        return _table(self.model)


HOLDINGS: Final = (
    Holding(ApiKey, "key_id"),
    Holding(PageSession, "key_id"),
    Holding(Upload, "key_id"),
    Holding(Wish, "key_id", ((Job, "job_id"),)),
    Holding(GpuShare, "requester"),
    Holding(Answer, "key_id"),
    Holding(AlertRule, "key_id", ((AlertFiring, "rule_id"),)),
    Holding(SavedView, "key_id"),
    Holding(ChatSession, "person_id", ((ChatMessage, "session_id"),)),
    Holding(Preference, "person_id"),
    Holding(PersonalColor, "person_id"),
)


def rows_of(session: Session, person_id: str) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Yield each table's name with the person's rows, without secrets."""
    for holding in HOLDINGS:
        yield holding.table.name, _shown(session, _own(holding, person_id))
        for child, column in holding.children:
            rows = _hanging(holding, child, column, person_id)
            yield _table(child).name, _shown(session, rows)


def erase_rows(session: Session, person_id: str) -> None:
    """Delete the person's rows; the key's stays, without a name, and opens nothing."""
    for holding in HOLDINGS:
        for child, column in holding.children:
            parents = select(holding.table.c[column]).where(_is(holding, person_id))
            session.execute(delete(child).where(_table(child).c[column].in_(parents)))
        if holding.model is not ApiKey:
            session.execute(delete(holding.model).where(_is(holding, person_id)))


def _shown(session: Session, rows: Select[Any]) -> list[dict[str, Any]]:
    return [
        {name: value for name, value in row.items() if name not in SECRET}
        for row in session.execute(rows).mappings()
    ]


def _own(holding: Holding, person_id: str) -> Select[Any]:
    return select(holding.table).where(_is(holding, person_id))


def _hanging(holding: Holding, child: type[Base], column: str, person_id: str) -> Select[Any]:
    parents = select(holding.table.c[column]).where(_is(holding, person_id))
    return select(_table(child)).where(_table(child).c[column].in_(parents))


def _is(holding: Holding, person_id: str) -> ColumnElement[bool]:
    return holding.table.c[holding.person] == person_id


def _table(model: type[Base]) -> Table:
    table = model.__table__
    assert isinstance(table, Table)  # noqa: S101
    return table
