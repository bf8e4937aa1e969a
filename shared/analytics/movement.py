"""Which cells rise or fall: growth over three horizons, and the stage each cell is in.

Weeks are whole ones; the last is ``t``.

- *growth*: the last week against the one before (``wow``), the last four against the four before
  (``4w``), the last four against the same four a year (52 weeks) earlier (``yoy``).
- *movement*: the last three weeks against the (up to) twenty before them, less the largest and the
  smallest of these, as the season alone would have it. Both directions of all cells are looked at
  together: q <= 0.02 is a movement, if it stands three tests more:
  - without the week that speaks loudest for it, the other two still say so at p <= 0.01: one wild
    week, a burst of spam say, proves nothing;
  - without the source that speaks loudest for it, the others, where they are enough to tell (5
    looks expected), still say so at p <= 0.05: one source is not the market;
  - a rise is more than one author's. Of an author's looks three a week and source count. Whichever
    source these are taken away from, in every week that is looked at, the three weeks still say so
    at p <= 0.001, and those without the loudest at p <= 0.1. So a cell in which one author posts
    all day rises as seldom as chance alone passes that test on everybody else's looks.

Stages, the first that fits:

- ``emerging``: rises from a share below 1 % (or nothing);
- ``rising``, ``falling``: moves;
- ``seasonal``: has a clear season (``seasons.py``), which explains how it moves now;
- ``peak``: does not rise any more, is within 10 % of its highest four weeks of the last 52, and
  clearly above its share half a year ago;
- ``steady``: none of these. No stage where there are too few looks to say (``MIN_SUPPORT`` in the
  weeks compared).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from shared.analytics.contrasts import (
    Bools,
    Floats,
    contrast,
    q_values,
    tail,
    two_sided,
)
from shared.analytics.periods import MIN_SUPPORT, Against, Growth, Periods
from shared.analytics.seasons import Seasons, seasons
from shared.analytics.shares import overdispersion, source_weights, standardized

RECENT: Final = 3
BASE: Final = 20
MIN_BASE: Final = 4
"""Weeks before the recent ones that a movement needs."""
HALF_YEAR: Final = 26
YEAR_WEEKS: Final = 52
HISTORY: Final = 3 * YEAR_WEEKS + 4
"""Weeks that are looked at, at most."""
Q: Final = 0.02
"""Less than the usual 0.05, since the table is looked at anew every week."""
EMERGING: Final = 0.01
NEAR_TOP: Final = 0.9
CLEARLY_UP: Final = 1.25
MIN_REST: Final = 5.0
LASTS: Final = 0.01
SPREADS: Final = 0.05
PEOPLE: Final = 0.001
PEOPLE_LAST: Final = 0.1

STAGES: Final = ("emerging", "rising", "peak", "falling", "steady", "seasonal")
STAGE_LABELS: Final = {
    "emerging": {"en": "emerging", "ko": "부상"},
    "rising": {"en": "rising", "ko": "상승"},
    "peak": {"en": "peak", "ko": "정점"},
    "falling": {"en": "falling", "ko": "하락"},
    "steady": {"en": "steady", "ko": "유지"},
    "seasonal": {"en": "seasonal", "ko": "계절"},
}


@dataclass(frozen=True)
class Movement:
    """What can be said of C cells in the last whole week."""

    share: Floats
    """(C,) of that week, at the fixed mix of sources; nan: no looks."""
    worth: Floats
    """(C,) effective looks behind it."""
    phi: Floats
    """(C,) overdispersion."""
    growth: dict[str, Growth]
    """By ``wow``, ``4w`` and ``yoy``."""
    q: Floats
    """(C,) of moving at all; nan: not looked at."""
    support: Floats
    """(C,) looks in the weeks compared."""
    one_source: Bools
    """(C,) moves, but in one source alone."""
    seasonality: Floats
    """(C,) strength; nan: not known."""
    stage: tuple[str | None, ...]


def movement(looks: Floats, totals: Floats) -> Movement:
    """Return what moves, from looks (C, S, W) of ``totals`` (S, W); W >= 1, oldest first."""
    looks, totals = looks[:, :, -HISTORY:], totals[:, -HISTORY:]
    # What is to be judged must not make itself look like noise.
    calm = slice(-HALF_YEAR - RECENT, -RECENT)
    phi = overdispersion(looks[:, :, calm], totals[:, calm])
    weights = source_weights(totals[:, -YEAR_WEEKS:])
    share, worth = standardized(looks, totals, weights=weights)
    fitted = share.shape[1] - RECENT
    season = seasons(share, looks.sum(1), fitted=fitted, phi=phi)
    periods = Periods(looks, totals, phi)
    moves = _moves(periods, season)
    stage = _stages(periods, moves, season=season, share=share)
    return Movement(
        share=share[:, -1],
        worth=worth[:, -1] / phi,
        phi=phi,
        growth={
            "wow": periods.growth((1, 1), before=(2, 1)),
            "4w": periods.growth((4, 4), before=(8, 4)),
            "yoy": periods.growth((4, 4), before=(YEAR_WEEKS + 4, 4)),
        },
        q=moves.q,
        support=moves.support,
        one_source=moves.one_source,
        seasonality=season.strength,
        stage=stage,
    )


@dataclass(frozen=True)
class _Moves:
    q: Floats
    support: Floats
    up: Bools
    down: Bools
    one_source: Bools
    base_share: Floats


def _moves(periods: Periods, season: Seasons) -> _Moves:
    weeks = periods.totals.shape[1]
    base = min(BASE, weeks - RECENT)
    cells = len(periods.looks)
    if base < MIN_BASE:
        no, unknown = np.zeros(cells, bool), np.full(cells, np.nan)
        return _Moves(unknown, periods.looks.sum((1, 2)), no, no, no, unknown)
    before, whole = periods.calm(RECENT + base, base), (RECENT + base, base)
    expected = _season_ratio(season, periods, (RECENT, RECENT), base=whole)
    author = periods.author(RECENT, RECENT)
    recent = Against(periods.at(RECENT, RECENT), before, expected, periods.phi, author=author)
    z = recent.z()
    support = before[0].sum(1) + recent.now[0].sum(1)
    looked = support >= MIN_SUPPORT
    q = q_values(np.where(looked, two_sided(z), np.nan))
    moved, sign = looked & (q <= Q), np.sign(z)
    quieter = _without_week(periods, season, before, whole=whole, sign=sign)
    lasts = tail(sign * quieter.z()) <= LASTS
    alone = moved & lasts & (tail(sign * _without_source(recent, sign)) > SPREADS)  # nan: too few
    there = moved & lasts & ~alone
    with np.errstate(divide="ignore", invalid="ignore"):
        base_share = np.nan_to_num(before[0].sum(1) / before[1].sum(1))
    up = there & (sign > 0)
    up[up] = _people(recent.of(up), quieter.of(up))
    return _Moves(q, support, up, there & (sign < 0), alone, base_share)


def _people(recent: Against, quieter: Against) -> Bools:
    """Answer whether the cells (C,) would have risen without any one author."""
    whole, last = tail(recent.without_author()), tail(quieter.without_author())
    return (whole <= PEOPLE) & (last <= PEOPLE_LAST)


def _without_week(
    periods: Periods,
    season: Seasons,
    before: tuple[Floats, Floats],
    *,
    whole: tuple[int, int],
    sign: Floats,
) -> Against:
    """Return the recent weeks but the one that moved most in the direction ``sign``."""
    backs = range(RECENT, 0, -1)
    weeks = [(*periods.at(back, 1), periods.author(back, 1)) for back in backs]
    ratios = np.stack([_season_ratio(season, periods, (back, 1), base=whole) for back in backs])
    z = [
        contrast(week[:2], before, phi=periods.phi, expected=ratio).z
        for week, ratio in zip(weeks, ratios, strict=True)
    ]
    keep = np.arange(RECENT)[:, None] != np.argmax(sign * z, axis=0)  # (RECENT, C)
    looks = np.einsum("rc,rcs->cs", keep, np.stack([week[0] for week in weeks]))
    totals = np.einsum("rc,rs->cs", keep, np.stack([week[1] for week in weeks]))
    author = np.einsum("rc,rcs->cs", keep, np.stack([week[2] for week in weeks]))
    expected = (keep * ratios).sum(0) / (RECENT - 1)
    return Against((looks, totals), before, expected, periods.phi, author=author)


def _season_ratio(
    season: Seasons, periods: Periods, now: tuple[int, int], *, base: tuple[int, int]
) -> Floats:
    """Return by how much the season alone changes the share between two stretches."""
    one, other = (np.exp(season.curve[:, slice(*periods.place(*at))]).mean(1) for at in (now, base))
    ratio: Floats = one / other
    return ratio


def _without_source(recent: Against, sign: Floats) -> Floats:
    """Return z (C,) of all sources but the one that moved most; nan: too few looks to tell."""
    now, before, usual = recent.now, recent.before, recent.usual()
    keep = np.arange(usual.shape[1]) != np.argmax(sign[:, None] * (now[0] - usual), axis=1)[:, None]
    rest = replace(
        recent, now=(now[0] * keep, now[1] * keep), before=(before[0] * keep, before[1] * keep)
    )
    return np.where((usual * keep).sum(1) >= MIN_REST, rest.z(), np.nan)


def _stages(
    periods: Periods, moves: _Moves, *, season: Seasons, share: Floats
) -> tuple[str | None, ...]:
    at_peak = _at_peak(periods, share)
    stages: list[str | None] = []
    for cell in range(len(share)):
        if np.isnan(moves.q[cell]):
            stages.append(None)
        elif moves.up[cell]:
            stages.append("emerging" if moves.base_share[cell] < EMERGING else "rising")
        elif moves.down[cell]:
            stages.append("falling")
        elif season.clear[cell]:
            stages.append("seasonal")
        else:
            stages.append("peak" if at_peak[cell] else "steady")
    return tuple(stages)


def _at_peak(periods: Periods, share: Floats) -> Bools:
    """Answer whether each cell is near its highest four weeks of a year, and came up to there."""
    year = share[:, -YEAR_WEEKS:]
    if year.shape[1] < HALF_YEAR + 4:
        return np.zeros(len(share), bool)
    filled = np.cumsum(np.nan_to_num(year), axis=1)
    means = (filled[:, 4:] - filled[:, :-4]) / 4
    half_a_year = periods.growth((4, 4), before=(HALF_YEAR + 4, 4))
    up = (half_a_year.q <= Q) & (half_a_year.contrast.ratio >= CLEARLY_UP)
    near: Bools = means[:, -1] >= NEAR_TOP * means.max(1)
    return near & up
