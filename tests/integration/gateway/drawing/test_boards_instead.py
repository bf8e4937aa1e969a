"""An installation where nobody draws: wishes are served at once by boards, and it is said."""

from __future__ import annotations

from dataclasses import replace

import pytest

from services.generation import tasks  # noqa: F401  (registers them)
from shared import bus
from shared.contracts.generation import LookRequested
from shared.settings import Settings
from tests.integration.gateway.chat.conftest import Shelf
from tests.integration.gateway.drawing.conftest import DRESSED
from tests.samples.catalog import catalog, item
from tests.samples.wardrobe import photo_bytes

pytestmark = pytest.mark.integration


@pytest.fixture
def settings(tmp_path) -> Settings:
    return Settings(data_dir=tmp_path, lang="en")


@pytest.fixture
def shop(house):
    """A house whose shop has a few things, photographed."""
    seen = {"photo_id": house.analyze(photo_bytes()), "garment": 0}
    items = catalog(
        item("white-jacket", "long_sleeved_outwear", "white", **seen),
        item("beige-coat", "long_sleeved_outwear", "beige", **seen),
        item("sold-out", "long_sleeved_outwear", "beige", available=False, **seen),
        item("black-top", "long_sleeved_shirt", "black", **seen),
        item("mens-skirt", "skirt", "navy", gender="men", **seen),
        item("black-skirt", "skirt", "black", **seen),
        item("blue-skirt", "skirt", "blue", **seen),
        item("gone", "skirt", "navy", photo_id="f" * 64, garment=0),
    )
    object.__setattr__(house.gateway, "catalog", Shelf(items))
    return house


def titles(job: dict) -> list[str]:
    return [piece["caption"].split()[-1] for piece in job["manifest"]["wish"]["pieces"]]


def done(house, client, job: dict) -> dict:
    """Do at once what a worker does with the wishes that wait."""
    context = replace(house.context, hosted=frozenset({"generation"}))
    for body in house.queued("generation"):
        bus.run("generation.accept_look", LookRequested.model_validate(body), context)
    house.lose("generation")
    answer = client.get(job["links"]["self"]).json()
    assert answer["state"] == "done", answer
    return answer


def test_a_wish_is_served_by_the_closest_items_and_it_is_said(shop):
    client = shop.client()
    job = client.post("/v1/generations", json=DRESSED).json()
    assert job["served_by"] == "lookbook" and "Nothing of it is newly drawn" in job["notice"]
    job = done(shop, client, job)
    assert titles(job)[:2] == ["beige-coat", "black-top"]
    assert client.get(job["links"]["picture"]).content.startswith(b"\x89PNG")
    korean = client.get(job["links"]["self"], headers={"Accept-Language": "ko"}).json()
    assert "새로 그린 그림이 아니에요" in korean["notice"]


def test_a_drawer_that_is_not_here_is_stood_in_for(shop):
    client = shop.client()
    job = client.post("/v1/generations", json=DRESSED | {"backend": "sdxl"}).json()
    assert job["served_by"] == "lookbook" and job["notice"]


def test_an_edit_is_served_by_another_board(shop):
    client = shop.client()
    job = done(shop, client, client.post("/v1/generations", json=DRESSED).json())
    body = {"item": "outer", "wear": {"color": "white"}}
    edit = done(shop, client, client.post(job["links"]["edits"], json=body).json())
    assert sorted(titles(edit)) == sorted(["white-jacket", *titles(job)[1:]])
    assert (edit["parent"], edit["served_by"]) == (job["id"], "lookbook")
    assert client.get(job["links"]["self"]).json()["edits"] == [edit["id"]]
    body = {"item": "outer", "drop": True}
    bare = done(shop, client, client.post(edit["links"]["edits"], json=body).json())
    assert sorted(titles(bare)) == sorted(titles(job)[1:])


def test_a_scene_alone_is_served_by_a_recommended_look(shop):
    client = shop.client()
    body = {"scene": {"gender": "women", "occasion": "work"}}
    job = done(shop, client, client.post("/v1/generations", json=body).json())
    assert len(titles(job)) >= 2 and "mens-skirt" not in titles(job)


def test_own_garments_are_a_board_as_ever(shop):
    admin = shop.client("boss", "admin")
    photo_id = shop.analyze(photo_bytes(shade=9))
    body = {"pieces": [{"photo_id": photo_id, "garment": 0}]}
    job = admin.post("/v1/generations", json=body).json()
    assert (job["served_by"], job["notice"], job["wear"]) == ("lookbook", None, [])
    job = admin.post("/v1/generations", json=body | {"backend": "sdxl"}).json()
    assert job["notice"] and job["wear"][0]["category"] == "long_sleeved_shirt"


def test_one_garment_of_an_own_board_is_changed_and_the_others_stay(shop):
    admin = shop.client("boss", "admin")
    photo_id = shop.analyze(photo_bytes(shade=9))
    pieces = [{"photo_id": photo_id, "garment": at} for at in (0, 1)]
    job = done(shop, admin, admin.post("/v1/generations", json={"pieces": pieces}).json())
    body = {"item": "trousers", "wear": {"category": "skirt", "color": "blue"}}
    edit = done(shop, admin, admin.post(job["links"]["edits"], json=body).json())
    shown = edit["manifest"]["wish"]["pieces"]
    assert [piece["category"] for piece in shown] == ["long_sleeved_shirt", "skirt"]
    assert shown[0]["photo_id"] == photo_id
    assert shown[1]["caption"].endswith("blue-skirt")


def test_where_nothing_comes_close_it_is_said_what_helps(house):
    for language, said in (("en", "add a shop feed"), ("ko", "상품 피드")):
        answer = house.client(**{"Accept-Language": language}).post("/v1/generations", json=DRESSED)
        assert (answer.status_code, answer.json()["reason"]) == (422, "nothing_to_show")
        assert said in answer.json()["detail"]


def test_a_wish_for_nothing_is_refused(house):
    for body in ({}, {"variants": 2}, {"scene": {}}, {"wear": []}):
        answer = house.client().post("/v1/generations", json=body)
        assert (answer.status_code, answer.json()["reason"]) == (422, "invalid_request")
