"""How long a forecast takes, and how it stands against its peers on series of your own.

    python -m tests.benchmarks.forecast [SERIES.csv]

Prints the seconds of 100 series of 209 weeks, 52 weeks ahead, without and with gaps and beside
statsforecast's ETS (the bench extra); and with a CSV of real series the table of
``mapsi evaluate forecast`` and what young series gain by borrowing the others' seasons.
"""

from __future__ import annotations

import sys
import time
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from services.trends.forecast.evaluate import report
from services.trends.forecast.series_file import read_series
from shared.forecast import Values, forecast
from shared.forecast.backtest import coverage, mase

HORIZON = 52
WEEKS = 209


def shares(series: int = 100, weeks: int = WEEKS) -> Values:
    """Return made-up shares with a season, a level that wanders, and noise."""
    random = np.random.default_rng(1)
    phase = random.uniform(0, 52, (series, 1))
    season = 0.6 * np.sin(2 * np.pi * (np.arange(weeks) - phase) / 52)
    level = np.cumsum(random.normal(0, 0.03, (series, weeks)), axis=1)
    return 0.02 * np.exp(season + level + random.normal(0, 0.2, (series, weeks)))


def timed(values: Values) -> float:
    """Return the seconds of one forecast with its intervals."""
    started = time.perf_counter()
    forecast(values, HORIZON)
    return time.perf_counter() - started


def peer(values: Values) -> float:
    """Return the seconds that statsforecast's MSTL + AutoETS takes for the middle alone."""
    from statsforecast.models import MSTL, AutoETS

    started = time.perf_counter()
    for series in values:
        MSTL(52, trend_forecaster=AutoETS(model="ZZN")).forecast(y=series, h=HORIZON)
    return time.perf_counter() - started


def young(values: Values, weeks: int) -> tuple[float, float, float]:
    """Return the mean MASE of every second series told from its last ``weeks``: with the others'
    seasons, alone, and told from its whole history.
    """
    figures = []
    for end in (values.shape[1] - back - HORIZON for back in (0, 12, 24)):
        past, came = values[:, :end], values[:, end : end + HORIZON]
        cut = past.copy()
        cut[::2, : end - weeks] = np.nan
        told = (cut, past[::2, end - weeks :], past)
        picked = (slice(None, None, 2), slice(None), slice(None, None, 2))
        figures.append(
            [
                np.nanmean(mase(forecast(known, HORIZON).middle[at], came[::2], past[::2]))
                for known, at in zip(told, picked, strict=True)
            ]
        )
    borrowed, alone, whole = np.mean(figures, axis=0)
    return float(borrowed), float(alone), float(whole)


def held(values: Values, weeks: int, horizon: int = 12) -> tuple[float, float]:
    """Return the shares of the weeks ahead that 80 % and 95 % intervals held, over origins a
    quarter and a bit apart, of all series told from their last ``weeks``.
    """
    ends = range(values.shape[1] - horizon - 7, max(weeks, 99), -15)
    figures = []
    for end in ends:
        told, came = forecast(values[:, end - weeks : end], horizon), values[:, end : end + horizon]
        bounds = ((told.low80, told.high80), (told.low95, told.high95))
        figures.append([coverage(low, high, came) for low, high in bounds])
    inner, outer = np.mean(figures, axis=0)
    return float(inner), float(outer)


def main() -> None:
    """Print all figures."""
    values = shares()
    gaps = np.where(np.random.default_rng(2).random(values.shape) < 0.1, np.nan, values)
    print(f"100 series x {WEEKS} weeks, {HORIZON} ahead: {timed(values):.2f} s")
    print(f"with every tenth week missing at random: {timed(gaps):.2f} s")
    if find_spec("statsforecast"):
        print(f"statsforecast MSTL + AutoETS, no intervals: {peer(values):.1f} s")
    for name in sys.argv[1:]:
        real = read_series(Path(name)).values
        print(*report(real, HORIZON), sep="\n")
        for weeks in (26, 40, 60, 80):
            figures = "  ".join(f"{figure:.3f}" for figure in young(real[:, :-HORIZON], weeks))
            print(f"young, {weeks} weeks: with others, alone, whole history: {figures}")
        for weeks in (14, 20, 30, 45, 60, 85):
            inner, outer = held(real[:, :-HORIZON], weeks)
            print(f"all of {weeks} weeks, 12 ahead: {inner:.0%} and {outer:.0%} held")


if __name__ == "__main__":
    main()
