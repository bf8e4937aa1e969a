"""What is known of a person, over HTTP: seen, changed, taken along, erased; theirs alone."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime, timedelta
from zipfile import ZipFile

import pytest
from sqlalchemy import select

from services.gateway.access import Gateway
from services.gateway.people import book
from services.gateway.people.holdings import HOLDINGS
from services.gateway.people.learning import RATE, Signal
from services.gateway.web.sessions import open_session
from shared.records.base import Base
from shared.records.gateway import ApiKey, Upload, Wish
from shared.records.generation import GpuShare
from shared.storage.keys import generation_key
from tests.samples import wardrobe

pytestmark = pytest.mark.integration
NOT_A_PERSONS = {"deletions"}
"""Tables with a key's id in another sense: who ordered it."""


def person_of(house, client):
    """Return the id of the client's key."""
    with house.database.reading() as session:
        keys = session.scalars(select(ApiKey).order_by(ApiKey.created_at)).all()
    return next(key.key_id for key in keys if key.name == client)


def teach(gateway: Gateway, person: str, *signals: Signal, days_ago: float = 0.0) -> None:
    with gateway.database.transaction() as session:
        book.learn(session, person, signals, datetime.now(UTC) - timedelta(days=days_ago))


def test_nothing_is_known_at_first(house):
    told = house.client().get("/v1/me/preferences").json()
    assert told["style"] == {} and told["avoid"] == [] and told["details"] == []
    assert told["gender"] is None and told["personal_color"] == {}


def test_a_patch_changes_what_it_names_and_null_forgets(house):
    me = house.client()
    me.patch(
        "/v1/me/preferences",
        json={"style": {"minimal": 0.9, "street": -0.5}, "avoid": ["pink"], "budget": 90000},
    )
    told = me.patch(
        "/v1/me/preferences", json={"style": {"street": None}, "budget": None, "gender": "men"}
    ).json()
    assert told["style"] == {"minimal": 0.9}
    assert (told["avoid"], told["budget"], told["gender"]) == (["pink"], None, "men")
    assert me.patch("/v1/me/preferences", json={"avoid": ["red"]}).json()["avoid"] == ["red"]


def test_wrong_words_are_refused_by_name(house):
    me = house.client(**{"Accept-Language": "ko"})
    answer = me.patch("/v1/me/preferences", json={"style": {"gothic": 1}})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["where"] == "body.style"
    assert me.patch("/v1/me/preferences", json={"style": {"minimal": 7}}).status_code == 422
    assert me.patch("/v1/me/preferences", json={"avoid": ["monday"]}).status_code == 422


def test_each_preference_says_where_it_comes_from_and_fades(house):
    me = house.client("mina", **{"Accept-Language": "ko"})
    person = person_of(house, "mina")
    teach(house.gateway, person, Signal("color", "navy", "like"), days_ago=60)
    detail = me.get("/v1/me/preferences").json()["details"][0]
    assert (detail["label"], detail["source_label"]) == ("남색", "좋아한 코디")
    assert detail["weight"] == pytest.approx(RATE["like"] / 2, abs=0.001)
    teach(house.gateway, person, Signal("color", "red", "like"), days_ago=600)
    assert "red" not in me.get("/v1/me/preferences").json()["color"]


def test_who_likes_what_they_avoided_does_not_avoid_it_any_more(house):
    me = house.client("mina")
    me.patch("/v1/me/preferences", json={"avoid": ["pink", "skirt"]})
    teach(house.gateway, person_of(house, "mina"), Signal("color", "pink", "said"))
    told = me.get("/v1/me/preferences").json()
    assert told["avoid"] == ["skirt"]
    assert told["color"]["pink"] > 0


def test_two_people_never_mix(house):
    one, other = house.client("one"), house.client("other")
    one.patch("/v1/me/preferences", json={"style": {"minimal": 1}, "personal_color": "summer"})
    assert other.get("/v1/me/preferences").json()["style"] == {}
    other.delete("/v1/me/preferences")
    told = one.get("/v1/me/preferences").json()
    assert told["style"] == {"minimal": 1}
    assert max(told["personal_color"], key=told["personal_color"].get) == "summer"


def test_preferences_can_be_forgotten(house):
    me = house.client()
    me.patch("/v1/me/preferences", json={"style": {"minimal": 1}, "personal_color": "summer"})
    assert me.delete("/v1/me/preferences").status_code == 204
    told = me.get("/v1/me/preferences").json()
    assert told["details"] == [] and told["personal_color"] == {}


def things(house, me):
    """Give a person one of everything; return the photo and the picture's job."""
    photo_id = house.analyze(wardrobe.photo_bytes())
    sent = me.post("/v1/photos", files={"file": ("me.jpg", wardrobe.photo_bytes(), "image/jpeg")})
    assert sent.status_code == 202 and sent.json()["id"] == photo_id
    wish = {"pieces": [{"photo_id": photo_id, "garment": 0}], "title": "my title"}
    job = me.post("/v1/generations", json=wish, headers={"Idempotency-Key": "k"}).json()
    picture = generation_key(job["id"], "picture.png")
    house.context.storage.put(picture, b"png", content_type="image/png")
    with house.database.transaction() as session:
        mine = session.get_one(Wish, job["id"]).key_id
        session.add(GpuShare(requester=mine, pictures=1.0, at=datetime.now(UTC)))
    open_session(house.database, mine)
    me.patch("/v1/me/preferences", json={"style": {"minimal": 1}, "personal_color": "summer"})
    me.post("/v1/views", json={"name": "my view", "query": {"by": "item", "weeks": 12}})
    rule = {"name": "my rule", "growth": 0.3, "weeks": 4, "support": 20, "item": "trousers"}
    rule |= {"webhook": "https://1.1.1.1/x"}
    made = me.post("/v1/alerts", json=rule, headers={"Idempotency-Key": "rule"})
    assert made.status_code == 201 and "whsec_" in made.text
    talk = me.post("/v1/chat/sessions").json()["links"]["messages"]
    assert me.post(talk, json={"text": "hello"}).status_code == 200
    return photo_id, job["id"]


def test_the_export_has_everything_and_no_secret(house):
    me = house.client("mina")
    photo_id, job_id = things(house, me)
    answer = me.get("/v1/me/export")
    told = answer.json()
    for holding in HOLDINGS:
        assert told[holding.table.name], f"nothing of {holding.table.name}"
    assert told["analyses"][photo_id]["garments"]
    assert "attachment" in answer.headers["content-disposition"]
    assert "whsec" not in answer.text and "secret_hash" not in answer.text
    with ZipFile(io.BytesIO(me.get("/v1/me/export?format=zip").content)) as packed:
        assert set(packed.namelist()) == {
            "mapsi.json", f"photos/{photo_id}.jpg", f"pictures/{job_id}.png",
        }  # fmt: skip
        assert json.loads(packed.read("mapsi.json"))["wishes"] == told["wishes"]


def test_the_export_is_nobody_elses(house):
    things(house, house.client("mina"))
    told = house.client("jun").get("/v1/me/export").text
    for word in ("mina", "my title", "my view", "my rule", "minimal"):
        assert word not in told


def test_who_is_erased_leaves_nothing_and_the_key_opens_nothing(house):
    me, other = house.client("mina"), house.client("jun")
    _, job_id = things(house, me)
    other.patch("/v1/me/preferences", json={"style": {"street": 1}})
    person = person_of(house, "mina")
    answer = me.delete("/v1/me")
    assert answer.status_code == 202
    orders = [m["deletion_id"] for m in house.queued("ingestion") if "deletion_id" in m]
    assert orders == [answer.json()["photos"]]
    assert me.get("/v1/me/preferences").status_code == 401
    assert not house.context.storage.exists(generation_key(job_id, "picture.png"))
    with house.database.reading() as session:
        for holding in HOLDINGS:
            own = holding.table.c[holding.person] == person
            rows = session.execute(select(holding.table).where(own)).all()
            assert len(rows) == (holding.model is ApiKey), holding.table.name
        assert session.get_one(ApiKey, person).name == ""
        assert session.scalars(select(Upload)).all() == []
    assert other.get("/v1/me/preferences").json()["style"] == {"street": 1}


def test_a_table_that_names_a_person_is_exported_and_erased():
    held = {holding.table.name for holding in HOLDINGS}
    held |= {child.__tablename__ for holding in HOLDINGS for child, _ in holding.children}
    naming = {
        table.name
        for table in Base.metadata.tables.values()
        if {"key_id", "person_id", "requester"} & set(table.c.keys())
    }
    assert naming - held - NOT_A_PERSONS == set()
