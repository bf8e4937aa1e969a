"""Weeks ahead: a forecast of weekly series with intervals, and how good such forecasts were.

Pure numpy; the command line, the digest and the gateway call it alike. ``docs/models/forecast.md``
tells how the method was chosen and what it measures. In short:

1. ``scaling``: each series becomes standardised logarithms, so that all speak one language;
2. ``harmonic``: level and smooth yearly season by one ridge regression; the series together say
   which seasons are likely, so that a young series borrows the season of its elders;
3. ``members``: that, the same with a trend, and last year's weeks again (seasonal naive);
4. ``weighing``: the members stand trial at earlier weeks of each series (rolling origins) and are
   mixed by what they did there;
5. ``intervals``: the errors made on trial become the intervals (conformal);
6. ``backtest``: the whole of it, repeated as of earlier weeks, against what then came.
"""

from shared.forecast.backtest import Backtest, run_backtest
from shared.forecast.combining import Forecast, forecast
from shared.forecast.values import MAX_HORIZON, YEAR, Values

__all__ = [
    "MAX_HORIZON",
    "YEAR",
    "Backtest",
    "Forecast",
    "Values",
    "forecast",
    "run_backtest",
]
