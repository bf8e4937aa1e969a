"""Stretches of weeks of many cells, and one stretch against another; pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from shared.analytics.contrasts import Bools, Contrast, Floats, contrast, q_values, two_sided

MIN_SUPPORT: Final = 20
"""Looks of both stretches without which nothing is said."""
AUTHOR_LOOKS: Final = 3
"""Looks that count of one author in a week and source, at most: the largest cap there may be."""


@dataclass(frozen=True)
class Growth:
    """One horizon, for each of C cells."""

    contrast: Contrast
    q: Floats
    """nan: too few looks to look at."""


@dataclass(frozen=True)
class Periods:
    """Looks (C, S, W) of all looks (S, W), and the overdispersion (C,)."""

    looks: Floats
    totals: Floats
    phi: Floats

    def growth(self, now: tuple[int, int], *, before: tuple[int, int]) -> Growth:
        """Compare two stretches, each (weeks back to its first week, its weeks)."""
        ones = np.ones(len(self.looks))
        found = contrast(self.at(*now), self.at(*before), phi=self.phi, expected=ones)
        looked = (found.support >= MIN_SUPPORT) & np.isfinite(found.ratio)
        return Growth(found, q_values(np.where(looked, two_sided(found.z), np.nan)))

    def at(self, back: int, weeks: int) -> tuple[Floats, Floats]:
        """Return looks (C, S) and all looks (S,) of the weeks that begin ``back`` from the end."""
        here = slice(*self.place(back, weeks))
        return self.looks[:, :, here].sum(2), self.totals[:, here].sum(1)

    def author(self, back: int, weeks: int) -> Floats:
        """Return how many of these looks (C, S) one author of the source can have, at most."""
        here = slice(*self.place(back, weeks))
        most: Floats = np.minimum(self.looks[:, :, here], AUTHOR_LOOKS).sum(2)
        return most

    def calm(self, back: int, weeks: int) -> tuple[Floats, Floats]:
        """Return the same without each cell's largest and smallest week; both (C, S)."""
        here = slice(*self.place(back, weeks))
        looks, totals = self.looks[:, :, here], self.totals[:, here]
        with np.errstate(divide="ignore", invalid="ignore"):
            share = np.nan_to_num(looks.sum(1) / totals.sum(0))
        keep = np.ones_like(share)
        cells = np.arange(len(share))
        keep[cells, share.argmax(1)] = 0.0
        keep[cells, np.where(keep > 0, share, np.inf).argmin(1)] = 0.0
        return (looks * keep[:, None]).sum(2), keep @ totals.T

    def place(self, back: int, weeks: int) -> tuple[int, int]:
        """Return where such a stretch begins and ends; an empty one lies before the first week."""
        length = self.totals.shape[1]
        return max(0, length - back), max(0, length - back + weeks)


@dataclass(frozen=True)
class Against:
    """Some weeks against others before, each (looks (C, S), all looks (C, S) or (S,))."""

    now: tuple[Floats, Floats]
    before: tuple[Floats, Floats]
    expected: Floats
    """(C,) the ratio that is no growth."""
    phi: Floats
    author: Floats
    """(C, S) as many of the looks of ``now`` as one author of that source can have."""

    def z(self) -> Floats:
        """Return z (C,)."""
        return contrast(self.now, self.before, phi=self.phi, expected=self.expected).z

    def usual(self) -> Floats:
        """Return the looks (C, S) of ``now`` if nothing but what is expected had changed."""
        odds = self.expected[:, None] * self.now[1] / np.maximum(self.before[1], 1e-9)
        return (self.now[0] + self.before[0]) * odds / (1 + odds)

    def without_author(self) -> Floats:
        """Return z (C,) without the one author who could speak loudest for a rise.

        Each source's in turn is taken away, from the cell and from all looks; the least z counts.
        An author who has fewer leaves a larger one: whoever it is, what everybody else's looks
        say is at least this, where this is above 0.
        """
        cells, sources = self.author.shape
        taken = (self.author[:, None, :] * np.eye(sources)).reshape(-1, sources)
        looks, totals, k0, n0 = (
            np.repeat(np.broadcast_to(part, self.author.shape), sources, axis=0)
            for part in (*self.now, *self.before)
        )
        phi, expected = (np.repeat(part, sources) for part in (self.phi, self.expected))
        left = contrast((looks - taken, totals - taken), (k0, n0), phi=phi, expected=expected)
        least: Floats = left.z.reshape(cells, sources).min(1)
        return least

    def of(self, cells: Bools) -> Against:
        """Return the same of some cells, chosen by ``cells`` (C,)."""
        now, before = (
            (looks[cells], np.broadcast_to(totals, looks.shape)[cells])
            for looks, totals in (self.now, self.before)
        )
        return Against(
            now, before, self.expected[cells], self.phi[cells], author=self.author[cells]
        )
