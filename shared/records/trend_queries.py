"""What can be asked of the trend; reading touches only the weekly rollup."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fnmatch import fnmatchcase
from typing import Final

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from shared.contracts.vocabulary import (
    ALL,
    BASIC_COLORS,
    CATEGORIES,
    FAMILIES,
    FAMILY_OF,
    GROUPS,
    PATTERNS,
    STYLES,
    UNKNOWN,
)
from shared.errors import UsageError
from shared.records.trends import Cell

DIMENSIONS: Final = ("item", "family", "color", "pattern", "style", "source")
"""What a trend can be told by, in any combination."""

MAX_WEEKS: Final = 520
"""Weeks of a window at most: ten years."""

POSSIBLE: Final = {
    "item": tuple(dict.fromkeys((*CATEGORIES, *FAMILIES))),
    "color": BASIC_COLORS,
    "pattern": PATTERNS,
    "style": (*STYLES, UNKNOWN),
}
_KOREAN: Final = {"item": "아이템", "color": "색", "pattern": "무늬", "style": "스타일"}


@dataclass(frozen=True)
class TrendQuery:
    """Which cells, over which weeks."""

    by: tuple[str, ...] = ("item", "color")
    """One or more of ``DIMENSIONS``; the others are summed up."""
    weeks: int = 12
    """Weeks of the window, 1 to ``MAX_WEEKS``."""
    style: str | None = None
    source: str | None = None
    item: str | None = None
    """A category or a family; rows only, shares stay those of all looks."""
    color: str | None = None
    """A basic colour; rows only."""
    pattern: str | None = None
    """Rows only."""
    sources: tuple[str, ...] | None = None
    """Only looks of these sources (a market's)."""
    since: date | None = None
    """The week that holds this day is the window's first; else ``weeks`` decides."""
    until: date | None = None
    """The window ends with the week that holds this day, or before."""
    stage: str | None = None
    """Only rows in this stage."""


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


def check(name: str, value: str | None) -> str | None:
    """Return ``value`` if an ``item``, ``color``, ``pattern`` or ``style`` can be so called.

    Raises UsageError, which names the possible ones.
    """
    possible = POSSIBLE[name]
    if value is not None and value not in possible:
        raise UsageError(
            f"{value!r} is no {name}; choose one of {', '.join(possible)}",
            text_ko=f"{value!r}: 없는 {_KOREAN[name]}입니다. {', '.join(possible)} 중에서 고르세요",
            reason=f"unknown_{name}",
        )
    return value


def check_style(style: str | None) -> str | None:
    """Return ``style`` if looks can have it; UsageError names the possible ones."""
    return check("style", style)


def check_period(since: date | None, until: date | None) -> None:
    """Raise UsageError where no week lies between the two days."""
    if since is not None and until is not None and until < since:
        raise UsageError(
            f"the period ends on {until}, before it begins on {since}; swap them",
            text_ko=f"기간의 끝({until})이 시작({since})보다 앞섭니다. 서로 바꾸세요",
            reason="empty_period",
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


def sources_of_market(
    session: Session, markets: dict[str, tuple[str, ...]], market: str | None
) -> tuple[str, ...] | None:
    """Return the sources of a market, whose names or patterns (``instagram*``) are its setting.

    None: no market is asked for. Raises UsageError, which names the markets there are.
    """
    if market is None:
        return None
    if market not in markets:
        known = ", ".join(sorted(markets)) or "-"
        raise UsageError(
            f"{market!r} is no market; MAPSI_MARKETS has {known}",
            text_ko=f"{market!r}: 없는 시장입니다. MAPSI_MARKETS에 있는 시장: {known}",
            reason="unknown_market",
        )
    return tuple(
        source
        for source in sources(session)
        if any(fnmatchcase(source, pattern) for pattern in markets[market])
    )


def monday(day: date) -> date:
    """Return the Monday of a day's week."""
    return day - timedelta(days=day.weekday())


def dimension_columns(by: Sequence[str]) -> list[ColumnElement[str]]:
    """Return the columns that ``by`` is read from: an item tells its family."""
    names = ["item" if name == "family" else name for name in by]
    return [getattr(Cell, name) for name in dict.fromkeys(names)]


def values_of(by: Sequence[str], found: Sequence[str]) -> tuple[str, ...]:
    """Return a row's values in the order of ``by``, from those of ``dimension_columns``."""
    columns = dict.fromkeys("item" if name == "family" else name for name in by)
    named = dict(zip(columns, found, strict=True))
    both = "family" in by and "item" in by
    return tuple(
        FAMILY_OF[named["item"]] if name == "family" and both
        else named["item" if name == "family" else name]
        for name in by
    )  # fmt: skip


def conditions(query: TrendQuery) -> list[ColumnElement[bool]]:
    """Return which cells are the rows of ``query``, in whatever weeks."""
    return [
        _level(Cell.pattern, PATTERNS, told="pattern" in query.by, only=query.pattern),
        Cell.item.in_(_items(query)),
        _level(Cell.color, BASIC_COLORS, told="color" in query.by, only=query.color),
        *looks_of(query),
    ]


def everything(query: TrendQuery) -> list[ColumnElement[bool]]:
    """Return the cells that hold all looks of the query's style and sources."""
    return [Cell.pattern == ALL, Cell.item == ALL, Cell.color == ALL, *looks_of(query)]


def looks_of(query: TrendQuery) -> list[ColumnElement[bool]]:
    """Return the conditions of the query's style, source and market."""
    asked = ((Cell.style, query.style), (Cell.source, query.source))
    found = [column == value for column, value in asked if value is not None]
    return found if query.sources is None else [*found, Cell.source.in_(query.sources)]


def _level(
    column: InstrumentedAttribute[str], every: Iterable[str], *, told: bool, only: str | None
) -> ColumnElement[bool]:
    if only is not None:
        return column == only
    return column.in_(list(every)) if told else column == ALL


def _items(query: TrendQuery) -> list[str]:
    """Return what the item column holds in the query's rows."""
    if "item" in query.by:
        if query.item in GROUPS:
            return list(FAMILIES[query.item])
        return [query.item] if query.item else list(CATEGORIES)
    if "family" in query.by:
        return [FAMILY_OF.get(query.item, query.item)] if query.item else list(FAMILIES)
    return [query.item or ALL]
