"""Two gateways serve one installation: it does not matter which of them a request meets."""

from __future__ import annotations

from dataclasses import replace

import httpx
import pytest

from services.gateway.keys import create_key
from services.generation import tasks  # noqa: F401  (registers them)
from shared import bus
from shared.contracts.generation import LookRequested
from tests.integration.gateway.conftest import House, Open
from tests.patience import until
from tests.samples.wardrobe import photo_bytes

pytestmark = pytest.mark.integration


@pytest.fixture
def houses(open_house: Open) -> tuple[House, House]:
    """Two gateways with the same stores; each remembers for itself."""
    return open_house(), open_house()


def person(house: House) -> httpx.Client:
    """Return somebody with a key; two gateways that warm up in one process answer slowly."""
    client = house.client("boss", "admin")
    client.timeout = 120
    return client


def at(house: House, client: httpx.Client) -> httpx.Client:
    """Return the same person, as another gateway meets them."""
    other = house.stranger(**dict(client.headers))
    other.cookies, other.timeout = client.cookies, client.timeout
    return other


def wish(client: httpx.Client, photo: str, key: str) -> httpx.Response:
    pieces = [{"photo_id": photo, "garment": number} for number in (0, 1)]
    return client.post("/v1/generations", json={"pieces": pieces}, headers={"Idempotency-Key": key})


def test_a_wish_that_is_sent_again_to_the_other_is_one_wish(houses):
    first, second = houses
    here = person(first)
    photo = first.analyze(photo_bytes())
    there = at(second, here)
    answers = [wish(client, photo, "one") for client in (here, there, here)]
    assert [answer.status_code for answer in answers] == [202, 202, 202]
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert len(first.queued("generation")) == 1
    assert wish(there, photo, "two").json()["id"] != answers[0].json()["id"]


def test_a_picture_wished_at_one_is_followed_at_the_other(houses):
    first, second = houses
    here = person(first)
    job = wish(here, first.analyze(photo_bytes()), "one").json()
    with at(second, here).stream("GET", job["links"]["events"]) as stream:
        lines = (line for line in stream.iter_lines() if line.startswith("data:"))
        assert '"state":"queued"' in next(lines)
        context = replace(first.context, hosted=frozenset({"generation"}))
        for body in first.queued("generation"):
            bus.run("generation.accept_look", LookRequested.model_validate(body), context)
        assert '"state":"done"' in list(lines)[-1]


def test_who_signs_in_at_one_is_known_to_the_other_until_they_sign_out(houses):
    first, second = houses
    key = create_key(first.database, "boss", "admin")
    here = first.stranger()
    here.timeout = 120
    assert here.post("/session", data={"key": key}).status_code == 303
    there = at(second, here)
    assert there.get("/session").json()["name"] == "boss"
    assert at(first, here).post("/session/end").status_code == 303
    until(lambda: there.get("/session").json()["name"] is None)


def test_what_is_learned_of_a_person_at_one_shows_at_the_other(houses):
    first, second = houses
    here = person(first)
    there = at(second, here)
    assert there.get("/v1/me/preferences").json()["budget"] is None
    assert here.patch("/v1/me/preferences", json={"budget": 90000}).status_code == 200
    until(lambda: there.get("/v1/me/preferences").json()["budget"] == 90000)
