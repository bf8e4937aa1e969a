"""Recommendations over HTTP: outfits, the numbers in their reasons, and their pictures."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from io import BytesIO

import pytest
from PIL import Image
from sqlalchemy import select

from services.gateway.catalog.domain import Catalog
from services.generation import tasks  # noqa: F401  (registers them)
from shared import bus
from shared.contracts.generation import LookProgressed, LookRequested
from shared.contracts.vocabulary import ALL, CATEGORIES
from shared.records.gateway import Wish
from shared.records.generation import Job
from shared.records.trends import Cell, TrendWeek
from tests.samples.catalog import COLORS, catalog, item
from tests.samples.shop import sample_catalog
from tests.samples.wardrobe import photo_bytes
from tests.together import run_together

pytestmark = pytest.mark.integration
WEEKS = 14
PATH = "/v1/recommendations"


class Shelf:
    """A catalogue that stands still."""

    def __init__(self, items: Catalog) -> None:
        self.items = items

    def current(self, database: object) -> Catalog:
        return self.items


def stock(house, items: Catalog) -> None:
    object.__setattr__(house.gateway, "catalog", Shelf(items))


@pytest.fixture
def shop(house):
    """A gateway with the sample shop's items, and fourteen weeks of looks."""
    stock(house, sample_catalog("en"))
    today = datetime.now(UTC).date()
    monday = today - timedelta(days=today.weekday())
    weeks = [monday - timedelta(weeks=back) for back in range(WEEKS, 0, -1)]
    with house.database.transaction() as session:
        session.add_all(TrendWeek(week=week, version=1) for week in weeks)
        for at, week in enumerate(weeks):
            session.add_all(_cells(week, newest=at >= WEEKS - 4, at=at))
    return house


def _cells(week: date, *, newest: bool, at: int):
    """Yield a week's cells: beige grows to twice as much in the last four weeks."""
    counts = {
        (kind, color): (60 if newest else 30) if color == "beige" else 20 + (3 * at + place) % 7
        for kind in CATEGORIES
        for place, color in enumerate(COLORS)
    }
    sums = dict(counts)
    for (kind, color), looks in counts.items():
        for cell in ((kind, ALL), (ALL, color)):
            sums[cell] = sums.get(cell, 0) + looks
    sums[ALL, ALL] = 9_000
    for (kind, color), looks in sums.items():
        yield Cell(
            week=week, pattern=ALL, item=kind, color=color,
            style="casual", source="street", looks=looks,
        )  # fmt: skip


def rows_of(client, source: str) -> dict[tuple[str, ...], dict]:
    """Return all rows of a trend table, by their values."""
    found, cursor = {}, None
    while True:
        page = client.get(source, params={"limit": 200} | ({"cursor": cursor} if cursor else {}))
        told = page.json()
        for row in told["rows"]:
            found[tuple(row["values"].items())] = row | {"weeks": told["weeks"]}
        cursor = told["next"]
        if cursor is None:
            return found


def test_every_number_in_a_reason_is_the_trend_apis_own(shop):
    client = shop.client()
    checked = {"looks": 0, "growth_4w": 0}
    tables = {}  # a client may not ask for a table again for each number
    for seed in range(8):
        told = client.get(PATH, params={"limit": 6, "seed": seed}).json()
        assert len(told["outfits"]) == 6
        for cited in (one for outfit in told["outfits"] for one in outfit["data"]):
            source = cited["source"]
            if source not in tables:
                tables[source] = rows_of(client, source)
            row = tables[source][tuple(cited["series"].items())]
            if cited["measure"] == "looks":
                looks = dict(zip(row["weeks"], row["looks"], strict=True))
                assert cited["value"] == sum(looks[week] for week in cited["weeks"])
            else:
                growth = row["growth"]["4w"]
                assert (cited["value"], cited["low"], cited["high"]) == (
                    growth["value"], growth["low"], growth["high"],
                )  # fmt: skip
            checked[cited["measure"]] += 1
    assert min(checked.values()) >= 3


def test_a_number_stands_in_the_sentence_that_cites_it(shop):
    for language in ("ko", "en"):
        told = shop.client(language).get(PATH, headers={"Accept-Language": language}).json()
        assert told["language"] == language
        for outfit in told["outfits"]:
            assert outfit["reasons"]
            for cited in outfit["data"]:
                sentence = outfit["reasons"][cited["reason"]]
                shown = cited["value"]
                text = f"{shown:,.0f}" if cited["measure"] == "looks" else f"{round(100 * shown)}%"
                assert text in sentence


def test_slots_are_query_parameters(shop):
    client = shop.client()
    asked = {"item": "skirt", "color": "navy,black", "budget": 200_000, "avoid": ["printed", "red"]}
    told = client.get(PATH, params=asked).json()
    assert told["wanted"] == {
        "item": "skirt", "color": ["navy", "black"], "budget": 200_000, "avoid": ["printed", "red"],
    }  # fmt: skip
    assert told["outfits"]
    for outfit in told["outfits"]:
        assert outfit["total"] <= 200_000
        skirts = [piece for piece in outfit["items"] if piece["category"] == "skirt"]
        assert [piece["color"] in ("navy", "black") for piece in skirts] == [True]


def test_a_word_that_is_none_is_refused_and_named(shop):
    response = shop.client().get(PATH, params={"style": "posh"})
    assert response.status_code == 422
    assert response.json()["reason"] == "unknown_style"
    assert "posh" in response.json()["detail"]


def test_what_a_person_has_said_before_holds(shop):
    client = shop.client()
    avoided = ["black", "trousers", "checked"]
    client.patch("/v1/me/preferences", json={"avoid": avoided, "gender": "women"})
    told = client.get(PATH, params={"limit": 6, "alike": 4}).json()
    shown = [piece for outfit in told["outfits"] for piece in outfit["items"]]
    shown += [other for piece in shown for other in piece["alike"]]
    assert len(shown) > 12
    for piece in shown:
        assert piece["color"] != "black"
        assert piece["category"] != "trousers"
        assert piece["pattern"] != "checked"
    others = shop.client("another").get(PATH, params={"limit": 6, "item": "trousers"}).json()
    assert others["outfits"], "what one person avoids is another's to wear"


def test_a_wish_that_cannot_be_met_says_what_is_in_the_way(shop):
    ko = {"Accept-Language": "ko"}
    told = shop.client().get(PATH, params={"budget": 1_000}, headers=ko).json()
    assert told["outfits"] == []
    assert told["why_few"]["kind"] == "budget"
    enough = told["why_few"]["budget"]
    assert f"{enough:,}원" in told["why_few"]["text"]
    assert len(shop.client("b").get(PATH, params={"budget": enough}).json()["outfits"]) == 3


def test_items_like_each_piece_keep_the_look_within_the_budget(shop):
    told = shop.client().get(PATH, params={"budget": 150_000, "alike": 3}).json()
    for outfit in told["outfits"]:
        for piece in outfit["items"]:
            for other in piece["alike"]:
                assert other["slot"] == piece["slot"]
                assert outfit["total"] - piece["price"] + other["price"] <= 150_000


def test_without_items_it_is_said_that_there_are_none(house):
    told = house.client().get(PATH).json()
    assert told["outfits"] == []
    assert told["why_few"]["kind"] == "empty"


@pytest.fixture
def outfit(house):
    """The id of an outfit whose two pieces are on an analysed photo."""
    photo_id = house.analyze(photo_bytes())
    stock(
        house,
        catalog(
            item("top", "long_sleeved_shirt", "blue", photo_id=photo_id, garment=0),
            item("below", "trousers", "black", photo_id=photo_id, garment=1),
        ),
    )
    return house.client().get(PATH).json()["outfits"][0]


def draw(house) -> list[LookProgressed]:
    """Draw the wishes that wait, and write down how they ended."""
    context = replace(house.context, hosted=frozenset({"generation"}))
    drawn = [LookRequested.model_validate(body) for body in house.queued("generation")]
    for request in drawn:
        bus.run("generation.accept_look", request, context)
    house.lose("generation")
    return drawn


def test_a_board_is_drawn_once_and_then_kept(house, outfit, monkeypatch):
    monkeypatch.setitem(os.environ, "MAPSI_DATA_DIR", str(house.context.settings.data_dir))
    client = house.client("someone")
    first = client.get(outfit["board"])
    assert first.status_code == 202
    assert int(first.headers["Retry-After"]) >= 1
    assert client.get(outfit["board"]).status_code == 202
    assert house.client("another").get(outfit["board"]).status_code == 202
    assert len(house.queued("generation")) == 1
    draw(house)
    board = client.get(outfit["board"])
    assert board.status_code == 200
    assert Image.open(BytesIO(board.content)).width == 1440
    etag = {"If-None-Match": board.headers["ETag"]}
    assert client.get(outfit["board"], headers=etag).status_code == 304
    assert len(wishes(house)) == 1


def test_each_language_has_a_board_of_its_own(house, outfit):
    assert outfit["board"].endswith("?lang=en")
    path = outfit["board"].partition("?")[0]
    client = house.client("reader")
    assert client.get(path, headers={"Accept-Language": "ko"}).status_code == 202
    assert client.get(path, params={"lang": "en"}).status_code == 202
    assert {wish.wish["language"] for wish in wishes(house)} == {"ko", "en"}


def test_a_board_that_many_ask_for_at_once_is_wished_for_once(house, outfit):
    clients = [house.client(str(number)) for number in range(6)]
    run_together(*(lambda client=client: client.get(outfit["board"]) for client in clients))
    assert len(wishes(house)) == 1
    assert len(house.queued("generation")) == 1


def test_a_board_that_failed_is_tried_again_a_few_times(house, outfit):
    client = house.client()
    for _ in range(3):
        assert client.get(outfit["board"]).status_code == 202
        _fail_all(house)
    last = client.get(outfit["board"])
    assert last.status_code == 503
    assert last.json()["reason"] == "board_failed"
    assert "Retry-After" in last.headers


def test_an_outfit_whose_items_are_gone_has_no_board(house, outfit):
    stock(house, catalog(version="empty"))
    response = house.client().get(outfit["board"])
    assert response.status_code == 404
    assert response.json()["reason"] == "unknown_outfit"
    assert house.client("x").get(f"{PATH}/..%2f..%2fetc/board.png").status_code == 404
    assert house.client("y").get(f"{PATH}/{'x' * 11}/board.png").status_code == 422


def test_strangers_are_recommended_nothing(house):
    assert house.stranger().get(PATH).status_code == 401


def wishes(house) -> list[Wish]:
    with house.database.reading() as session:
        return list(session.scalars(select(Wish)))


def _fail_all(house) -> None:
    with house.database.transaction() as session:
        for wish in session.scalars(select(Wish)):
            session.merge(
                Job(
                    job_id=wish.job_id, state="failed", step=0, steps=4, result_key=None,
                    reason="too late", manifest={}, updated_at=datetime.now(UTC),
                    priority="interactive", wish=wish.wish, created_at=wish.created_at,
                    deadline=wish.deadline, kin="",
                )
            )  # fmt: skip
