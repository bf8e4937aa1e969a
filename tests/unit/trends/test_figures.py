"""The formulas say what the README says, against published and hand-made numbers."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.trends.domain import sparkline
from shared.trend_figures import (
    MIN_WEEK_LOOKS,
    History,
    TrendTable,
    change_of,
    share_interval,
    tabulate,
    window,
)

LAST = date(2026, 9, 28)
BEFORE = LAST - timedelta(weeks=1)
COUNTS = st.integers(1, 5000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


def table(
    cells: dict[tuple[str, ...], dict[date, int]], totals: dict[date, int], *, weeks: int = 3
) -> TrendTable:
    known = window(LAST, max(weeks, 2))
    history = History(
        values=tuple(cells),
        weeks=known,
        looks=np.array(
            [[[looks.get(week, 0) for week in known]] for looks in cells.values()], float
        ),
        totals=np.array([[totals.get(week, 0) for week in known]], float),
    )
    shown = window(LAST, weeks)
    return tabulate(history, by=("item",), weeks=shown, today=LAST + timedelta(days=3))


@pytest.mark.parametrize(
    ("looks", "total", "low", "high"),
    [
        # R. G. Newcombe, Statistics in Medicine 17 (1998), 857-872, table I, method 3.
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0000, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_the_interval_of_a_share_is_wilsons(
    looks: int, total: int, low: float, high: float
) -> None:
    assert share_interval(looks, total) == pytest.approx((low, high), abs=5e-5)


def test_looks_that_are_alike_say_as_much_as_fewer_looks() -> None:
    assert share_interval(30, 300, phi=3) == pytest.approx(share_interval(10, 100))


@pytest.mark.parametrize(
    ("now", "before", "low", "high"),
    [
        # R. G. Newcombe, Statistics in Medicine 17 (1998), 873-890, table II, method 10.
        ((56, 70), (48, 80), 0.0524, 0.3339),
        ((9, 10), (3, 10), 0.1705, 0.8090),
        ((10, 10), (0, 20), 0.6791, 1.0000),
    ],
)
def test_the_interval_of_a_change_is_newcombes(
    now: tuple[int, int], before: tuple[int, int], low: float, high: float
) -> None:
    change = change_of(now, before)
    assert change is not None
    assert (change.low, change.high) == pytest.approx((low, high), abs=5e-5)


@settings(deadline=None)
@given(now=COUNTS, before=COUNTS)
def test_a_change_lies_in_its_interval_and_turns_with_its_weeks(
    now: tuple[int, int], before: tuple[int, int]
) -> None:
    change, back = change_of(now, before), change_of(before, now)
    if change is None or back is None:
        assert min(now[1], before[1]) < MIN_WEEK_LOOKS
        return
    assert -1 <= change.low <= change.points <= change.high <= 1
    assert (back.low, back.high) == pytest.approx((-change.high, -change.low))


@settings(deadline=None)
@given(counts=COUNTS)
def test_a_share_lies_in_its_interval(counts: tuple[int, int]) -> None:
    low, high = share_interval(*counts)
    assert 0 <= low <= counts[0] / counts[1] <= high <= 1


def test_a_change_is_told_only_from_enough_looks() -> None:
    assert change_of((5, 9), (5, 100)) is None
    assert change_of((5, 100), (5, 9)) is None
    few = change_of((5, 100), (4, 100))
    assert few is not None
    assert few.relative is None
    enough = change_of((10, 100), (5, 100))
    assert enough is not None
    assert enough.relative == pytest.approx(1.0)
    assert enough.points == pytest.approx(0.05)


def test_small_swings_are_not_called_clear() -> None:
    small, large = change_of((11, 100), (10, 100)), change_of((40, 100), (10, 100))
    assert small is not None
    assert large is not None
    assert (small.clear, large.clear) == (False, True)


def test_a_row_has_its_counts_share_and_change() -> None:
    (row,) = table({("vest",): {LAST: 12, BEFORE: 6}}, {LAST: 40, BEFORE: 60}).rows
    assert row.looks == (0, 6, 12)
    assert row.total == 18
    assert row.share == pytest.approx(0.18)
    assert row.last_share == pytest.approx(0.3)
    assert row.change is not None
    assert row.change.points == pytest.approx(0.2)


def test_a_window_of_one_week_still_knows_the_week_before() -> None:
    (row,) = table({("vest",): {LAST: 12, BEFORE: 6}}, {LAST: 40, BEFORE: 60}, weeks=1).rows
    assert row.looks == (12,)
    assert row.change is not None


def test_rows_that_only_the_week_before_has_are_left_out() -> None:
    assert table({("vest",): {BEFORE: 6}}, {LAST: 40, BEFORE: 60}, weeks=1).rows == ()


def test_ranks_go_by_looks_then_by_the_last_week_then_by_name() -> None:
    cells: dict[tuple[str, ...], dict[date, int]] = {
        ("skirt",): {BEFORE: 5},
        ("vest",): {LAST: 5},
        ("shorts",): {LAST: 5},
        ("trousers",): {BEFORE: 6},
    }
    ranked = [row.values[0] for row in table(cells, {LAST: 40, BEFORE: 60}).rows]
    assert ranked == ["trousers", "shorts", "vest", "skirt"]


def test_the_last_week_runs_until_its_sunday() -> None:
    for day, running in ((6, True), (7, False)):
        nothing = History((), (LAST,), np.zeros((0, 1, 1)), np.ones((1, 1)))
        made = tabulate(nothing, by=("item",), weeks=[LAST], today=LAST + timedelta(days=day))
        assert made.running is running


@pytest.mark.parametrize(
    ("shares", "drawn"),
    [
        ([0.0, 0.5, 1.0], "▁▅█"),
        ([0.02, 0.02], "██"),
        ([None, 0.0, 0.3], "·▁█"),
        ([0.0, 0.0], "▁▁"),
        ([], ""),
    ],
)
def test_a_sparkline_goes_from_zero_to_its_largest(shares: list[float | None], drawn: str) -> None:
    assert sparkline(shares) == drawn
