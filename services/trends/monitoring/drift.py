"""Drift: what the last whole week shows against the weeks before it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from services.trends.monitoring.domain import psi
from shared.contracts.vocabulary import ALL, BASIC_COLORS, CATEGORIES, STYLES, UNKNOWN
from shared.records.ingestion import Photo
from shared.records.trends import Cell, Settlement

REFERENCE_WEEKS: Final = 8
"""Short enough that a season is no drift, long enough to be no sample of one week's taste."""

_WEEK: Final = timedelta(weeks=1)
_BINS: Final[dict[str, tuple[InstrumentedAttribute[str], tuple[str, ...]]]] = {
    "category": (Cell.item, CATEGORIES),
    "color": (Cell.color, BASIC_COLORS),
    "style": (Cell.style, (*STYLES, UNKNOWN)),
}


def read_drift(session: Session, *, week: date) -> dict[str, float]:
    """Return the PSI of the week of Monday ``week`` against the 8 before it, or NaN.

    ``category``, ``color`` and ``style`` are of looks by the day they were posted, ``fashion``
    (is it fashion) of photos by the day they came.
    """
    found = {what: _psi_of_cells(session, what, week) for what in _BINS}
    return found | {"fashion": psi(*_answers(session, week))}


def _psi_of_cells(session: Session, what: str, week: date) -> float:
    column, bins = _BINS[what]
    is_now = Cell.week == week
    first = week - REFERENCE_WEEKS * _WEEK
    rows = session.execute(
        select(is_now, column, func.sum(Cell.looks))
        .where(Cell.week >= first, Cell.week <= week, *_level(what))
        .group_by(is_now, column)
    )
    looks = {(bool(now), name): int(number) for now, name, number in rows}
    now, before = ([looks.get((when, name), 0) for name in bins] for when in (True, False))
    return psi(now, before)


def _level(what: str) -> list[ColumnElement[bool]]:
    """Return which cells hold each look once in every bin it stands in."""
    items = Cell.item.in_(CATEGORIES) if what == "category" else Cell.item == ALL
    colors = Cell.color.in_(BASIC_COLORS) if what == "color" else Cell.color == ALL
    return [Cell.pattern == ALL, items, colors]


def _answers(session: Session, week: date) -> tuple[Sequence[int], Sequence[int]]:
    """Return photos that were fashion and that were not: of the week, and of those before it."""
    start = datetime.combine(week, time.min, UTC)
    is_now = Photo.received_at >= start
    rows = session.execute(
        select(is_now, Settlement.outcome, func.count())
        .join(Settlement, Settlement.photo_id == Photo.photo_id)
        .where(
            Photo.received_at >= start - REFERENCE_WEEKS * _WEEK,
            Photo.received_at < start + _WEEK,
            Photo.catalogued.is_(False),
        )
        .group_by(is_now, Settlement.outcome)
    )
    counts = {(bool(now), outcome): int(number) for now, outcome, number in rows}
    now, before = (
        [counts.get((when, outcome), 0) for outcome in ("analyzed", "not_fashion")]
        for when in (True, False)
    )
    return now, before
