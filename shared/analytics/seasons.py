"""What the time of year does to a cell, where two years of weeks or more are known.

The logarithm of the share is a curve (level, slope, bend) plus a season of two waves a year
(Fourier terms, which suit the 52.18 weeks of a year: Hyndman and Athanasopoulos, Forecasting:
Principles and Practice, 12.1) plus a remainder, fitted by least squares with each week weighted
by its looks.

*Strength* is Wang, Smith and Hyndman's (2006): max(0, 1 - Var(remainder) / Var(season +
remainder)), here without the variance that counting alone gives both, or small cells could never
be seasonal and quiet ones always would.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from shared.analytics.contrasts import Bools, Floats, q_values, tail

Places = npt.NDArray[np.intp]

YEAR: Final = 365.25 / 7
"""Weeks of a year."""
MIN_WEEKS: Final = 100
"""Two years, less the weeks that are judged by it."""
MIN_LOOKS: Final = 5.0
"""Looks a week, on average, that a season needs to be seen."""
WAVES: Final = 2
STRONG: Final = 0.64
"""Strength from which a series counts as seasonal, as in the R package tsfeatures."""
CLEAR: Final = 0.05
"""False discovery rate among the seasonal ones."""


@dataclass(frozen=True)
class Seasons:
    """The season of each of C cells."""

    strength: Floats
    """(C,) in [0, 1]; nan: too few weeks or looks to say."""
    clear: Bools
    """(C,) strong, and not by chance."""
    curve: Floats
    """(C, W) the season's part of log share, shrunk by how sure it is; 0 where unknown."""


def seasons(share: Floats, counts: Floats, *, fitted: int, phi: Floats) -> Seasons:
    """Return the seasons of ``share`` (C, W) of ``counts`` (C, W) looks, (C,) overdispersion.

    Only the first ``fitted`` weeks are learnt from, so that what is new cannot pass for a season.
    """
    cells, weeks = share.shape
    known = np.flatnonzero(~np.isnan(share[:, :fitted]).all(0)) if cells else np.zeros(0, np.intp)
    enough = np.nan_to_num(counts[:, known].mean(1) if known.size else 0.0) >= MIN_LOOKS
    if len(known) < MIN_WEEKS or not np.any(enough):
        nothing = np.full(cells, np.nan)
        return Seasons(nothing, np.zeros(cells, bool), np.zeros((cells, weeks)))
    return _fit(share, counts, known=known, enough=np.asarray(enough), phi=phi)


def _fit(share: Floats, counts: Floats, *, known: Places, enough: Bools, phi: Floats) -> Seasons:
    weeks = share.shape[1]
    level, waves = _terms(np.arange(weeks, dtype=float), weeks)
    weight = counts[:, known].sum(0)
    root = np.sqrt(weight / weight.mean())
    # Half a look keeps the logarithm of an empty week finite.
    with np.errstate(divide="ignore", invalid="ignore"):
        n = np.nan_to_num(counts / share, nan=np.inf, posinf=np.inf)
        floor = np.where(np.isfinite(n), 0.5 / n, 1e-4)
        log = np.log(np.nan_to_num(share) + floor)[:, known]
    both = np.hstack([level, waves])
    left, right = both[known] * root[:, None], log * root
    fit = np.linalg.lstsq(left, right.T, rcond=None)[0]
    plain = np.linalg.lstsq(level[known] * root[:, None], right.T, rcond=None)[0]
    season = (waves @ fit[level.shape[1] :]).T
    rest = log - (both[known] @ fit).T
    rest0 = log - (level[known] @ plain).T
    noise = phi / np.maximum(counts[:, known].mean(1), 0.5)
    strength = _strength(rest, season[:, known], noise)
    freedom = len(known) - both.shape[1]
    rss, rss0 = ((rest * root) ** 2).sum(1), ((rest0 * root) ** 2).sum(1)
    f = np.maximum(0.0, (rss0 - rss) / waves.shape[1]) / np.maximum(rss / freedom, 1e-12)
    p = np.where(enough, tail(_normal_of_f(f, waves.shape[1], freedom)), np.nan)
    shrink = np.where(enough, np.maximum(0.0, 1 - 1 / np.maximum(f, 1e-9)), 0.0)
    with np.errstate(invalid="ignore"):
        clear = enough & (strength >= STRONG) & (q_values(p) <= CLEAR)
    return Seasons(np.where(enough, strength, np.nan), clear, season * shrink[:, None])


def _terms(t: Floats, weeks: int) -> tuple[Floats, Floats]:
    """Return the curve's terms (W, 3) and the season's (W, 2 x WAVES)."""
    u = 2 * t / weeks - 1
    level = np.stack([np.ones_like(u), u, u * u], axis=1)
    angles = [2 * np.pi * wave * t / YEAR for wave in range(1, WAVES + 1)]
    waves = np.stack([turn(angle) for angle in angles for turn in (np.sin, np.cos)], axis=1)
    return level, waves


def _strength(rest: Floats, season: Floats, noise: Floats) -> Floats:
    weeks = rest.shape[1]
    # What counting gives the remainder is itself known only so well.
    remainder = np.maximum(rest.var(1) - noise, noise * np.sqrt(2 / weeks))
    swing = np.maximum(0.0, season.var(1) - noise * 2 * WAVES / weeks)
    strength: Floats = swing / np.maximum(swing + remainder, 1e-12)
    return strength


def _normal_of_f(f: Floats, top: int, bottom: int) -> Floats:
    """Return the normal deviate as rare as F(top, bottom): Paulson (1942)."""
    a, b = 2 / (9 * top), 2 / (9 * bottom)
    cube = np.cbrt(f)
    deviate: Floats = ((1 - b) * cube - (1 - a)) / np.sqrt(b * cube**2 + a)
    return deviate
