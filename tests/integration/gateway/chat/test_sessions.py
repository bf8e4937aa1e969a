"""Conversations over HTTP: kept, listed, streamed, gone on with from anywhere, nobody else's."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing

import pytest

from services.gateway.app import create_app
from services.gateway.chat.keeping import store
from services.gateway.chat.keeping.store import Turn, Written, write_turns
from services.gateway.settings import ChatSettings, GatewaySettings
from shared.records import open_database
from shared.settings import Settings
from tests.integration.gateway.chat.conftest import begin_in
from tests.integration.gateway.conftest import serving

pytestmark = pytest.mark.integration


@pytest.fixture(params=["sqlite", "postgres"])
def settings(request, tmp_path) -> Settings:
    """One data folder, on both databases."""
    url = None
    if request.param == "postgres":
        url = request.getfixturevalue("postgres_database_url")
    return Settings(data_dir=tmp_path, lang="en", database_url=url)


@pytest.fixture
def second(house) -> Iterator[str]:
    """The address of another gateway process on the same database, as far as it can tell."""
    with ExitStack() as stack:
        database = stack.enter_context(closing(open_database(house.context.settings.database)))
        app = create_app(GatewaySettings(), house.context, database, chat_settings=ChatSettings())
        yield stack.enter_context(serving(app))


def test_a_conversation_goes_on_on_another_device_and_after_a_restart(house, second):
    talk = begin_in(house, "ko")
    talk.say("데이트룩 추천해 주세요")
    elsewhere = house.stranger(**dict(talk.client.headers))
    elsewhere.base_url = second
    path = f"{talk.path}/messages"
    there = elsewhere.post(path, json={"text": "미니멀이요"}).json()
    assert there["known"] == {"style": "minimal", "occasion": "date"}
    here = talk.say("여자요")
    assert here["number"] == 3
    assert here["known"]["style"] == "minimal"


def test_messages_at_the_same_time_are_all_answered_one_after_the_other(house, second):
    talk = begin_in(house, "en")
    path = f"{talk.path}/messages"
    elsewhere = house.stranger(**dict(talk.client.headers))
    elsewhere.base_url = second

    def say(at: int):
        client = talk.client if at % 2 else elsewhere
        return client.post(path, json={"text": f"hello {at}"})

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(say, range(16)))
    assert {answer.status_code for answer in answers} <= {200, 503}
    told = [answer.json() for answer in answers if answer.status_code == 200]
    turns = talk.client.get(talk.path).json()["turns"]
    assert [turn["number"] for turn in turns] == list(range(1, len(told) + 1))
    assert {turn["message_id"] for turn in turns} == {answer["message_id"] for answer in told}


def test_nobody_sees_or_writes_a_strangers_conversation(house):
    mine, other = begin_in(house), begin_in(house)
    said = mine.say("안녕하세요")
    for method, path in (
        ("GET", mine.path),
        ("DELETE", mine.path),
        ("POST", f"{mine.path}/messages"),
        ("GET", f"{mine.path}/messages/{said['message_id']}"),
    ):
        body = {"text": "hi"} if method == "POST" else None
        answer = other.client.request(method, path, json=body)
        assert (answer.status_code, answer.json()["reason"]) == (404, "unknown_session")
    mixed = f"{other.path}/messages/{said['message_id']}"
    assert other.client.get(mixed).json()["reason"] == "unknown_message"
    assert [s["id"] for s in other.client.get("/v1/chat/sessions").json()["sessions"]] == [
        other.path.rpartition("/")[2]
    ]


def test_the_same_post_twice_is_one_message(house):
    talk = begin_in(house)
    path, key = f"{talk.path}/messages", {"Idempotency-Key": "one"}
    first = talk.client.post(path, json={"text": "안녕하세요"}, headers=key)
    again = talk.client.post(path, json={"text": "안녕하세요"}, headers=key)
    assert again.json() == first.json()
    other = talk.client.post(path, json={"text": "다른 말"}, headers=key)
    assert (other.status_code, other.json()["reason"]) == (422, "idempotency_key_reused")
    assert talk.client.get(talk.path).json()["messages"] == 1
    begun = [talk.client.post("/v1/chat/sessions", headers={"Idempotency-Key": "b"}) for _ in "ab"]
    assert begun[0].json() == begun[1].json()


def test_an_answer_streams_and_can_be_taken_up_again(house):
    talk = begin_in(house, "ko")
    stream = {"Accept": "text/event-stream"}
    answer = talk.client.post(
        f"{talk.path}/messages", json={"text": "데이트룩 추천해 주세요"}, headers=stream
    )
    assert answer.headers["content-type"].startswith("text/event-stream")
    events = events_of(answer.text)
    assert [name for name, _, _ in events][:1] == ["understood"]
    assert events[-1][0] == "done"
    whole = json.loads(events[-1][2])
    pieces = "".join(json.loads(data)["text"] for name, _, data in events if name == "delta")
    assert pieces == whole["reply"]
    path = f"{talk.path}/messages/{whole['message_id']}"
    assert talk.client.get(path).json() == whole
    third = events[2][1]
    rest = talk.client.get(path, headers=stream | {"Last-Event-ID": third})
    assert events_of(rest.text) == events[3:]


def events_of(text: str) -> list[tuple[str, str, str]]:
    """Return name, id and data of each event."""
    found = []
    for block in text.strip().split("\n\n"):
        lines = dict(line.split(": ", 1) for line in block.splitlines())
        found.append((lines["event"], lines["id"], lines["data"]))
    return found


def test_conversations_are_listed_page_by_page_and_deleted(house):
    talk = begin_in(house)
    paths = [talk.path] + [
        talk.client.post("/v1/chat/sessions").json()["links"]["self"] for _ in range(4)
    ]
    talk.say("안녕하세요")
    found, cursor = [], ""
    while cursor is not None:
        page = talk.client.get(f"/v1/chat/sessions?limit=2&cursor={cursor}" if cursor else
                               "/v1/chat/sessions?limit=2").json()  # fmt: skip
        found += page["sessions"]
        cursor = page["next"]
    assert {session["links"]["self"] for session in found} == set(paths) and len(found) == 5
    assert found[0]["title"] == "안녕하세요"
    assert talk.client.delete(talk.path).status_code == 204
    assert talk.client.get(talk.path).status_code == 404
    assert talk.client.post(f"{talk.path}/messages", json={"text": "hi"}).status_code == 404


def test_messages_are_paged_in_their_order(house):
    talk = begin_in(house)
    for _ in range(5):
        talk.say("안녕하세요")
    first = talk.client.get(f"{talk.path}?limit=3").json()
    rest = talk.client.get(f"{talk.path}?limit=3&cursor={first['next']}").json()
    assert [t["number"] for t in first["turns"] + rest["turns"]] == [1, 2, 3, 4, 5]
    assert rest["next"] is None


def test_erasing_in_the_chat_leaves_nothing_of_before(house):
    old, talk = begin_in(house), None
    old.say("나는 스트릿 좋아해")
    begun = old.client.post("/v1/chat/sessions").json()["links"]["self"]
    talk = type(old)(old.client, begun)
    talk.say("내 정보 다 지워줘")
    talk.say("네")
    assert old.client.get(old.path).status_code == 404
    assert [turn["text"] for turn in talk.client.get(talk.path).json()["turns"]] == ["네"]
    assert talk.client.get("/v1/me/preferences").json()["style"] == {}


def test_of_two_turns_on_one_state_only_one_is_written(house):
    talk = begin_in(house)
    session_id = talk.path.rpartition("/")[2]
    with house.database.reading() as session:
        row = session.get(store.ChatSession, session_id)
        known = store.find(session, session_id, row.person_id)
    turns = [
        Turn(known, known.state, f"{at:032x}", "hi", None, "{}", row.created_at) for at in range(2)
    ]
    assert [write_turns(house.database, [turn]) for turn in turns] == [[Written(None)], [None]]
