"""What the analytics say of a made-up market, week by week, against what was planted."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from shared.analytics.movement import movement
from tests.samples.market import FIRST, WEEKS, Truth, make_market, tally

WITHIN = 3
"""Weeks in which a rise is to be found: the one it begins in is the first."""


@dataclass(frozen=True)
class Verdict:
    """One market, judged as of each of its last 16 weeks."""

    planted: int
    """Cells that rise."""
    hits: int
    """Of them, those that were found within ``WITHIN`` weeks."""
    found: int
    """Cells that were said to rise in any week."""
    false: Counter[str]
    """Of them, those that do not or not yet, by what was planted there instead."""
    falls: int
    fall_hits: int
    false_falls: int
    seasons: int
    season_hits: int
    false_seasons: int

    @property
    def false_rate(self) -> float:
        """Part of the found cells that do not rise."""
        return sum(self.false.values()) / max(1, self.found)


def judge(seed: int) -> Verdict:
    """Return the verdict on the market of ``seed``."""
    posts, truth = make_market(seed)
    looks, totals = tally(posts)
    said: dict[str, dict[int, list[int]]] = {"up": {}, "falling": {}, "seasonal": {}}
    for week in range(FIRST, WEEKS):
        stages = movement(looks[:, :, : week + 1], totals[:, : week + 1]).stage
        for cell, stage in enumerate(stages):
            kind = "up" if stage in ("rising", "emerging") else str(stage)
            if kind in said:
                said[kind].setdefault(cell, []).append(week)
    rising, falling = said["up"], said["falling"]
    wrong = [cell for cell, weeks in rising.items() if weeks[0] < truth.rising.get(cell, WEEKS)]
    return Verdict(
        planted=len(truth.rising),
        hits=_hits(truth.rising, rising),
        found=len(rising),
        false=Counter(_planted(truth, cell) for cell in wrong),
        falls=len(truth.falling),
        fall_hits=_hits(truth.falling, falling),
        false_falls=sum(w[0] < truth.falling.get(cell, WEEKS) for cell, w in falling.items()),
        seasons=len(truth.seasonal),
        season_hits=len(truth.seasonal & said["seasonal"].keys()),
        false_seasons=len(said["seasonal"].keys() - truth.seasonal),
    )


def _hits(planted: dict[int, int], said: dict[int, list[int]]) -> int:
    return sum(
        any(start <= week < start + WITHIN for week in said.get(cell, ()))
        for cell, start in planted.items()
    )


def _planted(truth: Truth, cell: int) -> str:
    kinds = ("burst", "viral", "busy", "falling", "seasonal", "rising")
    return next((kind for kind in kinds if cell in getattr(truth, kind)), "nothing")
