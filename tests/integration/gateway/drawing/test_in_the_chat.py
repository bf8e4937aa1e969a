"""Conversations about pictures, as people have them, with a server that draws each of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from sqlalchemy import delete

from shared.records.gateway import Wish
from tests.integration.gateway.chat.conftest import Shelf, Talk, begin_in
from tests.integration.gateway.drawing.conftest import Studio, worn_in
from tests.samples.catalog import catalog, item
from tests.samples.wardrobe import photo_bytes

pytestmark = [pytest.mark.integration, pytest.mark.usefixtures("fresh")]
FOLDER = Path(__file__).parents[3] / "data" / "chat" / "conversations"


def conversations() -> list[Any]:
    """Return every conversation under a name of its own."""
    return [
        pytest.param(language, one["turns"], id=f"{language}: {one['name']}")
        for language, file in (("ko", "drawn_korean.yaml"), ("en", "drawn_english.yaml"))
        for one in yaml.safe_load((FOLDER / file).read_text())
    ]


@pytest.fixture(scope="module")
def mall(studio: Studio) -> Studio:
    """A studio whose shop has two looks."""
    seen = {"photo_id": studio.house.analyze(photo_bytes()), "garment": 0}
    items = catalog(
        item("coat", "long_sleeved_outwear", "beige", **seen),
        item("shirt", "long_sleeved_shirt", "white", **seen),
        item("skirt", "skirt", "navy", **seen),
    )
    object.__setattr__(studio.house.gateway, "catalog", Shelf(items))
    return studio


@pytest.mark.parametrize(("language", "turns"), conversations())
def test_a_conversation_about_pictures_goes_as_written(
    mall: Studio, language: str, turns: list[dict[str, Any]]
) -> None:
    talk = begin_in(mall.house, language)
    for turn in turns:
        answer = talk.say(turn["say"])
        told = f"{turn['say']} -> {answer['reply']} {answer['cards']}"
        check(turn, answer, told)
        if not turn.get("waits"):
            mall.work()
        check_pictures(turn, talk, told)


def check(turn: dict[str, Any], answer: dict[str, Any], told: str) -> None:
    """Compare what was said."""
    if "intent" in turn:
        assert answer["intent"] == turn["intent"], told
    if "cards" in turn:
        assert [card["kind"] for card in answer["cards"]] == turn["cards"], told
    assert turn.get("has", "") in answer["reply"], told
    assert "lacks" not in turn or turn["lacks"] not in answer["reply"], told


def check_pictures(turn: dict[str, Any], talk: Talk, told: str) -> None:
    """Compare what is to be seen, and which picture it is or changes."""
    job_id = talk.answers[-1]["job_id"]
    if "same_as" in turn:
        assert job_id == talk.answers[turn["same_as"]]["job_id"], told
    if "stops" in turn:
        assert job_id == talk.answers[turn["stops"]]["job_id"], told
        assert talk.client.get(f"/v1/generations/{job_id}").json()["state"] == "cancelled"
    if "shows" not in turn:
        return
    job = talk.client.get(f"/v1/generations/{job_id}").json()
    assert job["state"] == "done", (told, job["reason"])
    if "of" in turn:
        parent = turn["of"]
        assert job["parent"] == (parent if parent is None else talk.answers[parent]["job_id"]), told
    assert worn_in(talk.client, job) == turn["shows"], told


def test_too_many_pictures_are_refused_in_words(mall):
    talk = begin_in(mall.house, "ko")
    for _ in range(3):
        assert talk.say("빨간 원피스 입은 여자 그려줘")["job_id"]
    answer = talk.say("빨간 원피스 입은 여자 그려줘")
    assert answer["job_id"] is None and "3장" in answer["reply"]


@pytest.mark.parametrize(
    ("language", "text", "count", "said"),
    [
        ("ko", "미니멀한 출근룩 네 가지 버전으로 그려 줘", 4, "4가지로"),
        ("en", "draw two versions of a minimal work look", 2, "2 pictures"),
        ("en", "draw a red skirt and a white shirt in three versions", 3, "3 pictures"),
        ("ko", "빨간 원피스 열 장 그려줘", 4, "한 번에 4장까지"),
    ],
)
def test_a_first_wish_for_several_versions_draws_as_many(mall, language, text, count, said):
    talk = begin_in(mall.house, language)
    answer = talk.say(text)
    assert said in answer["reply"]
    mall.work()
    job = talk.client.get(f"/v1/generations/{answer['job_id']}").json()
    assert (job["state"], len(job["pictures"])) == ("done", count)


def test_what_a_message_pointed_at_is_kept_with_it(mall):
    talk = begin_in(mall.house, "en")
    first = talk.say("draw a red skirt and a white shirt")["job_id"]
    mall.work()
    pointed = {"job_id": first, "variant": 1, "garment": 0}
    assert talk.say("make it blue", picture=pointed)["about"] == pointed
    turns = talk.client.get(talk.path).json()["turns"]
    assert [turn["answer"]["about"] for turn in turns] == [None, pointed]


def test_what_is_turned_down_is_asked_to_be_left_out(mall):
    talk = begin_in(mall.house, "ko")
    job_id = talk.say("남색 치마 그려줘, 분홍은 싫어")["job_id"]
    mall.work()
    manifest = talk.client.get(f"/v1/generations/{job_id}").json()["manifest"]
    assert manifest["wish"]["negative"] == "pink"


def test_a_picture_of_the_chat_is_changed_over_the_api_and_the_other_way_round(mall):
    talk = begin_in(mall.house, "en")
    first = talk.say("draw a red skirt and a white shirt")["job_id"]
    mall.work()
    body = {"item": "skirt", "wear": {"color": "blue"}}
    edit = talk.client.post(f"/v1/generations/{first}/edits", json=body).json()
    mall.done(talk.client, edit)
    second = talk.say("make the shirt black")["job_id"]
    mall.work()
    tree = talk.client.get(f"/v1/generations/{first}").json()
    assert tree["edits"] == [edit["id"], second]


def test_a_picture_that_was_erased_is_not_gone_back_to(mall):
    talk = begin_in(mall.house, "en")
    job_id = talk.say("draw a red skirt and a white shirt")["job_id"]
    mall.work()
    with mall.house.database.transaction() as session:
        session.execute(delete(Wish).where(Wish.job_id == job_id))
    assert "not there any more" in talk.say("make the skirt black")["reply"]
    assert talk.say("draw a red skirt and a white shirt")["job_id"]


def test_a_message_that_points_is_about_that_picture_that_variant_and_that_garment(mall):
    talk = begin_in(mall.house, "en")
    first = talk.say("draw a red skirt and a white shirt")["job_id"]
    mall.work()
    four = talk.say("draw four versions")["job_id"]
    mall.work()
    assert len(talk.client.get(f"/v1/generations/{four}").json()["pictures"]) == 4
    pointed = {"job_id": four, "variant": 3}
    seen = talk.client.get(f"/v1/generations/{four}/garments?variant=3").json()["garments"]
    skirt = next(one for one in seen if one["category"] == "skirt")
    height, width = skirt["mask"]["size"]
    assert height > width and skirt["mask"]["counts"]
    said = talk.say("trousers in black", picture=pointed | {"garment": skirt["garment"]})
    mall.work()
    changed = talk.client.get(f"/v1/generations/{said['job_id']}").json()
    assert (changed["parent"], changed["parent_variant"]) == (four, 3)
    worn = [(one["category"], one["color"]) for one in changed["wear"]]
    assert ("trousers", "black") in worn and ("skirt", "red") not in worn
    early = talk.say("make the skirt green", picture={"job_id": first})["job_id"]
    mall.work()
    assert talk.client.get(f"/v1/generations/{early}").json()["parent"] == first
    back = talk.say("undo", picture={"job_id": said["job_id"]})
    assert back["job_id"] == four
    again = talk.say("make the skirt blue")["job_id"]
    mall.work()
    assert talk.client.get(f"/v1/generations/{again}").json()["parent_variant"] == 3


def test_nobody_points_at_a_picture_of_somebody_else_or_at_none(mall):
    talk, other = begin_in(mall.house, "en"), begin_in(mall.house, "en")
    job_id = talk.say("draw a red skirt and a white shirt")["job_id"]
    mall.work()
    for wrong in ({"job_id": job_id}, {"job_id": "0" * 32}):
        body = {"text": "make it blue", "picture": wrong}
        assert other.client.post(f"{other.path}/messages", json=body).status_code == 404
    pointed = {"job_id": job_id, "garment": 99}
    assert "not seen" in talk.say("make it blue", picture=pointed)["reply"]
    pointed = {"job_id": job_id, "variant": 4}
    assert talk.say("make it blue", picture=pointed)["job_id"] is None
