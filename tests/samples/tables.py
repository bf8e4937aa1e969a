"""Trend tables made of counts, for tests that need no database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

import numpy as np

from shared.trend_figures import History, TrendTable, tabulate

MONDAY = date(2026, 2, 16)


def table_of(
    cells: Mapping[tuple[str, ...], Sequence[int]],
    totals: Sequence[int],
    *,
    by: tuple[str, ...] = ("item", "color"),
    last: date = MONDAY,
    running: bool = False,
) -> TrendTable:
    """Return the table of ``cells`` (looks by week) of one source, whose last week is ``last``."""
    weeks = tuple(last - timedelta(weeks=back) for back in range(len(totals) - 1, -1, -1))
    history = History(
        values=tuple(cells),
        weeks=weeks,
        looks=np.array(list(cells.values()), dtype=float)[:, None, :],
        totals=np.array(totals, dtype=float)[None, :],
    )
    today = last + timedelta(days=2 if running else 7)
    return tabulate(history, by=by, weeks=weeks, today=today)
