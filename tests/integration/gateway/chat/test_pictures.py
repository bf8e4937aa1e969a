"""Boards of looks, and items like those on a photo, asked for in the chat."""

from __future__ import annotations

import pytest

from tests.integration.gateway.chat.conftest import Shelf, begin_in
from tests.samples.catalog import catalog, item
from tests.samples.wardrobe import photo_bytes

pytestmark = pytest.mark.integration


@pytest.fixture
def shop(house):
    """A house whose shop has a top, trousers and a skirt, photographed."""
    photo_id = house.analyze(photo_bytes())
    seen = {"photo_id": photo_id, "garment": 0}
    items = catalog(
        item("top", "long_sleeved_shirt", "white", **seen),
        item("trousers", "trousers", "navy", **seen),
        item("skirt", "skirt", "black", **seen),
    )
    object.__setattr__(house.gateway, "catalog", Shelf(items))
    return house


def test_a_look_that_was_shown_becomes_a_board_and_only_its_person_sees_it(shop):
    talk = begin_in(shop, "ko")
    talk.say("미니멀한 출근룩 추천해줘")
    answer = talk.say("두 번째 거 그림으로 볼래")
    assert "새로 그린 그림은 아니에요" in answer["reply"]
    job = talk.client.get(f"/v1/generations/{answer['job_id']}")
    assert (job.status_code, job.json()["state"]) == (200, "queued")
    assert shop.client().get(f"/v1/generations/{answer['job_id']}").status_code == 404
    assert [wish["job_id"] for wish in shop.queued("generation")] == [answer["job_id"]]


def test_a_picture_can_be_wished_for_at_once(shop):
    talk = begin_in(shop, "en")
    answer = talk.say("make a picture of a minimal work outfit with trousers")
    assert answer["intent"] == "generate"
    assert answer["job_id"] and [card["kind"] for card in answer["cards"]] == ["outfit"]
    assert "not a newly drawn picture" in answer["reply"].splitlines()[-1]


def test_several_versions_are_several_looks_where_nobody_draws(shop):
    talk = begin_in(shop, "en")
    answer = talk.say("draw two versions of a minimal work look")
    assert [card["kind"] for card in answer["cards"]] == ["outfit", "outfit"]
    assert len({card["board"] for card in answer["cards"]}) == 2
    assert answer["job_id"] is None and "drawn" not in answer["reply"]


def test_items_like_those_on_an_own_photo_are_shown(shop):
    talk = begin_in(shop, "ko")
    photo = photo_bytes()
    photo_id = talk.client.post("/v1/photos", files={"file": photo}).json()["id"]
    answer = talk.say("이 사진이랑 비슷한 옷 찾아줘", photo_id=photo_id)
    assert answer["intent"] == "similar"
    assert {card["kind"] for card in answer["cards"]} == {"item"}
    later = talk.say("비슷한 옷 찾아줘")
    assert "사진이 있어야" in later["reply"]
    assert talk.say("여기", photo_id=photo_id)["cards"]


def test_a_jacket_that_the_shop_does_not_have_is_said_so(shop):
    for language, text, said in (
        ("en", "make the jacket white only", "I have no white jacket for that"),
        ("ko", "자켓만 흰색으로", "말씀하신 하양 아우터로 바꿀 수 있는 상품이 없어요"),
    ):
        talk = begin_in(shop, language)
        talk.say("minimal work outfit" if language == "en" else "미니멀한 출근룩 추천해줘")
        assert said in talk.say(text)["reply"]
