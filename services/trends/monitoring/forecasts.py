"""What was foretold, kept as it was made, against what then came.

Each whole week's forecast is stored once and never made again: photos of that week that come
later must not improve it.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final

from pydantic import ValidationError
from sqlalchemy.orm import Session

from services.trends.monitoring.domain import Outcome
from shared.contracts.message import Contract
from shared.forecast import YEAR
from shared.logging import logger
from shared.records.trend_queries import TrendQuery
from shared.records.trend_reader import TrendReader
from shared.storage import ObjectNotFoundError, ObjectStore
from shared.storage.keys import foretold_key
from shared.trend_figures import MIN_WEEK_LOOKS, TrendTable
from shared.trend_forecast import HISTORY, RowForecast, forecast_table

log = logger("mapsi.trends")

AHEAD: Final = (1, 4, 8, 13)
"""Weeks after which a forecast is judged."""

_WEEK: Final = timedelta(weeks=1)
_BY: Final = ("item", "color")


class ForetoldRow(Contract):
    """One cell's shares in the coming weeks, each list a week an entry."""

    values: tuple[str, ...]
    middle: tuple[float, ...]
    low80: tuple[float, ...]
    high80: tuple[float, ...]
    naive: tuple[float | None, ...]
    """The shares a year before; None: not known."""


class Foretold(Contract):
    """The forecast that was made after ``week``."""

    week: date
    rows: tuple[ForetoldRow, ...]


def keep_forecast(session: Session, storage: ObjectStore, *, week: date) -> bool:
    """Store the forecast made from the weeks up to ``week``, a whole one, where there is none.

    Answers whether it did: a week without looks, or with too few before it, has no forecast.
    """
    key = foretold_key(week)
    if storage.exists(key):
        return False
    table = _table(session, week, weeks=HISTORY)
    if table is None:
        return False
    told = forecast_table(table, max(AHEAD))
    rows = tuple(
        _row(table, index, row)
        for index, row in enumerate(told.rows)
        if isinstance(row, RowForecast)
    )
    if not rows:
        return False
    storage.put(
        key, Foretold(week=week, rows=rows).model_dump_json().encode(),
        content_type="application/json",
    )  # fmt: skip
    log.info("forecast kept", week=week.isoformat(), rows=len(rows))
    return True


def read_outcomes(
    session: Session, storage: ObjectStore, *, week: date
) -> dict[int, tuple[Outcome, ...]]:
    """Return what became of the forecasts for ``week``, by the weeks they looked ahead.

    Without any where none was made then, or the week has too few looks to tell a share.
    """
    table = _table(session, week, weeks=1)
    if table is None or table.totals[-1] < MIN_WEEK_LOOKS:
        return dict.fromkeys(AHEAD, ())
    came = {row.values: row.looks[-1] / table.totals[-1] for row in table.rows}
    return {
        weeks: tuple(
            _outcome(row, weeks - 1, came.get(row.values, 0.0))
            for row in _stored(storage, week - weeks * _WEEK)
        )
        for weeks in AHEAD
    }


def _table(session: Session, week: date, *, weeks: int) -> TrendTable | None:
    """Return the table that ends with ``week``; None where that week has no looks."""
    query = TrendQuery(by=_BY, weeks=weeks, until=week)
    table = TrendReader().read(session, query, today=week + _WEEK)
    return table if table.weeks and table.weeks[-1] == week else None


def _row(table: TrendTable, index: int, told: RowForecast) -> ForetoldRow:
    row = table.rows[index]
    year_ago = range(len(table.weeks) - YEAR, len(table.weeks) - YEAR + len(told.middle))
    return ForetoldRow(
        values=row.values,
        middle=told.middle,
        low80=told.low80,
        high80=told.high80,
        naive=tuple(_share(table, index, at) for at in year_ago),
    )


def _share(table: TrendTable, index: int, at: int) -> float | None:
    if at < 0 or table.totals[at] < MIN_WEEK_LOOKS:
        return None
    return table.rows[index].looks[at] / table.totals[at]


def _stored(storage: ObjectStore, week: date) -> tuple[ForetoldRow, ...]:
    try:
        return Foretold.model_validate_json(storage.get(foretold_key(week))).rows
    except ObjectNotFoundError:
        return ()
    except ValidationError:  # of another version of this file
        log.warning("kept forecast cannot be read", week=week.isoformat())
        return ()


def _outcome(row: ForetoldRow, at: int, came: float) -> Outcome:
    return Outcome(
        came=came,
        told=row.middle[at],
        low80=row.low80[at],
        high80=row.high80[at],
        naive=row.naive[at],
    )
