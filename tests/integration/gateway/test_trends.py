"""Trends over HTTP."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from services.trends.rollup import count_photos
from shared.contracts.vocabulary import ALL
from shared.records.ingestion import Post
from shared.records.trends import Cell, Fact, TrendWeek
from tests.samples import wardrobe
from tests.samples.looks import analyzed, photo, weeks_later

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
        session.add_all(TrendWeek(week=week, version=1) for week in WEEKS)
        for (item, color, style, source), looks in cells.items():
            for week, count in zip(WEEKS, looks, strict=True):
                for cell in ((item, color), (item, ALL), (ALL, color), (ALL, ALL)):
                    add(session, week, cell, style, source, count)
    return house


def add(session, week, cell, style, source, count):
    key = (week, ALL, *cell, style, source)
    known = session.get(Cell, key)
    if known is None:
        session.add(
            Cell(
                week=week,
                pattern=ALL,
                item=cell[0],
                color=cell[1],
                style=style,
                source=source,
                looks=count,
            )
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


@pytest.fixture
def worn(house):
    """Thirty looks of a week: pink skirts with white vests, navy trousers alone; one striped."""
    items = [
        analyzed(
            photo(f"p{at}", posted_at=weeks_later(0)),
            [("skirt", "pink", "striped" if at == 0 else "solid"), ("vest", "white", "solid")]
            if at < 10
            else [("trousers", "navy", "solid")],
        )
        for at in range(30)
    ]
    count_photos(house.database, items, author_cap=3)
    return house


def test_rows_can_be_cut_to_an_item_a_family_a_colour_and_a_pattern(worn):
    client = worn.client()

    def ask(query):
        rows = client.get(f"/v1/trends?{query}").json()["rows"]
        return {tuple(row["values"].values()): row["total"] for row in rows}

    assert ask("by=color&item=top") == {("white",): 10}
    assert ask("by=item&color=pink") == {("skirt",): 10}
    assert ask("by=family") == {("trousers",): 20, ("skirt",): 10, ("top",): 10}
    assert ask("by=item,pattern&item=skirt") == {("skirt", "solid"): 9, ("skirt", "striped"): 1}
    assert ask("by=item&pattern=striped") == {("skirt",): 1}


def test_a_share_stays_that_of_all_looks_when_rows_are_cut(worn):
    row = worn.client().get("/v1/trends?by=item&item=skirt").json()["rows"][0]
    assert row["share"] == pytest.approx(1 / 3, abs=1e-6)


@pytest.mark.parametrize(
    ("query", "reason"),
    [
        ("item=hat", "unknown_item"),
        ("color=mauve", "unknown_color"),
        ("pattern=paisley", "unknown_pattern"),
        ("market=KR", "unknown_market"),
        ("since=2026-05-01&until=2026-04-01", "empty_period"),
        ("stage=dead", "invalid_request"),
    ],
)
def test_what_cannot_be_asked_is_refused_with_a_reason(worn, query, reason):
    response = worn.client().get(f"/v1/trends?{query}")
    assert (response.status_code, response.json()["reason"]) == (422, reason)


def test_a_period_shows_its_own_weeks(counted):
    table = counted.client().get("/v1/trends?since=2026-02-18&until=2026-02-24").json()
    assert table["weeks"] == ["2026-02-16", "2026-02-23"]


def test_what_is_counted_meanwhile_is_in_the_next_answer(worn):
    client = worn.client()
    before = client.get("/v1/trends?by=item").json()["totals"][-1]
    count_photos(worn.database, [analyzed(photo("new"))], author_cap=3)
    assert client.get("/v1/trends?by=item").json()["totals"][-1] == before + 1


def test_pairs_say_what_is_worn_with_what(worn):
    client = worn.client()
    (pair,) = client.get("/v1/trends/pairs").json()["pairs"]
    assert (pair["one"]["item"], pair["other"]["item"]) == ("vest", "skirt")
    assert (pair["looks"], pair["lift"]) == (10, pytest.approx(3.0))
    assert pair["interval"][0] > 1
    colored = client.get("/v1/trends/pairs?of=item,color&item=skirt").json()["pairs"]
    assert [p["one"]["label"] for p in colored] == ["pink skirt"]


def test_pairs_are_not_told_by_style(worn):
    refused = worn.client().get("/v1/trends/pairs?style=casual")
    assert refused.status_code == 422
    assert "leave it out" in refused.text


def test_harmonies_say_how_colours_go_together(worn):
    found = worn.client(**{"Accept-Language": "ko"}).get("/v1/trends/harmonies").json()
    assert found["totals"][-1] == 10
    assert [(h["harmony"], h["label"]) for h in found["harmonies"]] == [("neutral", "무채색")]


def test_a_number_leads_to_its_photos_with_masks_models_and_licence(house):
    photo_id = house.analyze(wardrobe.photo_bytes())
    analysis = house.client("boss", "admin").get(f"/v1/photos/{photo_id}").json()["analysis"]
    garment = analysis["garments"][0]
    with house.database.transaction() as session:
        session.add(
            Post(
                post_id="p",
                photo_id=photo_id,
                source="street",
                posted_at=weeks_later(0),
                hashtags=[],
                licence="CC BY 4.0",
            )
        )
        session.add(
            Fact(
                photo_id=photo_id,
                look_id=photo_id,
                week=weeks_later(0).date(),
                item=garment["category"],
                color="navy",
                color_name="dark navy",
                hex="#101030",
                style="casual",
                source="street",
                score=0.9,
                counted=True,
            )
        )
    where = f"/v1/trends/photos?week={weeks_later(0).date()}&item={garment['category']}"
    admin = house.client("chief", "admin").get(where).json()["photos"]
    assert [seen["photo_id"] for seen in admin] == [photo_id]
    assert admin[0]["garments"][0]["mask"] == garment["mask"]
    assert admin[0]["models"][0]["version"]
    assert admin[0]["posts"][0]["licence"] == "CC BY 4.0"
    assert admin[0]["links"]["overlay"] == f"/v1/photos/{photo_id}/overlay.png"
    stranger = house.client("user").get(where).json()["photos"]
    assert stranger[0]["links"] == {"photo": None, "overlay": None}
    assert house.client("user2").get(where + "&color=red").json()["photos"] == []


def test_evidence_is_paged(worn):
    client, seen, cursor = worn.client(), [], None
    for _ in range(4):
        page = client.get(
            "/v1/trends/photos",
            params={"week": str(weeks_later(0).date()), "item": "trousers", "limit": 8}
            | ({"cursor": cursor} if cursor else {}),
        ).json()
        seen += [shown["photo_id"] for shown in page["photos"]]
        cursor = page["next"]
        if cursor is None:
            break
    assert len(seen) == len(set(seen)) == 20
