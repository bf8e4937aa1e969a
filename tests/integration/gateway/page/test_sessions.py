"""Signing in on the page: the cookie is no key, and no other site can use it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import httpx
import pytest
from sqlalchemy import select, update

from services.gateway.keys import create_key, find_key, list_keys, revoke_key
from services.gateway.people.erasing import erase_idle_guests
from services.gateway.web.sessions import open_session
from shared.records.gateway import ApiKey, PageSession
from tests.samples.wardrobe import photo_bytes

pytestmark = pytest.mark.integration
PAGE = {"X-Mapsi-Page": "1"}
VIEW = {"name": "mine", "query": {"by": "item"}}


@pytest.fixture
def key(house):
    return create_key(house.database, "boss", "admin")


def signed_in(house, key: str) -> httpx.Client:
    """Return a browser that has signed in."""
    browser = house.stranger()
    entered = browser.post("/session", data={"key": key, "next": "/trends?weeks=4"})
    assert (entered.status_code, entered.headers["Location"]) == (303, "/trends?weeks=4")
    return browser


def from_here(house) -> dict[str, str]:
    """Return the headers that a script of the page sends."""
    return PAGE | {"Origin": house.url}


def test_the_cookie_is_out_of_reach_of_scripts_and_is_not_the_key(house, key):
    entered = house.stranger().post("/session", data={"key": key})
    cookie = entered.headers["Set-Cookie"]
    assert "HttpOnly" in cookie and "samesite=strict" in cookie.lower()
    assert key not in cookie and key.removeprefix("mapsi_") not in cookie


def test_only_a_hash_of_the_session_is_kept(house, key):
    token = signed_in(house, key).cookies["mapsi_session"]
    with house.database.reading() as session:
        (kept,) = session.scalars(select(PageSession.token_hash)).all()
    assert token not in kept


def test_a_session_is_no_api_key(house, key):
    token = signed_in(house, key).cookies["mapsi_session"]
    bearer = house.stranger(Authorization=f"Bearer {token}")
    assert bearer.get("/v1/photos").status_code == 401
    assert house.stranger(Cookie=f"mapsi_session={key}").get("/v1/photos").status_code == 401


def test_who_signs_in_sees_what_the_key_sees(house, key):
    photo_id = house.analyze(photo_bytes())
    browser = signed_in(house, key)
    assert browser.get(f"/v1/photos/{photo_id}").status_code == 200
    assert browser.get("/session").json()["role"] == "admin"


def test_the_page_can_change_things(house, key):
    browser = signed_in(house, key)
    assert browser.post("/v1/views", json=VIEW, headers=from_here(house)).status_code == 201
    told = PAGE | {"Sec-Fetch-Site": "same-origin"}
    assert browser.post("/v1/views", json=VIEW, headers=told).status_code == 201


@pytest.mark.parametrize(
    "headers",
    [
        {},
        PAGE,  # nothing says where from
        {"Origin": "HERE"},  # a form of ours, or of another site on this port: no header
        PAGE | {"Origin": "https://elsewhere.example"},
        PAGE | {"Origin": "null"},
        PAGE | {"Origin": "HERE", "Sec-Fetch-Site": "same-site"},
        PAGE | {"Sec-Fetch-Site": "cross-site"},
    ],
    ids=["nothing", "no origin", "no header", "foreign", "null", "same site", "cross site"],
)
def test_no_other_page_can_use_the_cookie(house, key, headers):
    browser = signed_in(house, key)
    sent = {name: house.url if told == "HERE" else told for name, told in headers.items()}
    refused = browser.post("/v1/views", json=VIEW, headers=sent)
    assert (refused.status_code, refused.json()["reason"]) == (403, "foreign_origin")
    session = browser.post("/v1/chat/sessions", json={}, headers=sent)
    assert session.status_code == 403
    assert browser.get("/v1/views").json()["views"] == []


def test_a_message_of_the_chat_is_guarded_too(house, key):
    browser = signed_in(house, key)
    opened = browser.post("/v1/chat/sessions", json={}, headers=from_here(house)).json()
    path = f"/v1/chat/sessions/{opened['session_id']}/messages"
    assert browser.post(path, json={"text": "hello"}).status_code == 403
    assert browser.post(path, json={"text": "hello"}, headers=from_here(house)).is_success


def test_other_sites_cannot_sign_anyone_in_or_out(house, key):
    foreign = {"Origin": "https://elsewhere.example"}
    browser = signed_in(house, key)
    for path in ("/session", "/session/end", "/session/guest", "/session/ticket"):
        refused = browser.post(path, data={"key": key}, headers=foreign | PAGE)
        assert refused.status_code == 403, path
    assert browser.get("/session").json()["role"] == "admin"


def test_after_signing_in_one_stays_on_this_site(house, key):
    for elsewhere in ("https://elsewhere.example/", "//elsewhere.example", "/\\elsewhere.example"):
        entered = house.stranger().post("/session", data={"key": key, "next": elsewhere})
        assert entered.headers["Location"] == "/"


def test_who_signs_out_is_out_even_with_the_cookie(house, key):
    browser = signed_in(house, key)
    token = browser.cookies["mapsi_session"]
    assert browser.post("/session/end").status_code == 303
    assert house.stranger(Cookie=f"mapsi_session={token}").get("/v1/views").status_code == 401


def test_a_revoked_key_ends_its_sessions(house, key):
    browser = signed_in(house, key)
    found = find_key(house.database, key)
    revoke_key(house.database, found.key_id)
    house.gateway.sessions.drop(found.key_id)  # instead of two seconds
    assert browser.get("/v1/views").status_code == 401


def test_a_session_that_nobody_uses_ends(house, key):
    browser = signed_in(house, key)
    with house.database.transaction() as session:
        long_ago = datetime.now(UTC) - timedelta(days=31)
        session.execute(update(PageSession).values(used_at=long_ago))
    house.gateway.sessions.drop(find_key(house.database, key).key_id)
    assert browser.get("/v1/views").status_code == 401


def test_a_wrong_key_is_told_and_opens_nothing(house):
    browser = house.stranger(**{"Accept-Language": "ko"})
    page = browser.post("/session", data={"key": "mapsi_no"}, follow_redirects=True)
    assert "유효하지 않은 키입니다" in page.text
    assert "mapsi_session" not in browser.cookies


def test_a_ticket_opens_one_session(house, key):
    ticket = open_session(house.database, find_key(house.database, key).key_id, kind="ticket")
    assert house.stranger(Cookie=f"mapsi_session={ticket}").get("/v1/views").status_code == 401
    browser = house.stranger()
    assert ticket in browser.get(f"/sign-in?ticket={ticket}").text  # looking uses nothing up
    assert browser.post("/session/ticket", data={"ticket": ticket}).headers["Location"] == "/"
    assert browser.get("/session").json()["role"] == "admin"
    again = house.stranger().post("/session/ticket", data={"ticket": ticket})
    assert "wrong_ticket" in again.headers["Location"]


def test_a_guest_has_an_own_room_and_is_the_same_one_the_next_time(house):
    one, two = house.stranger(**from_here(house)), house.stranger(**from_here(house))
    assert [one.post("/session/guest").status_code, two.post("/session/guest").status_code] == [
        201,
        201,
    ]
    assert one.post("/session/guest").status_code == 200
    one.post("/v1/views", json=VIEW)
    assert len(one.get("/v1/views").json()["views"]) == 1
    assert two.get("/v1/views").json()["views"] == []
    assert one.get("/v1/sources").status_code == 403


def test_who_is_signed_in_does_not_become_a_guest(house, key):
    browser = signed_in(house, key)
    assert browser.post("/session/guest", headers=from_here(house)).json()["role"] == "admin"
    assert len(list_keys(house.database)) == 1


def test_guests_stay_out_unless_the_operator_lets_them_in(open_house):
    house = open_house(host="0.0.0.0")
    refused = house.stranger(**from_here(house)).post("/session/guest")
    assert (refused.status_code, refused.json()["reason"]) == (403, "no_guests")
    house = open_house(host="0.0.0.0", guests=True)
    assert house.stranger(**from_here(house)).post("/session/guest").status_code == 201


def test_one_address_cannot_make_guests_without_end(house):
    for _ in range(200):
        answer = house.stranger(**from_here(house)).post("/session/guest")
        if answer.status_code == 429:
            break
    assert answer.json()["reason"] == "too_many_guests"
    assert int(answer.headers["Retry-After"]) >= 1


def test_a_guest_who_does_not_come_back_is_erased(house, key):
    guest, other = house.stranger(**from_here(house)), house.stranger(**from_here(house))
    guest.post("/session/guest")
    other.post("/session/guest")
    guest.post("/v1/views", json=VIEW)
    long_ago = datetime.now(UTC) - timedelta(days=31)
    with house.database.transaction() as session:
        left = session.scalars(select(ApiKey).where(ApiKey.role == "guest")).first()
        left_id = left.key_id
        session.execute(update(ApiKey).values(created_at=long_ago))
        of_left = PageSession.key_id == left_id
        session.execute(update(PageSession).where(of_left).values(used_at=long_ago))
    assert erase_idle_guests(house.gateway, now=datetime.now(UTC)) == 1
    assert {known.key_id for known in list_keys(house.database) if known.revoked_at} == {left_id}
