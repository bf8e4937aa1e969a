"""From a number back to its photos: the only trend query that reads facts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, func, select, tuple_
from sqlalchemy.orm import Session

from shared.contracts.vocabulary import FAMILIES, UPLOAD
from shared.records.gateway import Upload
from shared.records.trends import Fact, TrendWeek


@dataclass(frozen=True)
class EvidenceQuery:
    """Which looks of which weeks; what is None is not asked for."""

    first: date
    last: date
    """Mondays of the first and the last week."""
    item: str | None = None
    """A category or a family."""
    color: str | None = None
    """A basic colour."""
    shade: str | None = None
    """A colour's own name, as ``dusty rose``."""
    pattern: str | None = None
    style: str | None = None
    source: str | None = None
    sources: tuple[str, ...] | None = None
    uploads_of: str | None = None
    """Of uploads only those of this key; None: everybody's."""
    counted: bool = True
    """Only the looks that count; else also near-duplicates and what is over an author's cap."""


@dataclass(frozen=True)
class Evidence:
    """A photo with a garment that fits."""

    week: date
    photo_id: str
    style: str
    counted: bool
    items: tuple[str, ...]
    """Categories of the garments that fit."""


def find_evidence(
    session: Session, query: EvidenceQuery, *, after: tuple[date, str] | None, limit: int
) -> list[Evidence]:
    """Return up to ``limit`` photos behind ``after``, latest week first, then by photo id.

    A photo fits where one garment has all that is asked for.
    """
    where = _conditions(query)
    if after is not None:
        where.append(
            (Fact.week < after[0]) | ((Fact.week == after[0]) & (Fact.photo_id > after[1]))
        )
    photos = session.execute(
        select(Fact.week, Fact.photo_id)
        .where(*where)
        .group_by(Fact.week, Fact.photo_id)
        .order_by(Fact.week.desc(), Fact.photo_id)
        .limit(limit)
    )
    return _with_garments(session, query, [(week, photo_id) for week, photo_id in photos])


def weeks_with_looks(session: Session, first: date, last: date) -> Sequence[date]:
    """Return the weeks (Mondays) from ``first`` to ``last`` that have looks, the latest first."""
    weeks = select(TrendWeek.week).where(TrendWeek.week.between(first, last))
    return session.scalars(weeks.order_by(TrendWeek.week.desc())).all()


def those_that_fit(session: Session, query: EvidenceQuery, ids: Sequence[str]) -> set[str]:
    """Return which of some photos fit."""
    fitting = select(Fact.photo_id).where(Fact.photo_id.in_(ids), *_conditions(query))
    return set(session.scalars(fitting))


def count_evidence(session: Session, query: EvidenceQuery, *, most: int) -> int:
    """Return how many photos fit; no more than ``most`` are counted."""
    photos = select(Fact.photo_id).where(*_conditions(query)).distinct().limit(most).subquery()
    return session.scalar(select(func.count()).select_from(photos)) or 0


def _with_garments(
    session: Session, query: EvidenceQuery, photos: Sequence[tuple[date, str]]
) -> list[Evidence]:
    if not photos:
        return []
    facts = session.execute(
        select(Fact.week, Fact.photo_id, Fact.style, Fact.counted, Fact.item)
        .where(tuple_(Fact.week, Fact.photo_id).in_(photos), *_conditions(query))
        .order_by(Fact.fact_id)
    ).all()
    found = []
    for photo in photos:
        mine = [row for row in facts if (row.week, row.photo_id) == photo]
        items = tuple(row.item for row in mine)
        found.append(Evidence(*photo, style=mine[0].style, counted=mine[0].counted, items=items))
    return found


def _conditions(query: EvidenceQuery) -> list[ColumnElement[bool]]:
    asked = (
        (Fact.color, query.color),
        (Fact.color_name, query.shade),
        (Fact.pattern, query.pattern),
        (Fact.style, query.style),
        (Fact.source, query.source),
    )
    found: list[ColumnElement[bool]] = [Fact.week.between(query.first, query.last)]
    found += [column == value for column, value in asked if value is not None]
    if query.item is not None:
        found.append(Fact.item.in_(FAMILIES.get(query.item, (query.item,))))
    if query.sources is not None:
        found.append(Fact.source.in_(query.sources))
    if query.uploads_of is not None:
        own = select(Upload.photo_id).where(Upload.key_id == query.uploads_of)
        found.append((Fact.source != UPLOAD) | Fact.photo_id.in_(own))
    return [*found, Fact.counted.is_(True)] if query.counted else found
