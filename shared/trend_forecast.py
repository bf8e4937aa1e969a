"""The coming weeks of the trend table's shares; the gateway and the weekly report say the same.

A week with fewer than ``MIN_WEEK_LOOKS`` looks tells no share, the running week is not over and
told like the ones ahead, and a row with fewer than ``MIN_LOOKS`` looks is left out: what it would
be told is noise.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Final, Literal

import numpy as np

from shared.forecast import Backtest, Forecast, Values, forecast, run_backtest
from shared.forecast.values import YEAR
from shared.trend_figures import MIN_WEEK_LOOKS, TrendTable

MIN_LOOKS: Final = 30
"""Looks in the learnt weeks that a row needs."""

MIN_WEEKS: Final = 13
"""Weeks with a share that a table needs: with fewer there is no interval."""

MAX_ROWS: Final = 200
"""Best-ranked rows that are told, and that teach each other their season."""

HISTORY: Final = 4 * YEAR
"""Weeks to learn from by default; older ones weigh next to nothing."""

_BEFORE_TEST: Final = YEAR + 13
_ORIGINS: Final = 2

Reason = Literal["too_few_looks", "too_few_weeks"]


@dataclass(frozen=True)
class RowForecast:
    """One row's share in the coming weeks, all in [0, 1]."""

    middle: tuple[float, ...]
    low80: tuple[float, ...]
    high80: tuple[float, ...]
    low95: tuple[float, ...]
    high95: tuple[float, ...]


@dataclass(frozen=True)
class TableForecast:
    """The coming weeks of a trend table."""

    learnt: int
    """Weeks, from the first one with a share to the last full one; where those are too few, the
    weeks that have a share."""
    ahead: tuple[date, ...]
    """Mondays; the running week is the first of them."""
    rows: tuple[RowForecast | Reason, ...]
    """For each of the table's first ``MAX_ROWS`` rows."""
    backtest: Backtest | None
    """None: less than a year and a quarter before the weeks that would be held back."""


def forecast_table(table: TrendTable, horizon: int) -> TableForecast:
    """Return the ``horizon`` weeks after the table's last full one."""
    full = len(table.weeks) - int(table.running)
    shares = _shares(table, full)
    told_weeks = np.flatnonzero(~np.isnan(shares).all(axis=0))
    shares = shares[:, told_weeks[0] :] if len(told_weeks) else shares[:, :0]
    if len(told_weeks) < MIN_WEEKS:
        young: Reason = "too_few_weeks"
        return TableForecast(len(told_weeks), (), tuple(young for _ in shares), None)
    enough = np.array([sum(row.looks[:full]) >= MIN_LOOKS for row in table.rows[:MAX_ROWS]])
    told, backtest = _told(shares[enough].tobytes(), int(enough.sum()), horizon)
    ranks = iter(range(len(shares)))
    first = table.weeks[full - 1] + timedelta(weeks=1)
    return TableForecast(
        learnt=shares.shape[1],
        ahead=tuple(first + timedelta(weeks=week) for week in range(horizon)),
        rows=tuple(_row(told, next(ranks)) if one else "too_few_looks" for one in enough),
        backtest=backtest,
    )


@lru_cache(maxsize=16)
def _told(shares: bytes, rows: int, horizon: int) -> tuple[Forecast, Backtest | None]:
    """Return the forecast of ``shares``; the same table is asked for page by page."""
    if rows == 0:
        nothing = np.empty((0, horizon))
        return Forecast(nothing, nothing, nothing, nothing, nothing, np.empty((3, 0))), None
    values = np.frombuffer(shares).reshape(rows, -1)
    held = min(horizon, values.shape[1] - _BEFORE_TEST)
    backtest = run_backtest(values, held, origins=_ORIGINS) if held > 0 else None
    return forecast(values, horizon), backtest


def _shares(table: TrendTable, full: int) -> Values:
    """Return rows x full weeks; NaN for a week that tells no share."""
    totals = np.array(table.totals[:full], dtype=float)
    totals[totals < MIN_WEEK_LOOKS] = np.nan
    rows = table.rows[:MAX_ROWS]
    looks = np.array([row.looks[:full] for row in rows], dtype=float)
    shares: Values = looks.reshape(len(rows), full) / totals
    return shares


def _row(told: Forecast, index: int) -> RowForecast:
    bounds = (told.middle, told.low80, told.high80, told.low95, told.high95)
    return RowForecast(*(tuple(np.minimum(values[index], 1.0).tolist()) for values in bounds))
