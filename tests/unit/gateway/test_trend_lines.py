"""Rows of the trend table as the page tells them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest

from services.gateway.web.trend_address import Asked
from services.gateway.web.trend_lines import line_of
from shared.trend_figures import History, TrendTable, share_interval, tabulate, window

WEEKS = window(date(2026, 9, 28), 12)


def table(today: date) -> TrendTable:
    """Return a table in which a tenth of the looks are skirts, and all of the last three."""
    looks = np.array([[[20.0] * 11 + [3.0]]])
    totals = np.array([[200.0] * 11 + [3.0]])
    history = History(values=(("skirt",),), weeks=WEEKS, looks=looks, totals=totals)
    return tabulate(history, by=("item",), weeks=WEEKS, today=today)


@pytest.mark.parametrize(("days", "share"), [(3, "10.0%"), (7, "100.0%")])
def test_the_share_is_that_of_the_last_whole_week(days: int, share: str) -> None:
    shown = table(WEEKS[-1] + timedelta(days=days))
    line = line_of(shown, shown.rows[0], Asked(by="item"), "en")
    assert line.share == share
    assert len(line.points.split()) == (11 if days < 7 else 12)


def test_what_differs_much_from_week_to_week_is_less_sure() -> None:
    shown = table(WEEKS[-1] + timedelta(days=3))
    row = shown.rows[0]
    unruly = replace(row, figures=replace(row.figures, phi=9.0))
    line = line_of(shown, unruly, Asked(by="item"), "en")
    low, high = share_interval(20, 200, phi=9.0)
    assert line.between == (f"{low:.1%}", f"{high:.1%}")
