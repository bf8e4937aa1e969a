"""Sources on a schedule, as an admin adds, follows, pauses and removes them over HTTP."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import update

from shared.records.sources import ScheduledSource, SourceCursor
from shared.source_calls import Allowance, Asked

pytestmark = pytest.mark.integration

TOWN = {"name": "town", "kind": "mastodon", "url": "https://fashion.town/", "hashtags": ["#OOTD"]}


KINDS_ADDED = {
    "instagram": {"user_id": "17841400000000000"},
    "mastodon": {"url": "https://fashion.town"},
    "pixelfed": {"url": "https://pixel.example"},
    "bluesky": {},
    "tumblr": {},
    "feed": {"url": "https://street.example/feed.xml"},
}


@pytest.fixture
def admin(house):
    return house.client("boss", "admin")


def test_a_source_is_added_listed_paused_resumed_and_removed(admin):
    added = admin.post("/v1/sources", json=TOWN)
    assert added.status_code == 201
    source = added.json()
    assert (source["state"], source["every_minutes"]) == ("active", 15)
    assert (source["url"], source["hashtags"]) == ("https://fashion.town", ["ootd"])
    assert "noindex" in source["terms"] and source["licence"]
    assert source["figures"] == {"found": 0, "taken": 0, "refused": 0, "videos": 0, "withheld": 0}
    assert [one["name"] for one in admin.get("/v1/sources").json()["sources"]] == ["town"]
    assert admin.patch("/v1/sources/town", json={"paused": True}).json()["state"] == "paused"
    assert admin.get("/v1/sources/town").json()["pause_reason"] == "asked"
    assert admin.patch("/v1/sources/town", json={"paused": False}).json()["state"] == "active"
    assert admin.delete("/v1/sources/town").status_code == 204
    assert admin.get("/v1/sources/town").status_code == 404
    assert admin.get("/v1/sources").json() == {"sources": [], "next": None}


def test_only_an_admin_sees_or_changes_sources(house, admin):
    admin.post("/v1/sources", json=TOWN)
    user = house.client()
    for answer in (
        user.get("/v1/sources"),
        user.get("/v1/sources/town"),
        user.post("/v1/sources", json=TOWN),
        user.patch("/v1/sources/town", json={"paused": True}),
        user.delete("/v1/sources/town"),
    ):
        assert (answer.status_code, answer.json()["reason"]) == (403, "admin_needed")
    assert house.stranger().get("/v1/sources").status_code == 401


def test_trouble_is_told_with_its_fix_in_the_readers_language(house, admin):
    admin.post("/v1/sources", json=TOWN)
    with house.database.transaction() as session:
        session.execute(
            update(ScheduledSource).values(
                error="its token is expired; put a new one", error_ko="토큰이 만료되었습니다"
            )
        )
    assert admin.get("/v1/sources/town").json()["error"].startswith("its token is expired")
    korean = admin.get("/v1/sources/town", headers={"Accept-Language": "ko"}).json()
    assert (korean["error"], korean["state"]) == ("토큰이 만료되었습니다", "failing")


def test_calls_and_limits_of_every_kind_are_told_in_the_readers_language(house, admin):
    for kind, more in KINDS_ADDED.items():
        added = admin.post("/v1/sources", json={"name": kind, "kind": kind, **more})
        assert added.status_code == 201, added.text
    now = datetime.now(UTC)
    told = Allowance(limit=300, remaining=287, resets_at=None, told_at=now)
    with house.database.transaction() as session:
        for tag, asked in {
            "ootd": Asked(on=now.date(), calls=4, allowance=told),
            "look": Asked(on=now.date(), calls=3),
            "old": Asked(on=now.date() - timedelta(days=1), calls=90),
        }.items():
            position = {"asked": asked.model_dump(mode="json", exclude_defaults=True)}
            session.add(SourceCursor(source="mastodon", hashtag=tag, position=position))
    sources = {one["name"]: one for one in admin.get("/v1/sources").json()["sources"]}
    assert sources["mastodon"]["calls_today"] == 7
    assert sources["mastodon"]["allowance"]["remaining"] == 287
    assert sources["tumblr"]["calls_today"] == 0 and sources["tumblr"]["allowance"] is None
    assert sources["instagram"]["quota"] == {"limit": 30, "used": 0, "resets_at": None}
    assert sources["feed"]["limits"].startswith("no quota")
    korean = admin.get("/v1/sources", headers={"Accept-Language": "ko"}).json()["sources"]
    assert all(re.search("[가-힣]", one["limits"]) for one in korean)
    assert all(one["limits"] for one in sources.values())


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "mastodon", "url": None},
        {"kind": "myspace"},
        {"kind": "instagram"},
        {"user_id": "17841"},
        {"url": "file:///etc/passwd"},
        {"url": "https://user@fashion.town"},
        {"name": "Fashion Town"},
        {"hashtags": ["two words"]},
        {"hashtags": []},
        {"every_minutes": 0},
        {"token": "never send it here"},
    ],
    ids=str,
)
def test_what_no_source_can_be_is_refused_by_name(admin, wrong):
    answer = admin.post("/v1/sources", json={**TOWN, **wrong})
    assert answer.status_code == 422
    assert answer.json()["errors"]
    assert admin.get("/v1/sources").json()["sources"] == []


def test_the_same_request_twice_adds_one_source_and_a_taken_name_is_a_conflict(admin):
    once = {"Idempotency-Key": "a"}
    first = admin.post("/v1/sources", json=TOWN, headers=once)
    again = admin.post("/v1/sources", json=TOWN, headers=once)
    assert (again.status_code, again.json()) == (201, first.json())
    taken = admin.post("/v1/sources", json=TOWN)
    assert (taken.status_code, taken.json()["reason"]) == (409, "source_exists")


def test_many_sources_come_in_pages(admin):
    for number in range(5):
        admin.post("/v1/sources", json={**TOWN, "name": f"town{number}"})
    names, cursor = [], ""
    while cursor is not None:
        page = admin.get(
            "/v1/sources", params={"limit": 2, **({"cursor": cursor} if cursor else {})}
        )
        names += [one["name"] for one in page.json()["sources"]]
        cursor = page.json()["next"]
    assert names == [f"town{number}" for number in range(5)]
