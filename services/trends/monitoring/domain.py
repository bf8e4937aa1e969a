"""How far two samples differ, and how far forecasts missed; pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import log, nan
from typing import Final

LARGEST_NOISE: Final = 0.05
"""Expected stability index of two samples of one population from which on it says nothing."""

PRIOR: Final = 0.5
"""Added to each bin (Jeffreys' prior), so that an empty one is rare and not impossible."""

MIN_ROWS: Final = 5
"""Rows that a judgement of forecasts needs."""


def psi(now: Sequence[int], before: Sequence[int]) -> float:
    """Return the population stability index of two samples' counts by bin, from 0; NaN: too few.

    PSI = Σ (p - q) · ln(p / q), with p and q each sample's shares (N. Siddiqi, Credit Risk
    Scorecards, 2006; it is the symmetric divergence of S. Kullback and R. A. Leibler, 1951). By
    custom below 0.1 is stable and above 0.25 another population.

    Without any change PSI / (1/N + 1/M) is about chi-squared with B - 1 degrees of freedom (B.
    Yurdakul, Statistical Properties of the Population Stability Index, 2018): where its mean is
    more than ``LARGEST_NOISE`` chance alone could look like drift, and NaN is returned.
    """
    if len(now) != len(before):
        raise ValueError("both samples need the same bins")
    if noise(now, before) > LARGEST_NOISE:
        return nan
    return sum((p - q) * log(p / q) for p, q in zip(_smoothed(now), _smoothed(before), strict=True))


def noise(now: Sequence[int], before: Sequence[int]) -> float:
    """Return the mean index of two such samples of one population; infinite without a sample."""
    if not sum(now) or not sum(before):
        return float("inf")
    return (len(now) - 1) * (1 / sum(now) + 1 / sum(before))


def _smoothed(counts: Sequence[int]) -> list[float]:
    whole = sum(counts) + PRIOR * len(counts)
    return [(count + PRIOR) / whole for count in counts]


@dataclass(frozen=True)
class Outcome:
    """One row's share as it came, and what was said of it before; all in [0, 1]."""

    came: float
    told: float
    low80: float
    high80: float
    naive: float | None
    """The share a year before; None: not known then."""


def error_ratio(outcomes: Sequence[Outcome]) -> float:
    """Return the absolute error of all rows over that of the seasonal naive forecast.

    Below 1 the forecast was better than last year's week again. NaN where fewer than
    ``MIN_ROWS`` rows have a year before, or that forecast was right to the last.
    """
    known = [(one, one.naive) for one in outcomes if one.naive is not None]
    naive_error = sum(abs(naive - one.came) for one, naive in known)
    if len(known) < MIN_ROWS or naive_error == 0:
        return nan
    return sum(abs(one.told - one.came) for one, _ in known) / naive_error


def coverage(outcomes: Sequence[Outcome]) -> float:
    """Return the share of the 80 % intervals that held; NaN with fewer than ``MIN_ROWS`` rows."""
    if len(outcomes) < MIN_ROWS:
        return nan
    return sum(one.low80 <= one.came <= one.high80 for one in outcomes) / len(outcomes)
