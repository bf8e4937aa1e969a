"""Which rows of the counts a question is about. Pure."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final

from services.gateway.chat.domain import Period, Slots
from services.gateway.chat.policy.acts import TellTrend
from shared.contracts.vocabulary import CATEGORIES, FAMILIES, WORN_BELOW
from shared.records.trend_queries import TrendQuery
from shared.trend_figures import TrendRow, TrendTable

_SEASON_MONTH: Final = {"spring": 3, "summer": 6, "autumn": 9, "winter": 12}


def period_of(asked: TellTrend, today: date) -> Period | None:
    """Return the time a question is about; None: the last weeks. A season is its latest one."""
    if asked.period is not None:
        return asked.period if asked.period.since <= today else None
    if asked.compared_with is not None:
        return None  # the season that was named is the one to compare with
    return latest(asked.about.season[0], today) if asked.about.season else None


def latest(season: str, today: date) -> Period:
    """Return the latest ``season`` that has begun: three months, from March, June, …"""
    month = _SEASON_MONTH[season]
    year = today.year if (today.month, today.day) >= (month, 1) else today.year - 1
    until = date(year + (month == 12), (month + 3) % 12 or 12, 1) - timedelta(days=1)
    return Period(since=date(year, month, 1), until=until)


def query_of(asked: TellTrend, period: Period | None) -> TrendQuery:
    """Return the table to read: whole, so that its figures are those of ``GET /v1/trends``."""
    by = dimensions_of(asked)
    style = asked.about.style[0] if len(asked.about.style) == 1 and "style" not in by else None
    if period is None:
        return TrendQuery(by=by, style=style)
    return TrendQuery(by=by, style=style, since=period.since, until=period.until)


def dimensions_of(asked: TellTrend) -> tuple[str, ...]:
    """Return what the rows are told by: families where nothing narrower was named."""
    exact = any(word in CATEGORIES and word not in FAMILIES for word in asked.about.item)
    family = bool(asked.about.item) and not exact
    return tuple("family" if name == "item" and family else name for name in asked.by)


def matching(table: TrendTable, about: Slots) -> list[TrendRow]:
    """Return the rows that hold what was named, best rank first."""
    wanted = {name: _wanted(name, about) for name in table.by}
    return [
        row
        for row in table.rows
        if all(
            not wanted[name] or value in wanted[name]
            for name, value in zip(table.by, row.values, strict=True)
        )
    ]


def _wanted(name: str, about: Slots) -> frozenset[str]:
    if name == "family":
        return frozenset(
            word for item in about.item for word in (WORN_BELOW if item == "bottom" else (item,))
        )
    if name == "item":
        return items_named(about)
    return frozenset(getattr(about, name, ()))


def items_named(about: Slots) -> frozenset[str]:
    """Return the categories that were named, by themselves or by their family."""
    return frozenset(
        word
        for item in about.item
        for family in (WORN_BELOW if item == "bottom" else (item,))
        for word in FAMILIES.get(family, (family,))
    )


def is_named(asked: TellTrend, table: TrendTable) -> bool:
    """Tell whether the question names what it is about, and does not ask which."""
    names = {"item" if name == "family" else name for name in table.by}
    return all(getattr(asked.about, name) for name in names)
