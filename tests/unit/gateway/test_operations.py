"""What operators are told: alike in both languages, and what is kept of long looks."""

from __future__ import annotations

import json
import re
import threading
from datetime import UTC, datetime

import pytest

from services.gateway.operations.kept import Kept
from services.gateway.operations.wording import _TEXTS
from shared.queues import Queue, sent_at


def test_what_was_found_is_kept_for_all_who_ask():
    looks = []
    kept: Kept[int] = Kept(3600)

    def look() -> int:
        looks.append(1)
        return len(looks)

    threads = [threading.Thread(target=kept.get, args=(look,)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (kept.get(look), len(looks)) == (1, 1)
    kept.drop()
    assert kept.get(look) == 2


def test_a_look_that_failed_is_not_kept():
    kept: Kept[int] = Kept(3600)
    with pytest.raises(ZeroDivisionError):
        kept.get(lambda: 1 // 0)
    assert kept.get(lambda: 7) == 7


@pytest.mark.parametrize("name", _TEXTS)
def test_both_languages_tell_the_same(name):
    english, korean = _TEXTS[name]
    fields = [sorted(re.findall(r"\{\w+\}|`[^`]+`", text)) for text in (english, korean)]
    assert fields[0] == fields[1]
    assert any("가" <= letter <= "힣" for letter in korean)


@pytest.mark.parametrize(
    "message",
    [None, b"", b"[]", b"{}", b'{"headers": null}', b'{"headers": {"sent_at": "soon"}}',
     b'{"headers": {"sent_at": 1e300}}', b"\xff"],
)  # fmt: skip
def test_a_message_that_does_not_say_when_it_was_sent_has_no_age(message):
    assert sent_at(message) is None
    assert Queue("color", 1, None).oldest_seconds(datetime.now(UTC)) == 0.0


def test_a_message_says_when_it_was_sent():
    moment = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
    raw = json.dumps({"headers": {"sent_at": moment.timestamp()}}).encode()
    assert sent_at(raw) == moment
    earlier = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)  # by a clock that goes wrong
    assert Queue("color", 1, moment).oldest_seconds(earlier) == 0.0
