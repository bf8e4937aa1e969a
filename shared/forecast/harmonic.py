"""Level and yearly season of many series by one ridge regression each, with a common prior.

For week t of a series in standard units (T weeks known, w(t) = exp(-decay * age in years)):

    z(t) = level(t) + trend * u(t) + sum over k of (a_k sin + b_k cos)(2 pi k t / 52) + noise

- level: ramps of a quarter each, penalised alike, flat after the last week; ramps of a month and
  freer where there is no season to tell apart from;
- trend: linear, damped beyond the last week; ``Shape.trend`` penalises it;
- season: 20 harmonics; the k-th is penalised by k^2, so seasons are smooth until data say else.

Where at least 8 series have two years, a second round learns from the first: the mean of the
outer products of their season coefficients joins the prior's covariance (empirical Bayes). A young
series then leans on the seasons that its elders have. Where it has no elders and not seen a year,
it gets no season: a quarter's climb would pass for one.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from shared.forecast.values import YEAR, Values

_HARMONICS: Final = 20
_QUARTER: Final = 13
_MONTH: Final = 4
_QUARTER_PENALTY: Final = 10.0
_MONTH_PENALTY: Final = 1.0
_DECAY: Final = 0.5
_DAMPING_YEARS: Final = 2.0
_TWO_YEARS: Final = 2 * YEAR
_OWN_SEASON: Final = YEAR
_ELDERS: Final = 8
_COMMON: Final = 0.6
"""Share of the common covariance in the prior's, when there are elders."""
_NOISE: Final = 0.1
"""Variance of the noise, which turns penalties into a prior and back."""
_START: Final = 1e-6
"""Where a series starts costs next to nothing."""
NO_TREND: Final = 1e9
"""A trend penalty that leaves none."""


def predict(standard: Values, horizon: int, *, trend_penalty: float) -> Values:
    """Return series x ``horizon`` in standard units for series x weeks with NaN for gaps.

    A series without any value is told as zero, its centre.
    """
    number = (~np.isnan(standard)).sum(axis=1)
    elders = number >= _TWO_YEARS
    seasonal = _seasonal(standard.shape[1], horizon, trend_penalty)
    ahead = np.empty((len(standard), horizon))
    if elders.sum() >= _ELDERS:
        first = seasonal.solve(standard[elders])
        ahead[:] = seasonal.taught_by(first).predict(standard)
        return ahead
    young = number < _OWN_SEASON
    ahead[~young] = seasonal.predict(standard[~young])
    ahead[young] = _plain(standard.shape[1], horizon, trend_penalty).predict(standard[young])
    return ahead


@dataclass(frozen=True)
class _Ridge:
    """A regression on columns of weeks: the known ones, then those ahead."""

    columns: Values
    penalty: Values
    """Columns x columns."""
    known: int
    season: slice
    """Which columns are the season's."""

    def predict(self, standard: Values) -> Values:
        """Return series x weeks ahead."""
        ahead: Values = self.solve(standard) @ self.columns[self.known :].T
        return ahead

    def solve(self, standard: Values) -> Values:
        """Return series x columns; series with the same gaps are solved at once."""
        past = self.columns[: self.known]
        weights = np.exp(-_DECAY * (self.known - 1 - np.arange(self.known)) / YEAR)
        seen = ~np.isnan(standard)
        filled = np.where(seen, standard, 0.0)
        coefficients = np.zeros((len(standard), len(self.penalty)))
        patterns, which = np.unique(seen, axis=0, return_inverse=True)
        for index, pattern in enumerate(patterns):
            same = np.flatnonzero(which.ravel() == index)
            weighted = (past * (weights * pattern)[:, None]).T
            right = weighted @ filled[same].T
            coefficients[same] = np.linalg.solve(weighted @ past + self.penalty, right).T
        return coefficients

    def taught_by(self, coefficients: Values) -> _Ridge:
        """Return the same with the season's penalty that elders' coefficients teach."""
        own = self.penalty[self.season, self.season]
        seasons = coefficients[:, self.season]
        common = seasons.T @ seasons / len(seasons)
        covariance = (1 - _COMMON) * _NOISE * np.linalg.inv(own) + _COMMON * common
        penalty = self.penalty.copy()
        penalty[self.season, self.season] = _NOISE * np.linalg.inv(covariance)
        return replace(self, penalty=penalty)


def _seasonal(weeks: int, horizon: int, trend_penalty: float) -> _Ridge:
    """Return the regression with a season, and a level that moves by quarters."""
    order = np.arange(1, _HARMONICS + 1)
    angles = 2 * np.pi * np.outer(np.arange(weeks + horizon) - weeks, order) / YEAR
    level = _ramps(weeks, horizon, _QUARTER)
    columns = [_trend(weeks, horizon), np.sin(angles), np.cos(angles), level]
    penalty = np.diag(
        np.concatenate(
            [
                (_START, trend_penalty),
                np.tile(order**2.0, 2),
                np.full(level.shape[1], _QUARTER_PENALTY),
            ]
        )
    )
    return _Ridge(np.column_stack(columns), penalty, weeks, slice(2, 2 + 2 * _HARMONICS))


def _plain(weeks: int, horizon: int, trend_penalty: float) -> _Ridge:
    """Return the regression without a season, and a level that moves by months."""
    level = _ramps(weeks, horizon, _MONTH)
    penalty = np.diag([_START, trend_penalty, *[_MONTH_PENALTY] * level.shape[1]])
    return _Ridge(np.column_stack([_trend(weeks, horizon), level]), penalty, weeks, slice(2, 2))


def _trend(weeks: int, horizon: int) -> Values:
    """Return weeks x 2: one, and years from now, ever slower ahead."""
    years = (np.arange(weeks + horizon) - weeks) / YEAR
    slower = _DAMPING_YEARS * (1 - np.exp(-np.maximum(years, 0) / _DAMPING_YEARS))
    return np.column_stack([np.ones(len(years)), np.where(years > 0, slower, years)])


def _ramps(weeks: int, horizon: int, step: int) -> Values:
    """Return weeks x ramps: each climbs from 0 to 1 in ``step`` weeks, the last one until now."""
    starts = np.arange(weeks % step, weeks, step)
    ramps: Values = np.clip((np.arange(weeks + horizon)[:, None] - starts) / step, 0, 1)
    return ramps
