"""The single forecasts that are mixed."""

from __future__ import annotations

from typing import Final

import numpy as np

from shared.forecast import harmonic
from shared.forecast.scaling import Scaling
from shared.forecast.values import YEAR, Values

MEMBERS: Final = ("harmonic", "harmonic with trend", "seasonal naive")
HARMONIC: Final = 0

_TREND_PENALTY: Final = 1.0


def predict_each(values: Values, horizon: int) -> Values:
    """Return members x series x ``horizon``; a series without any value has NaN throughout."""
    level, trend = (
        scaling.undo(harmonic.predict(scaling.apply(values), horizon, trend_penalty=penalty))
        for scaling, penalty in (
            (Scaling.of(values), harmonic.NO_TREND),
            (Scaling.of(values, "root"), _TREND_PENALTY),
        )
    )
    naive = seasonal_naive(values, horizon)
    told = np.stack([level, trend, np.where(np.isnan(naive), level, naive)])
    told[:, np.isnan(values).all(axis=1)] = np.nan
    return told


def seasonal_naive(values: Values, horizon: int) -> Values:
    """Return the same weeks of the last year, over and over; NaN where there are none."""
    missing = np.full((len(values), max(0, YEAR - values.shape[1])), np.nan)
    padded = np.concatenate([missing, values], axis=1)
    repeats = -(-horizon // YEAR)
    again: Values = np.tile(padded[:, -YEAR:], (1, repeats))[:, :horizon]
    return again
