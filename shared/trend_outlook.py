"""What the weeks of one cell say: its growth, stage, season, and what the most liked authors wear.

``analytics/movement.py`` and ``analytics/contrasts.py`` have the formulas; here they are told of
one row at a time, with None where there are too few looks to say. Pure.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite
from typing import Final

import numpy as np

from shared.analytics.contrasts import Floats, contrast, q_values, tail
from shared.analytics.movement import Movement
from shared.analytics.periods import MIN_SUPPORT
from shared.analytics.shares import wilson

EARLY_WEEKS: Final = 4
"""Whole weeks that the early signal is told from."""

Counted = tuple[Floats, Floats]
"""Looks (C, S) of C cells in S sources, and all looks (S,), in some weeks."""


@dataclass(frozen=True)
class Growth:
    """A share against an earlier one, whatever the sources' mix."""

    value: float
    """Share now / share before - 1, in [-1, inf)."""
    low: float
    high: float | None
    """The 95 % interval of ``value``; None: no upper bound."""
    q_value: float
    """False discovery rate at which it counts as a change, over all rows."""


@dataclass(frozen=True)
class Early:
    """What the authors wear whose posts are liked most, in the last four whole weeks."""

    share: float
    """Of their looks."""
    lift: float | None
    """Their share / everybody else's; None: nobody else wears it."""
    q_value: float | None
    """Of their share being higher than everybody else's; None: too few looks."""


@dataclass(frozen=True)
class Figures:
    """What the weeks of one cell say, as of the last whole week."""

    interval: tuple[float, float]
    """The 95 % interval of the row's share over the window."""
    phi: float
    """Overdispersion of the row's shares from week to week, at least 1."""
    adjusted_share: float | None
    """Share of the last whole week at the fixed mix of sources; None: no looks."""
    adjusted_interval: tuple[float, float] | None
    growth_wow: Growth | None
    growth_4w: Growth | None
    growth_yoy: Growth | None
    """None: too few looks, or too few weeks."""
    q_value: float | None
    """False discovery rate at which the cell moves at all; None: too few looks."""
    stage: str | None
    """One of ``analytics.movement.STAGES``; None: too few looks."""
    support: int
    """Looks in the weeks that ``q_value`` compares."""
    one_source: bool
    """It moves, but in one source alone: no trend."""
    seasonality: float | None
    """Strength of the season in [0, 1]; None: less than two years, or too few looks."""
    early: Early | None
    """None: no likes are known, or the table is told by something else than item and colour."""


@dataclass(frozen=True)
class Outlook:
    """What is known of all rows, as arrays."""

    moved: Movement
    interval: list[tuple[float, float]]
    adjusted: list[tuple[float, float]]
    early: list[Early | None]

    def of(self, at: int) -> Figures:
        """Return what is known of one row."""
        moved = self.moved
        adjusted = _known(moved.share[at])
        return Figures(
            interval=self.interval[at],
            phi=float(moved.phi[at]),
            adjusted_share=adjusted,
            adjusted_interval=None if adjusted is None else self.adjusted[at],
            growth_wow=_growth(moved, "wow", at),
            growth_4w=_growth(moved, "4w", at),
            growth_yoy=_growth(moved, "yoy", at),
            q_value=_known(moved.q[at]),
            stage=moved.stage[at],
            support=int(moved.support[at]),
            one_source=bool(moved.one_source[at]),
            seasonality=_known(moved.seasonality[at]),
            early=self.early[at],
        )


def _growth(moved: Movement, horizon: str, at: int) -> Growth | None:
    found, q = moved.growth[horizon].contrast, _known(moved.growth[horizon].q[at])
    if q is None:
        return None
    high = float(found.high[at])
    return Growth(
        value=float(found.ratio[at]) - 1,
        low=float(found.low[at]) - 1,
        high=high - 1 if isfinite(high) else None,
        q_value=q,
    )


def early_signals(leaders: Counted | None, every: Counted) -> list[Early | None]:
    """Return each cell's early signal: the most liked authors' looks against everybody else's."""
    cells = len(every[0])
    if leaders is None or not leaders[1].any():
        return [None] * cells
    ones = np.ones(cells)
    others = every[0] - leaders[0], every[1] - leaders[1]
    found = contrast(leaders, others, phi=ones, expected=ones)
    q = q_values(np.where(found.support >= MIN_SUPPORT, tail(found.z), np.nan))
    share = leaders[0].sum(1) / leaders[1].sum()
    return [
        Early(share=float(share[at]), lift=_known(found.ratio[at]), q_value=_known(q[at]))
        for at in range(cells)
    ]


def bounds(share: Floats, looks: Floats) -> list[tuple[float, float]]:
    """Return Wilson's 95 % interval of each share of as many looks."""
    low, high = wilson(share, looks)
    return list(zip(low.tolist(), high.tolist(), strict=True))


def _known(value: float) -> float | None:
    return float(value) if isfinite(value) else None
