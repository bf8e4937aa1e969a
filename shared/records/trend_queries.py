"""Reading the trend: only the weekly rollup is touched, however many photos there are."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from shared.contracts.vocabulary import ALL, CATEGORIES, STYLES, UNKNOWN
from shared.errors import UsageError
from shared.records.trends import Cell
from shared.trend_figures import TrendTable, Values, tabulate, window

DIMENSIONS: Final = ("item", "color", "style", "source")
"""What a trend can be told by, in any combination."""

MAX_WEEKS: Final = 520
"""Weeks of a window at most: ten years."""


@dataclass(frozen=True)
class TrendQuery:
    """Which cells, over which weeks."""

    by: tuple[str, ...] = ("item", "color")
    """One or more of ``DIMENSIONS``; the others are summed up."""
    weeks: int = 12
    """Weeks of the window, 1 to ``MAX_WEEKS``."""
    style: str | None = None
    source: str | None = None


def parse_dimensions(text: str) -> tuple[str, ...]:
    """Return the dimensions of ``"item,color"``, each once; UsageError names the possible ones."""
    names = tuple(dict.fromkeys(name.strip() for name in text.split(",") if name.strip()))
    wrong = [name for name in names if name not in DIMENSIONS]
    if wrong or not names:
        choice, told = ", ".join(DIMENSIONS), ", ".join(wrong)
        raise UsageError(
            f"a trend cannot be told by {told or 'nothing'}; "
            f"choose one or more of {choice}, with commas between",
            text_ko=f"집계 기준으로 쓸 수 없습니다: {told or '(비어 있음)'}. "
            f"{choice} 중에서 골라 쉼표로 나누세요",
            reason="unknown_dimension",
        )
    return names


def check_style(style: str | None) -> str | None:
    """Return ``style`` if looks can have it; UsageError names the possible ones."""
    possible = (*STYLES, UNKNOWN)
    if style is not None and style not in possible:
        raise UsageError(
            f"{style!r} is no style; choose one of {', '.join(possible)}",
            text_ko=f"{style!r}: 없는 스타일입니다. {', '.join(possible)} 중에서 고르세요",
            reason="unknown_style",
        )
    return style


def read_trends(session: Session, query: TrendQuery, *, today: date) -> TrendTable:
    """Return the weekly looks that ``query`` asks for.

    The window ends with the last week that has looks of the query's style and source, so that
    an archive shows its own time; weeks after ``today``'s (a wrong clock) never end it.
    """
    last = session.scalar(
        select(func.max(Cell.week)).where(*_everything(query), Cell.week <= today)
    )
    if last is None:
        return TrendTable(by=query.by, weeks=(), totals=(), running=False, rows=())
    # One week more than shown: a window of one week has a week before it, too.
    since = last - timedelta(weeks=query.weeks)
    between = Cell.week.between(since, last)
    totals = session.execute(
        select(Cell.week, func.sum(Cell.looks))
        .where(*_everything(query), between)
        .group_by(Cell.week)
    )
    return tabulate(
        _cells(session, query, between),
        {week: int(looks) for week, looks in totals},
        by=query.by,
        weeks=window(last, query.weeks),
        today=today,
    )


def sources(session: Session) -> list[str]:
    """Return the sources that have looks, sorted."""
    rows = session.scalars(
        select(Cell.source)
        .distinct()
        .where(Cell.pattern == ALL, Cell.item == ALL, Cell.color == ALL)
        .order_by(Cell.source)
    )
    return list(rows)


def _cells(
    session: Session, query: TrendQuery, between: ColumnElement[bool]
) -> dict[Values, dict[date, int]]:
    columns = [getattr(Cell, name) for name in query.by]
    rows = session.execute(
        select(Cell.week, func.sum(Cell.looks), *columns)
        .where(
            between,
            *_filter(query),
            Cell.pattern == ALL,
            Cell.item.in_(CATEGORIES) if "item" in query.by else Cell.item == ALL,
            Cell.color != ALL if "color" in query.by else Cell.color == ALL,
        )
        .group_by(Cell.week, *columns)
    )
    cells: dict[Values, dict[date, int]] = defaultdict(dict)
    for week, looks, *values in rows:
        cells[tuple(values)][week] = int(looks)
    return cells


def _everything(query: TrendQuery) -> list[ColumnElement[bool]]:
    """The cells that hold all looks of the query's style and source."""
    return [Cell.pattern == ALL, Cell.item == ALL, Cell.color == ALL, *_filter(query)]


def _filter(query: TrendQuery) -> list[ColumnElement[bool]]:
    asked = ((Cell.style, query.style), (Cell.source, query.source))
    return [column == value for column, value in asked if value is not None]
