"""Two periods against each other, source by source, for many cells at once.

A cell has ``k`` looks of ``n`` in each source ``s`` and period (1: now, 0: before). A source that
has no looks in one of the periods says nothing about growth and is left out, so a source that is
new, gone or louder than before changes no figure by that.

- *ratio*: Mantel and Haenszel's risk ratio, sum(k1 n0 / N) / sum(k0 n1 / N) with N = n1 + n0; its
  95 % interval by Greenland and Robins' variance of the logarithm (Biometrics 1985).
- *z*: the signed root of the deviance of O = sum(k1) against its expectation under equal shares
  E = sum((k1 + k0) n1 / N), O of O + O0 being binomial: as the Cochran-Mantel-Haenszel test, but
  right in the tail of small counts, where a normal score finds rises too easily. It is divided by
  sqrt(phi (1 - p)): ``phi`` is the cell's overdispersion, ``p`` its share.
- *q*: Benjamini and Hochberg (JRSS B 1995) over all cells looked at.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import erfc, sqrt
from typing import Final

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

Z95: Final = 1.959963984540054
"""Quantile of the normal distribution for 95 %, two-sided."""

_tail = np.vectorize(lambda z: erfc(z / sqrt(2)) / 2, otypes=[np.float64])


@dataclass(frozen=True)
class Contrast:
    """Now against before, for each of C cells; shape (C,) each."""

    ratio: Floats
    """Share now / share before; nan: nothing before."""
    low: Floats
    high: Floats
    """The 95 % interval of ``ratio``."""
    z: Floats
    """Positive: more than before; 0 where nothing can be said."""
    support: Floats
    """Looks of both periods."""


def contrast(
    now: tuple[Floats, Floats], before: tuple[Floats, Floats], *, phi: Floats, expected: Floats
) -> Contrast:
    """Compare ``now`` with ``before``, each (looks (C, S), all looks (C, S) or (S,)).

    ``phi`` (C,) is the overdispersion, at least 1. ``expected`` (C,) is the ratio that is no
    growth at all: 1, or what the season alone would do.
    """
    there = (now[1] > 0) & (before[1] > 0)
    k1, k0 = np.where(there, now[0], 0.0), np.where(there, before[0], 0.0)
    # Sources that say nothing keep some looks, and no weight, so that nothing divides by zero.
    n1, n0 = np.where(there, now[1], 1.0), np.where(there, before[1], 1.0)
    both, total = k1 + k0, n1 + n0
    up, down = (k1 * n0 / total).sum(1), (k0 * n1 / total).sum(1)
    with np.errstate(divide="ignore", invalid="ignore"):
        spread = ((both * n1 * n0 - k1 * k0 * total) / total**2).sum(1) / (up * down)
        ratio = np.where(down > 0, up / down, np.nan)
        reach = np.exp(Z95 * np.sqrt(np.maximum(spread, 0) * phi))
        share = np.nan_to_num(both.sum(1) / np.where(there, total, 0.0).sum(-1))
    odds = expected[:, None] * n1 / n0
    return Contrast(
        ratio=ratio,
        low=np.where(np.isfinite(reach), ratio / np.where(np.isfinite(reach), reach, 1.0), 0.0),
        high=np.where(np.isfinite(reach), ratio * np.where(np.isfinite(reach), reach, 1.0), np.inf),
        z=_signed_root(k1.sum(1), both, odds=odds, scale=phi * np.maximum(1 - share, 0.05)),
        support=both.sum(1),
    )


def _signed_root(observed: Floats, both: Floats, *, odds: Floats, scale: Floats) -> Floats:
    """Return z of ``observed`` (C,) out of ``both`` (C, S), at these odds by source."""
    total = both.sum(1)
    expected = (both * (odds / (1 + odds))).sum(1)
    deviance = _entropy(observed, expected) + _entropy(total - observed, total - expected)
    root: Floats = np.sign(observed - expected) * np.sqrt(2 * np.maximum(deviance, 0) / scale)
    return root


def _entropy(observed: Floats, expected: Floats) -> Floats:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(observed > 0, observed * np.log(observed / expected), 0.0)


def tail(z: Floats) -> Floats:
    """Return the probability that a standard normal exceeds ``z``."""
    return np.asarray(_tail(z), np.float64) if z.size else z


def two_sided(z: Floats) -> Floats:
    """Return the p-value of ``z`` in either direction."""
    return np.minimum(1.0, 2 * tail(np.abs(z)))


def q_values(p: Floats) -> Floats:
    """Return Benjamini and Hochberg's adjusted p-values; nan (not looked at) stays nan."""
    q = np.full_like(p, np.nan)
    looked = np.flatnonzero(~np.isnan(p))
    if looked.size:
        order = looked[np.argsort(p[looked])]
        steps = p[order] * looked.size / np.arange(1, looked.size + 1)
        q[order] = np.minimum(1.0, np.minimum.accumulate(steps[::-1])[::-1])
    return q
