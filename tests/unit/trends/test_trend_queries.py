"""What the table and the gateway read from the rollup."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import event

from services.trends.rollup import count_photos
from shared.errors import UsageError
from shared.records import Database
from shared.records.trend_queries import (
    TrendQuery,
    check_style,
    parse_dimensions,
    sources,
)
from shared.records.trend_reader import read_trends
from shared.trend_figures import TrendTable, week_of
from tests.samples.looks import MONDAY, analyzed, photo, weeks_later

WEEK = MONDAY.date()
TODAY = week_of(weeks_later(4)) + timedelta(days=2)


@pytest.fixture
def counted(database: Database) -> Database:
    """Two weeks: black trousers twice, then a red vest and a black one."""
    count_photos(
        database,
        [
            analyzed(photo("a"), [("trousers", "black")], styles={"casual": 0.9}),
            analyzed(photo("b", source="shop"), [("trousers", "black"), ("vest", "red")]),
            analyzed(photo("c", posted_at=weeks_later(1)), [("vest", "red"), ("vest", "black")]),
        ],
        author_cap=3,
    )
    return database


def read(database: Database, query: TrendQuery, *, today: date = TODAY) -> TrendTable:
    with database.reading() as session:
        return read_trends(session, query, today=today)


def looks(table: TrendTable) -> dict[tuple[str, ...], tuple[int, ...]]:
    return {row.values: row.looks for row in table.rows}


def test_each_combination_of_dimensions_can_be_asked(counted: Database) -> None:
    def ask(*by: str) -> dict[tuple[str, ...], tuple[int, ...]]:
        return looks(read(counted, TrendQuery(by=by, weeks=2)))

    assert ask("item", "color") == {
        ("trousers", "black"): (2, 0),
        ("vest", "red"): (1, 1),
        ("vest", "black"): (0, 1),
    }
    assert ask("color", "item")["red", "vest"] == (1, 1)
    assert ask("item") == {("trousers",): (2, 0), ("vest",): (1, 1)}
    assert ask("color") == {("black",): (2, 1), ("red",): (1, 1)}
    assert ask("style") == {("casual",): (1, 0), ("unknown",): (1, 1)}
    assert ask("source") == {("street",): (1, 1), ("shop",): (1, 0)}
    assert ask("source", "item")["shop", "vest"] == (1, 0)
    assert len(ask("item", "color", "style", "source")) == 5


def test_totals_are_all_looks_each_once(counted: Database) -> None:
    for by in (("item",), ("item", "color"), ("style",), ("source", "item")):
        assert read(counted, TrendQuery(by=by, weeks=2)).totals == (2, 1)


def test_filters_hold_for_rows_and_totals(counted: Database) -> None:
    table = read(counted, TrendQuery(by=("item",), weeks=2, style="unknown", source="street"))
    assert (table.totals, looks(table)) == ((0, 1), {("vest",): (0, 1)})


def test_the_window_ends_with_the_last_week_that_has_looks(counted: Database) -> None:
    table = read(counted, TrendQuery(weeks=3))
    assert table.weeks == (WEEK - timedelta(weeks=1), WEEK, WEEK + timedelta(weeks=1))
    assert not table.running
    filtered = read(counted, TrendQuery(weeks=1, source="shop"))
    assert filtered.weeks == (WEEK,)


def test_a_week_in_the_future_does_not_end_the_window(counted: Database) -> None:
    table = read(counted, TrendQuery(weeks=1), today=WEEK + timedelta(days=1))
    assert table.weeks == (WEEK,)
    assert table.running


def test_without_looks_there_are_no_weeks(database: Database) -> None:
    table = read(database, TrendQuery())
    assert (table.weeks, table.totals, table.rows) == ((), (), ())


def test_sources_that_have_looks_are_known(counted: Database) -> None:
    with counted.reading() as session:
        assert sources(session) == ["shop", "street"]


def test_reading_touches_only_the_rollup(counted: Database) -> None:
    asked: list[str] = []
    event.listen(
        counted.engine, "before_cursor_execute", lambda *about: asked.append(str(about[2]))
    )
    read(counted, TrendQuery(by=("item", "color", "style", "source")))
    told = [statement for statement in asked if "FROM" in statement]
    assert told
    rollups = ("FROM cells", "FROM trend_weeks", "FROM leader_cells")
    assert all(any(name in statement for name in rollups) for statement in told)


def test_dimensions_are_read_in_their_order_and_once() -> None:
    assert parse_dimensions("color, item,color") == ("color", "item")


@pytest.mark.parametrize("text", ["", " , ", "item,colour", "week"])
def test_an_unknown_dimension_names_the_possible_ones(text: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_dimensions(text)
    for language in ("ko", "en"):
        assert "item, family, color, pattern, style, source" in caught.value.in_language(language)


def test_an_unknown_style_names_the_possible_ones() -> None:
    assert check_style(None) is None
    assert check_style("unknown") == "unknown"
    with pytest.raises(UsageError, match=r"casual, feminine, .*unknown"):
        check_style("preppy")
