"""How trends are shown to clients, page by page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from services.gateway.domain import Language, from_cursor, to_cursor
from services.gateway.views import ChangeView, SeriesRow, SeriesView, TrendRowView, TrendView
from shared.contracts.vocabulary import KOREAN, label
from shared.trend_figures import Change, TrendRow, TrendTable, Values

_DIGITS: Final = 6


def trend_view(
    table: TrendTable, *, language: Language, cursor: str | None, limit: int
) -> TrendView:
    """Return one page of ``table``, best rank first."""
    rows, following = _page(table.rows, table.by, cursor=cursor, limit=limit)
    return TrendView(
        by=list(table.by),
        weeks=list(table.weeks),
        totals=list(table.totals),
        running=table.running,
        rows=[_row(table.by, row, language) for row in rows],
        next=following,
    )


def series_view(
    table: TrendTable, *, language: Language, cursor: str | None, limit: int
) -> SeriesView:
    """Return one page of ``table`` as curves."""
    rows, following = _page(table.rows, table.by, cursor=cursor, limit=limit)
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


def _page(
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


def _row(by: Sequence[str], row: TrendRow, language: Language) -> TrendRowView:
    return TrendRowView(
        values=_values(by, row),
        labels=labels(by, row.values, language),
        looks=list(row.looks),
        total=row.total,
        share=round(row.share, _DIGITS),
        last_share=_rounded(row.last_share),
        last_interval=_interval(row.last_interval),
        change=_change(row.change),
    )


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
