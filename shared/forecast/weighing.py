"""The members on trial: forecasts as of earlier weeks, and the weights these earn.

A member's error on a series is its mean absolute error over the trials of at least two quarters'
horizon, in units of the series' scale. A few trials of one series say little, so they are joined
by ``_KAPPA`` imagined trials with the mean error of all series. With e relative to the harmonic
member's, the weight is proportional to exp(-handicap - eta * (e - 1)). The trend has a handicap,
because a trend that is none does the greatest harm. Last year's weeks again stand aside where
trials had less than two years: against a season not yet learnt they win without merit.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from shared.forecast.members import HARMONIC, MEMBERS, predict_each
from shared.forecast.values import YEAR, Values

_QUARTER: Final = 13
_ETA: Final = 10.0
_KAPPA: Final = 4.0
_HANDICAPS: Final = np.array([0.0, 4.0, 0.0])
_YOUNG_HANDICAPS: Final = np.array([0.0, 4.0, np.inf])
_TWO_YEARS: Final = 2 * YEAR
_LATEST: Final = 4
_SHORTEST: Final = 12
"""Weeks of history that a trial needs."""
_KNOWN: Final = 8
"""Values of a series that a trial of it needs."""


@dataclass(frozen=True)
class Trial:
    """What the members said as of an earlier week, and what came."""

    weeks: int
    """How many were known then."""
    told: Values
    """Members x series x weeks; NaN for a series too young for a trial then."""
    came: Values
    """Series x weeks."""


def hold_trials(values: Values, horizon: int) -> list[Trial]:
    """Return the trials that the history allows, latest first; none for a few weeks."""
    return [_try(values, origin, horizon) for origin in _origins(values.shape[1])]


def weigh(trials: list[Trial], scale: Values) -> Values:
    """Return the weights, members x series, each series' sum is 1; ``scale`` is by series."""
    judged = [trial for trial in trials if trial.came.shape[1] >= 2 * _QUARTER] or trials
    errors = np.full((len(judged), len(MEMBERS), len(scale)), np.nan)
    for index, trial in enumerate(judged):
        misses = np.abs(trial.told - trial.came)
        number = (~np.isnan(misses)).sum(axis=2)
        total = np.where(np.isnan(misses), 0.0, misses).sum(axis=2)
        errors[index] = np.where(number > 0, total / np.maximum(number, 1), np.nan) / scale
    young = any(trial.weeks < _TWO_YEARS for trial in judged)
    return _soften(errors, _YOUNG_HANDICAPS if young else _HANDICAPS)


def _soften(errors: Values, handicaps: Values) -> Values:
    """Return weights of errors, trials x members x series, with NaN where there was no trial."""
    number = (~np.isnan(errors)).sum(axis=0)
    total = np.where(np.isnan(errors), 0.0, errors).sum(axis=0)
    tried = number[HARMONIC] > 0
    relative = np.ones_like(total)
    if tried.any():
        common = (total[:, tried] / number[:, tried]).mean(axis=1, keepdims=True)
        joined = (total + _KAPPA * common) / (number + _KAPPA)
        relative = joined / np.maximum(joined[HARMONIC], 1e-12)
    weights = np.exp(-handicaps[:, None] - _ETA * (relative - 1))
    weights[:, ~tried] = np.eye(len(MEMBERS))[HARMONIC][:, None]
    mixed: Values = weights / weights.sum(axis=0)
    return mixed


def _origins(weeks: int) -> list[int]:
    """Return the weeks as of which trials are held, latest first.

    Two years' worth of quarters where there are two years before them, because a forecast out of
    a shorter history errs more than today's would; else a dozen within the later half.
    """
    if weeks >= _TWO_YEARS + 2 * _QUARTER:
        first, step = max(_TWO_YEARS, weeks - _TWO_YEARS), _QUARTER
    else:
        first, step = max(_SHORTEST, weeks // 2), max(1, weeks // 24)
    latest = min(_LATEST, max(1, weeks // 10))
    return list(range(weeks - latest, first - 1, -step))


def _try(values: Values, origin: int, horizon: int) -> Trial:
    came = values[:, origin : origin + horizon]
    past = values[:, :origin]
    told = predict_each(past, came.shape[1])
    told[:, (~np.isnan(past)).sum(axis=1) < _KNOWN] = np.nan
    return Trial(origin, told, came)
