"""How trends are shown to clients, page by page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final
from urllib.parse import urlencode

from services.gateway.domain import Language, from_cursor, to_cursor
from services.gateway.trend_models import (
    ChangeView,
    EarlyView,
    GrowthView,
    SeriesRow,
    SeriesView,
    TrendLinks,
    TrendRowView,
    TrendView,
)
from shared.contracts.vocabulary import KOREAN, label
from shared.records.trend_queries import TrendQuery
from shared.trend_figures import Change, TrendRow, TrendTable, Values, share_interval
from shared.trend_outlook import Early, Figures, Growth

_DIGITS: Final = 6


def trend_view(
    table: TrendTable,
    query: TrendQuery,
    *,
    language: Language,
    cursor: str | None,
    limit: int,
) -> TrendView:
    """Return one page of ``table``, best rank first."""
    rows, following = page_of(table.rows, table.by, cursor=cursor, limit=limit)
    return TrendView(
        by=list(table.by),
        weeks=list(table.weeks),
        totals=list(table.totals),
        running=table.running,
        rows=[_row(table, query, row, language=language) for row in rows],
        next=following,
    )


def series_view(
    table: TrendTable, *, language: Language, cursor: str | None, limit: int
) -> SeriesView:
    """Return one page of ``table`` as curves."""
    rows, following = page_of(table.rows, table.by, cursor=cursor, limit=limit)
    return SeriesView(
        by=list(table.by),
        weeks=list(table.weeks),
        totals=list(table.totals),
        running=table.running,
        series=[
            SeriesRow(
                values=_values(table.by, row),
                labels=labels(table.by, row.values, language),
                looks=list(row.looks),
                shares=[
                    round(looks / total, _DIGITS) if total else None
                    for looks, total in zip(row.looks, table.totals, strict=True)
                ],
                intervals=[
                    _interval(share_interval(looks, total, phi=row.figures.phi) if total else None)
                    for looks, total in zip(row.looks, table.totals, strict=True)
                ],
            )
            for row in rows
        ],
        next=following,
    )


def labels(by: Sequence[str], values: Values, language: Language) -> dict[str, str]:
    """Return the values as people read them; a source is its own name."""
    return {
        name: label(value, language) if name != "source" and value in KOREAN else value
        for name, value in zip(by, values, strict=True)
    }


def page_of(
    rows: Sequence[TrendRow], by: Sequence[str], *, cursor: str | None, limit: int
) -> tuple[Sequence[TrendRow], str | None]:
    """Return the rows behind the cursor's place in the ranking, and the next cursor.

    The place is a rank key and not a number of rows: what is counted meanwhile shifts nothing.
    """
    if cursor is not None:
        total, last, *values = from_cursor(cursor, int, int, *(str for _ in by))
        place = (-int(str(total)), -int(str(last)), tuple(str(value) for value in values))
        rows = [row for row in rows if (-row.total, -row.looks[-1], row.values) > place]
    if len(rows) <= limit:
        return rows, None
    end = rows[limit - 1]
    return rows[:limit], to_cursor(end.total, end.looks[-1], *end.values)


def _row(
    table: TrendTable, query: TrendQuery, row: TrendRow, *, language: Language
) -> TrendRowView:
    figures = row.figures
    growth = {
        "wow": _growth(figures.growth_wow),
        "4w": _growth(figures.growth_4w),
        "yoy": _growth(figures.growth_yoy),
    }
    return TrendRowView(
        values=_values(table.by, row),
        labels=labels(table.by, row.values, language),
        looks=list(row.looks),
        total=row.total,
        share=round(row.share, _DIGITS),
        last_share=_rounded(row.last_share),
        last_interval=_interval(row.last_interval),
        change=_change(row.change),
        growth_wow=_value(figures.growth_wow),
        growth_4w=_value(figures.growth_4w),
        growth_yoy=_value(figures.growth_yoy),
        growth=growth,
        **_standing(figures),
        links=TrendLinks(photos=_photos(table, query, row)),
    )


def _standing(figures: Figures) -> dict[str, Any]:
    return {
        "interval": _interval(figures.interval),
        "adjusted_share": _rounded(figures.adjusted_share),
        "adjusted_interval": _interval(figures.adjusted_interval),
        "q_value": _rounded(figures.q_value),
        "stage": figures.stage,
        "support": figures.support,
        "one_source": figures.one_source,
        "seasonality": _rounded(figures.seasonality),
        "early": _early(figures.early),
    }


def _growth(growth: Growth | None) -> GrowthView | None:
    if growth is None:
        return None
    return GrowthView(
        value=round(growth.value, _DIGITS),
        low=round(growth.low, _DIGITS),
        high=_rounded(growth.high),
        q_value=round(growth.q_value, _DIGITS),
    )


def _value(growth: Growth | None) -> float | None:
    return None if growth is None else round(growth.value, _DIGITS)


def _early(early: Early | None) -> EarlyView | None:
    if early is None:
        return None
    return EarlyView(
        share=round(early.share, _DIGITS),
        lift=_rounded(early.lift),
        q_value=_rounded(early.q_value),
    )


def _photos(table: TrendTable, query: TrendQuery, row: TrendRow) -> str:
    """Return the address of the photos behind the row's last week."""
    asked = {name: getattr(query, name) for name in ("item", "color", "pattern", "style", "source")}
    named = dict(zip(table.by, row.values, strict=True))
    family = named.pop("family", None)
    cell = asked | ({"item": family} if family and "item" not in named else {}) | named
    given = {name: value for name, value in cell.items() if value is not None}
    return "/v1/trends/photos?" + urlencode({"week": table.weeks[-1].isoformat()} | given)


def _change(change: Change | None) -> ChangeView | None:
    if change is None:
        return None
    return ChangeView(
        points=round(change.points, _DIGITS),
        low=round(change.low, _DIGITS),
        high=round(change.high, _DIGITS),
        relative=_rounded(change.relative),
        clear=change.clear,
    )


def _interval(bounds: tuple[float, float] | None) -> tuple[float, float] | None:
    return None if bounds is None else (round(bounds[0], _DIGITS), round(bounds[1], _DIGITS))


def _values(by: Sequence[str], row: TrendRow) -> dict[str, str]:
    return dict(zip(by, row.values, strict=True))


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, _DIGITS)
