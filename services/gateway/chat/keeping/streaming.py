"""An answer as server-sent events: what was understood, the words in pieces, the cards, the whole.

All of them are made from the answer as it is kept: who comes back gets the same ones, and goes on
behind the last one they had.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, Final

_PIECE: Final = re.compile(r"\S+\s*|\s+")


def events_of(answer: str, *, after: str | None = None) -> Iterator[bytes]:
    """Yield ``understood``, ``delta``…, ``card``…, ``done``, behind the event called ``after``."""
    reply: dict[str, Any] = json.loads(answer)
    message_id = reply["message_id"]
    events = list(_events(reply))
    begin = _behind(after, message_id, len(events))
    for number, (name, data) in enumerate(events[begin:], start=begin):
        body = answer if name == "done" else json.dumps(data, ensure_ascii=False)
        yield f"id: {message_id}-{number}\nevent: {name}\ndata: {body}\n\n".encode()


def _events(reply: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    understood = ("session_id", "message_id", "language", "intent", "slots", "period", "known")
    yield "understood", {name: reply[name] for name in understood}
    for piece in _PIECE.findall(reply["reply"]):
        yield "delta", {"text": piece}
    for card in reply["cards"]:
        yield "card", card
    yield "done", None


def _behind(after: str | None, message_id: str, length: int) -> int:
    name, _, number = (after or "").rpartition("-")
    if name != message_id or not number.isdigit():
        return 0
    return min(int(number) + 1, length)
