"""The forecast: members mixed by weight, with intervals."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from shared.forecast.intervals import bounds
from shared.forecast.members import predict_each
from shared.forecast.scaling import Scaling
from shared.forecast.values import YEAR, Values
from shared.forecast.weighing import Trial, hold_trials, weigh

_LEAST: Final = 1e-100
"""What changes by less does not change: a division by it would overflow."""
LEVELS: Final = (0.8, 0.95)


@dataclass(frozen=True)
class Forecast:
    """The coming weeks; every array is series x weeks unless it says else."""

    middle: Values
    """As likely to be passed as not; NaN for a series without any value."""
    low80: Values
    high80: Values
    low95: Values
    high95: Values
    """The intervals; NaN where the history is too short to tell (no trial was possible)."""
    weights: Values
    """Members (``members.MEMBERS``) x series; each series' sum is 1."""


def forecast(values: Values, horizon: int) -> Forecast:
    """Return the ``horizon`` weeks (1 to 260) that follow ``values``.

    Args:
        values: series x weeks, oldest first, evenly spaced; NaN for a gap. Series help each other
            where they are many, so give those that belong together at once.
        horizon: weeks ahead.
    """
    values = np.asarray(values, dtype=np.float64)
    trials = hold_trials(values, horizon)
    weights = weigh(trials, scale_of(values))
    middle = _mix(predict_each(values, horizon), weights)
    then = [(_mix(trial.told, weights), trial) for trial in trials]
    low80, high80, low95, high95 = _intervals(middle, then, values)
    return Forecast(middle, low80, high80, low95, high95, weights)


def scale_of(values: Values) -> Values:
    """Return each series' mean absolute change in a year, or else in a week; 1 where none is told.

    With a year's lag this is the denominator of the seasonal MASE.
    """
    scale = np.full(len(values), np.nan)
    for lag in (YEAR, 1):
        changes = np.abs(values[:, lag:] - values[:, :-lag])
        number = (~np.isnan(changes)).sum(axis=1)
        total = np.where(np.isnan(changes), 0.0, changes).sum(axis=1)
        usable = np.isnan(scale) & (total > _LEAST)
        scale[usable] = total[usable] / number[usable]
    return np.where(np.isnan(scale), 1.0, scale)


def _mix(told: Values, weights: Values) -> Values:
    mixed: Values = (told * weights[:, :, None]).sum(axis=0)
    return mixed


def _intervals(
    middle: Values, trials: list[tuple[Values, Trial]], values: Values
) -> tuple[Values, Values, Values, Values]:
    scaling, weeks = Scaling.of(values), values.shape[1]
    (low80, high80), (low95, high95) = (
        bounds(middle, trials, scaling=scaling, level=level, weeks=weeks) for level in LEVELS
    )
    return low80, high80, np.minimum(low95, low80), np.maximum(high95, high80)
