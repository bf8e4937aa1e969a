"""How good the forecast was: the whole of it as of earlier weeks, against what came.

The error is the seasonal MASE: mean absolute error over the weeks ahead, divided by the mean
absolute change within a year in the history then known (R. J. Hyndman and A. B. Koehler, IJF
2006; with m = 52 as in E. David, J. Bellot and S. Le Corff's HERMES, arXiv 2202.03224), averaged
over series.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from shared.forecast.combining import Forecast, forecast
from shared.forecast.members import seasonal_naive
from shared.forecast.values import YEAR, Values


@dataclass(frozen=True)
class Backtest:
    """Figures over all origins and the series that could be judged."""

    origins: int
    horizon: int
    series: int
    mase: float
    naive_mase: float
    """Of the seasonal naive forecast, on the same weeks and series."""
    coverage80: float
    """Share of the weeks that the 80 % intervals held."""
    coverage95: float

    @property
    def ratio(self) -> float:
        """``mase / naive_mase``: below 1 the forecast beats last year's weeks again."""
        return self.mase / self.naive_mase


def run_backtest(values: Values, horizon: int, *, origins: int = 1) -> Backtest | None:
    """Return the figures of ``origins`` forecasts, the last ``horizon`` weeks held back and,
    before these, a quarter more each time.

    None: the history is too short, it takes a year and a quarter before the first held week.
    """
    parts = [
        part
        for back in range(origins)
        if (part := _judge(values, values.shape[1] - horizon - 13 * back, horizon)) is not None
    ]
    if not parts:
        return None
    mean = [float(np.mean([figures[index] for figures, _ in parts])) for index in range(4)]
    return Backtest(len(parts), horizon, max(number for _, number in parts), *mean)


def mase(told: Values, came: Values, past: Values) -> Values:
    """Return each series' seasonal MASE; NaN where it has no two weeks a year apart."""
    changes = np.abs(past[:, YEAR:] - past[:, :-YEAR])
    number = (~np.isnan(changes)).sum(axis=1)
    scale = np.where(np.isnan(changes), 0.0, changes).sum(axis=1) / np.maximum(number, 1)
    misses = np.abs(told - came)
    weeks = (~np.isnan(misses)).sum(axis=1)
    error = np.where(np.isnan(misses), 0.0, misses).sum(axis=1) / np.maximum(weeks, 1)
    usable = (scale > 0) & (weeks > 0)
    return np.where(usable, error / np.where(usable, scale, 1.0), np.nan)


def coverage(low: Values, high: Values, came: Values) -> float:
    """Return the share of the known values of ``came`` within the bounds."""
    known = ~np.isnan(came) & ~np.isnan(low)
    return float(((low <= came) & (came <= high))[known].mean()) if known.any() else float("nan")


def _judge(
    values: Values, origin: int, horizon: int
) -> tuple[tuple[float, float, float, float], int] | None:
    if origin < YEAR + 13:
        return None
    past, came = values[:, :origin], values[:, origin : origin + horizon]
    naive = mase(seasonal_naive(past, horizon), came, past)
    usable = ~np.isnan(naive)
    if not usable.any():
        return None
    told: Forecast = forecast(past, horizon)
    figures = (
        float(mase(told.middle, came, past)[usable].mean()),
        float(naive[usable].mean()),
        coverage(told.low80[usable], told.high80[usable], came[usable]),
        coverage(told.low95[usable], told.high95[usable], came[usable]),
    )
    return figures, int(usable.sum())
