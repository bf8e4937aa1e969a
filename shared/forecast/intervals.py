"""Intervals out of the errors made on trial (conformal prediction).

The mixed forecast's errors on trial, in standard units, are divided by each series' own typical
error; their quantiles over all series and over weeks of a similar distance, times the typical
error, stand around the forecast.

Trials come out of shorter histories than today's. From two years on their errors are a little
larger than today's will be; trials of a history of one to two years had not seen a whole year and
erred clearly more; and in the first year they say nothing of the season that is still to come.
``_CORRECTIONS`` makes up for it, as measured on real series cut short. Of a few series the trials
say little about the tails: quantiles are widened as Student's t is against the normal distribution,
with half as many degrees of freedom as there were trials of series.
"""

from __future__ import annotations

from statistics import NormalDist
from typing import Final

import numpy as np

from shared.forecast.scaling import Scaling
from shared.forecast.values import YEAR, Values
from shared.forecast.weighing import Trial

_CORRECTIONS: Final = ((2 * YEAR, 0.95), (YEAR, 0.8), (0, 1.35))
"""From so many weeks of history on, errors on trial count so much; ``docs/models/forecast.md``."""
_KAPPA: Final = 1.0
"""Imagined trials with the typical error of all series."""
_NEAR: Final = 6
"""Weeks to both sides whose errors count for a distance."""
_TINY: Final = 1e-12


def bounds(
    mixed: Values,
    trials: list[tuple[Values, Trial]],
    *,
    scaling: Scaling,
    level: float,
    weeks: int,
) -> tuple[Values, Values]:
    """Return the lower and the upper bound, each series x weeks, around the ``mixed`` forecast.

    ``trials`` are (mixed forecast then, trial) of ``weeks`` of history; with none that tells an
    error the bounds are NaN.
    """
    errors, distance = _errors(trials, scaling)
    if not np.isfinite(errors).any():
        return np.full_like(mixed, np.nan), np.full_like(mixed, np.nan)
    typical = _typical(errors, len(trials))
    relative = errors / typical
    centre = scaling.apply(mixed)
    tails = _quantiles(relative, distance, mixed.shape[1], level)
    correction = next(factor for since, factor in _CORRECTIONS if weeks >= since)
    tails *= correction * _widening(len(trials) * int(np.isfinite(errors).any(axis=1).sum()), level)
    lower, upper = (scaling.undo(centre + typical * tail) for tail in tails)
    return np.minimum(lower, mixed), np.maximum(upper, mixed)


def _widening(trials: int, level: float) -> float:
    """Return about t / z of the tails; the first term of Cornish and Fisher's expansion."""
    z = NormalDist().inv_cdf((1 + level) / 2)
    return 1 + (z * z + 1) / (2 * trials)


def _errors(trials: list[tuple[Values, Trial]], scaling: Scaling) -> tuple[Values, Values]:
    """Return errors, series x all trials' weeks, and how far ahead each week was."""
    if not trials:
        return np.full((len(scaling.centre), 0), np.nan), np.zeros(0)
    errors = [scaling.apply(trial.came) - scaling.apply(then) for then, trial in trials]
    distance = [np.arange(trial.came.shape[1], dtype=float) for _, trial in trials]
    return np.concatenate(errors, axis=1), np.concatenate(distance)


def _typical(errors: Values, trials: int) -> Values:
    """Return each series' mean absolute error, drawn towards the geometric mean of all."""
    known = np.isfinite(errors)
    number = known.sum(axis=1, keepdims=True)
    total = np.where(known, np.abs(errors), 0.0).sum(axis=1, keepdims=True)
    logs = np.log(np.maximum(total / np.maximum(number, 1), _TINY))
    common = logs[number > 0].mean()
    # A series with gaps or a late start had a part of the trials.
    held = trials * number / max(int(number.max()), 1)
    typical: Values = np.exp((held * logs + _KAPPA * common) / (held + _KAPPA))
    return typical


def _quantiles(relative: Values, distance: Values, horizon: int, level: float) -> Values:
    """Return 2 x ``horizon``: the tails' quantiles by distance; beyond the trials they widen."""
    told = distance[np.isfinite(relative).any(axis=0)]
    farthest = told.max()
    tails = np.empty((2, horizon))
    for week in range(horizon):
        centre = min(week, max(farthest - _NEAR, 0))
        # Series with long gaps may have no error within reach: then the nearest ones speak.
        reach = max(_NEAR, np.abs(told - centre).min())
        sample = relative[:, np.abs(distance - centre) <= reach]
        tails[:, week] = np.quantile(
            sample[np.isfinite(sample)], [(1 - level) / 2, (1 + level) / 2]
        )
        # A level that wanders is off by the square root of the distance.
        tails[:, week] *= np.sqrt(max(1.0, (week + 1) / (farthest + 1)))
    return tails
