"""Talking to ``mapsi up``: it understands, asks once, and goes on after a restart."""

from __future__ import annotations

import json

import pytest

from tests.system.installation import Installation

pytestmark = pytest.mark.system


def test_a_conversation_goes_on_after_a_restart(install):
    mapsi: Installation = install()
    mapsi.up()
    with mapsi.http() as client:
        begun = client.post("/v1/chat/sessions", json={"language": "ko"}).json()
        path = begun["links"]["messages"]
        asked = client.post(path, json={"text": "데이트룩 추천해 주세요"}, timeout=60).json()
        assert (asked["intent"], asked["missing"]) == ("recommend", ["style"])
        assert len(asked["choices"]) == 6
    assert mapsi.stop() == 0
    mapsi.up()
    with mapsi.http() as client:
        answer = client.post(path, json={"text": "미니멀이요"}, timeout=60).json()
        assert answer["known"] == {"style": "minimal", "occasion": "date"}
        assert answer["number"] == 2
        stream = {"Accept": "text/event-stream"}
        events = client.post(path, json={"text": "hello"}, headers=stream).text
        assert events.startswith("id: ") and "event: understood" in events
        last = json.loads(events.strip().rpartition("data: ")[2])
        assert (last["language"], last["intent"]) == ("en", "greeting")
        assert len(client.get(begun["links"]["self"]).json()["turns"]) == 3
    assert mapsi.stop() == 0
