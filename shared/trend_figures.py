"""One trend table: what each cell's weeks add up to; pure. All who show it say the same.

Let ``k`` be the looks of a cell in a week and ``n`` all looks of that week that have a garment
and pass the same style and source filter. Then

- share = k / n; no share in a week without looks;
- its 95 % interval is Wilson's, of n / overdispersion looks (``analytics/shares.py``);
- change = share of the window's last week minus share of the week before, in [-1, 1], with the
  95 % interval of R. G. Newcombe's method 10 (Statistics in Medicine 1998), which is made of the
  two Wilson intervals; it is told only where both weeks have ``MIN_WEEK_LOOKS`` looks;
- relative change = share now / share before - 1, only where the cell had at least
  ``MIN_CELL_LOOKS`` looks in the week before;
- growth, stage and the rest: ``trend_outlook.py``, of whole weeks only;
- rank: looks in the window, then looks in the last week, then the names.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from math import sqrt
from typing import Final

from shared.analytics.contrasts import Floats
from shared.analytics.movement import movement
from shared.trend_outlook import EARLY_WEEKS, Counted, Figures, Outlook, bounds, early_signals

MIN_WEEK_LOOKS: Final = 10
"""Looks a week needs before a change is computed from it."""

MIN_CELL_LOOKS: Final = 5
"""Looks a cell needs in the week before for a relative change."""

_Z: Final = 1.959963984540054
"""Quantile of the normal distribution for 95 %, two-sided."""

Values = tuple[str, ...]
"""A row's item, colour, style or source, in the order of the table's ``by``."""


@dataclass(frozen=True)
class Change:
    """A share against the week before."""

    points: float
    """Share now minus share before, in [-1, 1]."""
    low: float
    high: float
    """The 95 % interval of ``points``."""
    relative: float | None
    """Share now / share before - 1; None: too few looks before."""

    @property
    def clear(self) -> bool:
        """True where the interval leaves out zero: chance alone would rarely do this."""
        return self.low > 0 or self.high < 0


@dataclass(frozen=True)
class TrendRow:
    """One cell over the window's weeks."""

    values: Values
    looks: tuple[int, ...]
    """Distinct looks by week, oldest first."""
    total: int
    """Their sum."""
    share: float
    """``total`` of all looks of the window, in [0, 1]."""
    last_share: float | None
    """Share of the last week; None: that week has no looks."""
    last_interval: tuple[float, float] | None
    """The 95 % interval of ``last_share``."""
    change: Change | None
    """Last week against the week before; None: too few looks to say."""
    figures: Figures


@dataclass(frozen=True)
class TrendTable:
    """Weekly looks by the dimensions ``by``, best rank first; without weeks where no look is."""

    by: tuple[str, ...]
    weeks: tuple[date, ...]
    """Mondays, oldest first, without holes."""
    totals: tuple[int, ...]
    """All looks by week."""
    running: bool
    """The last week is not over yet."""
    rows: tuple[TrendRow, ...]


@dataclass(frozen=True)
class History:
    """Counts of C cells in S sources over W weeks, of which the table shows the last."""

    values: tuple[Values, ...]
    weeks: tuple[date, ...]
    """Mondays, oldest first, without holes; at least one before the window, if there is one."""
    looks: Floats
    """(C, S, W)"""
    totals: Floats
    """(S, W) all looks."""


def week_of(moment: datetime) -> date:
    """Return the Monday of the UTC week of an aware datetime."""
    day = moment.astimezone(UTC).date()
    return day - timedelta(days=day.weekday())


def window(last: date, weeks: int) -> tuple[date, ...]:
    """Return ``weeks`` Mondays that end with ``last``, oldest first."""
    return tuple(last - timedelta(weeks=back) for back in range(weeks - 1, -1, -1))


def whole_weeks(weeks: Sequence[date], today: date) -> Sequence[date]:
    """Return ``weeks`` without the last one if it is not over and there are others."""
    running = today < weeks[-1] + timedelta(weeks=1)
    return weeks[:-1] if running and len(weeks) > 1 else weeks


def share_interval(looks: float, total: float, *, phi: float = 1.0) -> tuple[float, float]:
    """Return Wilson's 95 % interval of ``looks / total``; ``total`` is at least 1.

    ``phi`` is the overdispersion, at least 1: so many looks say as much as one of their own.
    """
    share, z2 = looks / total, _Z * _Z
    total /= phi
    centre = (share + z2 / (2 * total)) / (1 + z2 / total)
    half = _Z * sqrt(share * (1 - share) / total + z2 / (4 * total * total)) / (1 + z2 / total)
    # At 0 and 1 the exact bound is the share itself; rounding must not move it past.
    return max(0.0, min(centre - half, share)), min(1.0, max(centre + half, share))


def change_of(now: tuple[int, int], before: tuple[int, int]) -> Change | None:
    """Return the change between two weeks' ``(looks of the cell, all looks)``."""
    if min(now[1], before[1]) < MIN_WEEK_LOOKS:
        return None
    share_now, share_before = now[0] / now[1], before[0] / before[1]
    low_now, high_now = share_interval(*now)
    low_before, high_before = share_interval(*before)
    points = share_now - share_before
    return Change(
        points=points,
        low=points - sqrt((share_now - low_now) ** 2 + (high_before - share_before) ** 2),
        high=points + sqrt((high_now - share_now) ** 2 + (share_before - low_before) ** 2),
        relative=share_now / share_before - 1 if before[0] >= MIN_CELL_LOOKS else None,
    )


def tabulate(
    history: History,
    *,
    by: tuple[str, ...],
    weeks: Sequence[date],
    today: date,
    leaders: Counted | None = None,
) -> TrendTable:
    """Return the table of ``history`` over ``weeks``, which end with its last one.

    ``leaders``: looks (C, S) of all looks (S,) in the last ``EARLY_WEEKS`` whole weeks, of the
    authors whose posts are liked most.
    """
    running = today < weeks[-1] + timedelta(weeks=1)
    whole = len(whole_weeks(history.weeks, today))
    moved = movement(history.looks[:, :, :whole], history.totals[:, :whole])
    by_week = history.looks.sum(1).astype(int)[:, -len(weeks) - 1 :]
    counts, totals = by_week.tolist(), history.totals.sum(0).astype(int)[-len(weeks) - 1 :].tolist()
    every = max(1, sum(totals[-len(weeks) :]))
    recent = slice(max(0, whole - EARLY_WEEKS), whole)
    outlook = Outlook(
        moved,
        interval=bounds(by_week[:, -len(weeks) :].sum(1) / every, every / moved.phi),
        adjusted=bounds(moved.share, moved.worth),
        early=early_signals(
            leaders, (history.looks[:, :, recent].sum(2), history.totals[:, recent].sum(1))
        ),
    )
    rows = [
        _row(values, counts[at], totals, number=len(weeks), figures=outlook.of(at))
        for at, values in enumerate(history.values)
        if any(counts[at][-len(weeks) :])
    ]
    return TrendTable(
        by=by,
        weeks=tuple(weeks),
        totals=tuple(_padded(totals, len(weeks))),
        running=running,
        rows=tuple(sorted(rows, key=_rank)),
    )


def _row(
    values: Values,
    looks: Sequence[int],
    totals: Sequence[int],
    *,
    number: int,
    figures: Figures,
) -> TrendRow:
    counts, every = _padded(looks, number), sum(totals[-number:])
    now = (looks[-1], totals[-1])
    before = (looks[-2], totals[-2]) if len(looks) > 1 else (0, 0)
    return TrendRow(
        values=values,
        looks=tuple(counts),
        total=sum(counts),
        share=sum(counts) / every,
        last_share=now[0] / now[1] if now[1] else None,
        last_interval=share_interval(*now, phi=figures.phi) if now[1] else None,
        change=change_of(now, before),
        figures=figures,
    )


def _padded(counts: Sequence[int], number: int) -> list[int]:
    """Return the last ``number`` weeks; those before the first known week have no looks."""
    shown = list(counts[-number:])
    return [0] * (number - len(shown)) + shown


def _rank(row: TrendRow) -> tuple[int, int, Values]:
    return -row.total, -row.looks[-1], row.values
