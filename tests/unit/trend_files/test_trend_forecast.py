"""The coming weeks of the trend table."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np

from shared.trend_figures import TrendTable
from shared.trend_forecast import RowForecast, forecast_table
from tests.samples.tables import MONDAY, table_of


def seasons(weeks: int, *, running: bool = False, last: int | None = None) -> TrendTable:
    """Return ten cells of 200 looks a week, each with a season; one cell is hardly worn."""
    random, cells = np.random.default_rng(4), {}
    for cell in range(10):
        share = 0.08 + 0.05 * np.sin(2 * np.pi * (np.arange(weeks) - 5 * cell) / 52)
        cells["trousers", f"color{cell}"] = random.binomial(200, share).tolist()
    if last is not None:
        cells = {key: [*looks[:-1], last] for key, looks in cells.items()}
    cells["vest", "navy"] = [1 if week % 20 == 0 else 0 for week in range(weeks)]
    totals = [200] * weeks
    if last is not None:
        totals[-1] = last
    return table_of(cells, totals, running=running)


def test_cells_are_told_week_by_week_with_intervals() -> None:
    told = forecast_table(seasons(157), 12)
    assert told.ahead == tuple(MONDAY + timedelta(weeks=week) for week in range(1, 13))
    assert told.learnt == 157
    for row in told.rows[:10]:
        assert isinstance(row, RowForecast)
        bounds = zip(row.low95, row.low80, row.middle, row.high80, row.high95, strict=True)
        for low95, low80, middle, high80, high95 in bounds:
            assert 0 <= low95 <= low80 <= middle <= high80 <= high95 <= 1


def test_a_cell_that_is_hardly_worn_is_left_out() -> None:
    assert forecast_table(seasons(157), 4).rows[-1] == "too_few_looks"


def test_the_running_week_is_told_and_not_learnt_from() -> None:
    table = seasons(157, running=True, last=12)
    told = forecast_table(table, 4)
    assert (told.ahead[0], told.learnt) == (MONDAY, 156)
    row = told.rows[0]
    assert isinstance(row, RowForecast)
    assert row.high95[0] < 0.5  # all of the running week's looks have it


def test_the_backtest_stands_beside_where_there_is_a_year_and_a_quarter() -> None:
    judged = forecast_table(seasons(157), 12).backtest
    assert judged is not None
    assert (judged.series, judged.horizon, judged.origins) == (10, 12, 2)
    assert judged.ratio < 1
    assert forecast_table(seasons(60), 12).backtest is None


def test_a_young_table_is_not_told() -> None:
    told = forecast_table(seasons(12), 4)
    assert (told.ahead, set(told.rows)) == ((), {"too_few_weeks"})


def test_an_empty_table_is_not_told() -> None:
    empty = TrendTable(by=("item",), weeks=(), totals=(), running=False, rows=())
    assert forecast_table(empty, 4).rows == ()


def test_weeks_of_few_looks_say_nothing() -> None:
    table = table_of(
        {("vest",): [20] * 30 + [3]}, [100] * 30 + [3], by=("item",), last=date(2026, 3, 2)
    )
    row = forecast_table(table, 3).rows[0]
    assert isinstance(row, RowForecast)
    assert row.middle[0] < 0.25
