"""The trend's formulas, pure: the trend table and the gateway say the same numbers.

Let ``k`` be the looks of a cell in a week and ``n`` all looks of that week that have a garment
and pass the same style and source filter (the cell ``ALL, ALL``). Then

- share = k / n; no share in a week without looks;
- its 95 % interval is Wilson's (E. B. Wilson, JASA 1927);
- change = share of the window's last week minus share of the week before, in [-1, 1], with the
  95 % interval of R. G. Newcombe's method 10 (Statistics in Medicine 1998), which is made of the
  two Wilson intervals; it is told only where both weeks have ``MIN_WEEK_LOOKS`` looks;
- relative change = share now / share before - 1, only where the cell had at least
  ``MIN_CELL_LOOKS`` looks in the week before;
- rank: looks in the window, then looks in the last week, then the names.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from math import sqrt
from typing import Final

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


def week_of(moment: datetime) -> date:
    """Return the Monday of the UTC week of an aware datetime."""
    day = moment.astimezone(UTC).date()
    return day - timedelta(days=day.weekday())


def window(last: date, weeks: int) -> tuple[date, ...]:
    """Return ``weeks`` Mondays that end with ``last``, oldest first."""
    return tuple(last - timedelta(weeks=back) for back in range(weeks - 1, -1, -1))


def share_interval(looks: int, total: int) -> tuple[float, float]:
    """Return Wilson's 95 % interval of ``looks / total``; ``total`` is at least 1."""
    share, z2 = looks / total, _Z * _Z
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
    cells: Mapping[Values, Mapping[date, int]],
    totals: Mapping[date, int],
    *,
    by: tuple[str, ...],
    weeks: Sequence[date],
    today: date,
) -> TrendTable:
    """Return the table of ``cells`` (looks by week) over ``weeks``.

    Weeks missing in ``cells`` and ``totals`` have no looks. The week before ``weeks`` is read
    too where the window is a single week, for its change.
    """
    rows = [
        _row(values, looks, totals, weeks)
        for values, looks in cells.items()
        if any(looks.get(week) for week in weeks)
    ]
    return TrendTable(
        by=by,
        weeks=tuple(weeks),
        totals=tuple(totals.get(week, 0) for week in weeks),
        running=today < weeks[-1] + timedelta(weeks=1),
        rows=tuple(sorted(rows, key=_rank)),
    )


def _row(
    values: Values, looks: Mapping[date, int], totals: Mapping[date, int], weeks: Sequence[date]
) -> TrendRow:
    last, before = weeks[-1], weeks[-1] - timedelta(weeks=1)
    counts = tuple(looks.get(week, 0) for week in weeks)
    now = (looks.get(last, 0), totals.get(last, 0))
    return TrendRow(
        values=values,
        looks=counts,
        total=sum(counts),
        share=sum(counts) / sum(totals.get(week, 0) for week in weeks),
        last_share=now[0] / now[1] if now[1] else None,
        last_interval=share_interval(*now) if now[1] else None,
        change=change_of(now, (looks.get(before, 0), totals.get(before, 0))),
    )


def _rank(row: TrendRow) -> tuple[int, int, Values]:
    return -row.total, -row.looks[-1], row.values
