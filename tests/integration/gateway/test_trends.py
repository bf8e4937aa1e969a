"""Trends over HTTP."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from shared.contracts.vocabulary import ALL
from shared.records.trends import Cell

pytestmark = pytest.mark.integration
WEEKS = [date(2026, 2, 16) + timedelta(weeks=week) for week in range(3)]


@pytest.fixture
def counted(house):
    """Three weeks of looks: trousers and skirts in two colours, of two sources."""
    cells = {
        ("trousers", "navy", "casual", "street"): (10, 20, 30),
        ("skirt", "pink", "feminine", "street"): (30, 20, 10),
        ("skirt", "black", "casual", "upload"): (5, 5, 5),
    }
    with house.database.transaction() as session:
        for (item, color, style, source), looks in cells.items():
            for week, count in zip(WEEKS, looks, strict=True):
                for cell in ((item, color), (item, ALL), (ALL, color), (ALL, ALL)):
                    add(session, week, cell, style, source, count)
    return house


def add(session, week, cell, style, source, count):
    key = (week, *cell, style, source)
    known = session.get(Cell, key)
    if known is None:
        session.add(
            Cell(week=week, item=cell[0], color=cell[1], style=style, source=source, looks=count)
        )
        session.flush()
    else:
        known.looks += count


def test_the_table_ranks_what_is_worn_and_says_how_it_changes(counted):
    table = counted.client().get("/v1/trends?by=item,color&weeks=3").json()
    assert table["weeks"] == [str(week) for week in WEEKS]
    assert table["totals"] == [45, 45, 45]
    rows = {(r["values"]["item"], r["values"]["color"]): r for r in table["rows"]}
    assert list(rows) == [("trousers", "navy"), ("skirt", "pink"), ("skirt", "black")]
    navy = rows["trousers", "navy"]
    assert (navy["looks"], navy["total"]) == ([10, 20, 30], 60)
    assert navy["last_share"] == pytest.approx(30 / 45, abs=1e-6)
    assert navy["change"]["points"] == pytest.approx(10 / 45, abs=1e-6)


def test_labels_are_in_the_readers_language(counted):
    client = counted.client(**{"Accept-Language": "ko"})
    row = client.get("/v1/trends?by=item,color,source&weeks=3").json()["rows"][0]
    assert row["labels"] == {"item": "바지", "color": "남색", "source": "street"}


def test_the_trend_can_be_cut_to_a_source_and_a_style(counted):
    client = counted.client()
    street = client.get("/v1/trends?by=item&weeks=3&source=street").json()
    assert street["totals"] == [40, 40, 40]
    casual = client.get("/v1/trends?by=item&weeks=3&style=casual").json()
    assert [row["values"]["item"] for row in casual["rows"]] == ["trousers", "skirt"]


def test_pages_follow_the_ranking(counted):
    client = counted.client()
    first = client.get("/v1/trends?weeks=3&limit=2").json()
    second = client.get("/v1/trends", params={"weeks": 3, "cursor": first["next"]}).json()
    assert [len(first["rows"]), len(second["rows"]), second["next"]] == [2, 1, None]
    assert second["rows"][0]["values"] == {"item": "skirt", "color": "black"}


def test_a_cursor_of_another_table_is_refused(counted):
    client = counted.client()
    cursor = client.get("/v1/trends?weeks=3&limit=2").json()["next"]
    response = client.get("/v1/trends", params={"by": "item", "cursor": cursor})
    assert (response.status_code, response.json()["reason"]) == (422, "bad_cursor")


def test_what_did_not_change_is_not_sent_again(counted):
    client = counted.client()
    first = client.get("/v1/trends?weeks=3")
    etag = {"If-None-Match": first.headers["ETag"]}
    again = client.get("/v1/trends?weeks=3", headers=etag)
    assert (again.status_code, again.content) == (304, b"")
    korean = client.get("/v1/trends?weeks=3", headers=etag | {"Accept-Language": "ko"})
    assert korean.status_code == 200


def test_series_are_the_same_figures_as_curves(counted):
    curves = counted.client().get("/v1/trends/series?by=item&weeks=3").json()
    trousers = next(s for s in curves["series"] if s["values"] == {"item": "trousers"})
    assert trousers["looks"] == [10, 20, 30]
    assert trousers["shares"] == pytest.approx([10 / 45, 20 / 45, 30 / 45], abs=1e-6)


def test_without_a_look_the_table_is_empty(house):
    table = house.client().get("/v1/trends").json()
    assert (table["weeks"], table["rows"], table["next"]) == ([], [], None)
