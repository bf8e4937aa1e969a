"""Shares: intervals, a fixed mix of sources, and how much more than chance weeks differ."""

from __future__ import annotations

from typing import Final

import numpy as np

from shared.analytics.contrasts import Z95, Floats

PRIOR_WEEKS: Final = 20.0
"""What all cells together say of overdispersion weighs as much as so many weeks of the cell."""
MIN_STEPS: Final = 4
WILD: Final = 4.0


def wilson(share: Floats, n: Floats) -> tuple[Floats, Floats]:
    """Return Wilson's 95 % interval (JASA 1927) of shares of ``n`` looks, nan where n is 0.

    ``n`` may be an effective number: fewer than there are where looks come in clusters.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        z2 = Z95 * Z95 / n
        centre = (share + z2 / 2) / (1 + z2)
        half = np.sqrt(share * (1 - share) * z2 + z2 * z2 / 4) / (1 + z2)
    # At 0 and 1 the exact bound is the share itself; rounding must not move it past.
    low = np.maximum(0.0, np.minimum(centre - half, share))
    return low, np.minimum(1.0, np.maximum(centre + half, share))


def source_weights(totals: Floats) -> Floats:
    """Return the fixed mix: each source's part of all looks, of ``totals`` (S, W)."""
    every = totals.sum()
    parts: Floats = totals.sum(1) / (every if every else 1.0)
    return parts


def standardized(looks: Floats, totals: Floats, *, weights: Floats) -> tuple[Floats, Floats]:
    """Return shares at a fixed mix of sources, and the looks they are worth; (C, W) each.

    Direct standardisation: sum over sources of weight x k / n, the weights of the sources that
    have looks in a week made to add up to 1. The effective number is share (1 - share) / variance:
    Wilson's interval of it is the standardised share's. nan: a week without looks.
    """
    there = totals > 0
    mix = np.where(there, weights[:, None], 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        mix = mix / mix.sum(0)
        part = np.where(there, looks / totals, 0.0)
        share = (mix * part).sum(1)
        # A cell never seen in a source has no variance there: that of half a look instead.
        safe = np.where(there, np.clip(part, 0.5 / totals, 1 - 0.5 / totals), 0.0)
        variance = (mix**2 * safe * (1 - safe) / np.where(there, totals, 1.0)).sum(1)
        middle = np.where(there, mix * safe, 0.0).sum(1)
        worth = middle * (1 - middle) / variance
    empty = ~there.any(0)
    share[:, empty], worth[:, empty] = np.nan, 0.0
    return share, np.where(np.isfinite(worth), worth, totals.sum(0))


def overdispersion(looks: Floats, totals: Floats) -> Floats:
    """Return how much more than chance each cell's weeks differ, (C,), at least 1.

    ``looks`` (C, S, W), ``totals`` (S, W). Chance alone gives d = (O - E) / sqrt(V) of each week a
    variance of 1; half the mean square of the steps from week to week estimates it and hardly
    sees a slow rise (von Neumann, 1941). Cells lend each other strength: weather and fashion move
    all shares by about the same part, which gives 1 + m x a common factor (m: looks a week, as in
    the negative binomial), and that weighs as much as ``PRIOR_WEEKS`` weeks of the cell.
    """
    steps = totals.shape[1] - 1
    if steps < MIN_STEPS:
        return np.ones(len(looks))
    with np.errstate(divide="ignore", invalid="ignore"):
        part = np.nan_to_num(looks.sum(2) / totals.sum(1))[:, :, None]
    expected = (part * totals).sum(1)
    variance = (part * (1 - part) * totals).sum(1)
    with np.errstate(divide="ignore", invalid="ignore"):
        d = np.where(variance > 0, (looks.sum(1) - expected) / np.sqrt(variance), 0.0)
    own = (np.diff(d, axis=1) ** 2).sum(1) / (2 * steps)
    weekly = looks.sum((1, 2)) / totals.shape[1]
    typical = np.minimum(own, WILD)  # one burst must not speak for all cells
    common = max(0.0, float((weekly * (typical - 1)).sum() / max((weekly**2).sum(), 1e-9)))
    prior = 1 + common * weekly
    found: Floats = np.maximum(1.0, (PRIOR_WEEKS * prior + steps * own) / (PRIOR_WEEKS + steps))
    return found
