"""What a turn of the chat is spent on: ``python -m tests.benchmarks.chat_parts`` (a minute).

The gateway's app runs in this process and is called as a server would call it, by fifty people at
once, with no sockets between. CPU time of each part is taken in the thread that does it; what is
left over is the event loop, the framework and handing work to threads.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import functools
import gc
import json
import logging
import os
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import uvloop
from fastapi import FastAPI
from rich.console import Console
from rich.table import Table

from services.gateway import edge, keys
from services.gateway.app import create_app
from services.gateway.chat import conversation
from services.gateway.chat.deeds import changing, doing, styling, trending
from services.gateway.chat.keeping import commits
from services.gateway.chat.understanding import reader
from services.gateway.people import shelf
from services.gateway.settings import GatewaySettings
from shared import bus
from shared.logging import configure
from shared.records import open_database
from shared.settings import Settings, read
from tests.benchmarks.chat import USERS, installation
from tests.benchmarks.chat_talks import MIXED, TALKS, conversing, in_order

PARTS: Final = {
    "reading the message": [(reader.Reader, "understand")],
    "deciding": [(doing.Deeds, "heard"), (conversation, "decide")],
    "finding looks": [(styling, "recommend"), (changing, "recommend")],
    "wording and cards": [(doing, "_looked_up"), (doing, "_said"), (trending, "told")],
    "state and answer as JSON": [(conversation, "_turn")],
    "whose key it is": [(keys.KeyRing, "find")],
    "what is known of the person": [(shelf.ProfileShelf, "read")],
    "transactions": [(commits, "write_turns")],
    "access line and metrics": [(edge._Exchange, "_record")],
}
TURNS: Final = 60
"""Of each person, for each kind of talk."""


class Clock:
    """CPU seconds by part; a part within another is not counted in both."""

    def __init__(self) -> None:
        self.spent: defaultdict[str, float] = defaultdict(float)
        self._inner: defaultdict[int, list[float]] = defaultdict(list)

    def around(self, part: str, work: Callable[..., Any]) -> Callable[..., Any]:
        """Return ``work``, timed."""

        @functools.wraps(work)
        def timed(*arguments: Any, **named: Any) -> Any:
            inner = self._inner[threading.get_ident()]
            inner.append(0.0)
            begun = time.thread_time()
            try:
                return work(*arguments, **named)
            finally:
                spent = time.thread_time() - begun
                self.spent[part] += spent - inner.pop()
                if inner:
                    inner[-1] += spent

        return timed


async def post(app: FastAPI, path: str, key: str, body: object) -> Any:
    """Call the app as a server would; return what it answers."""
    data, sent = json.dumps(body).encode(), []
    arrived = [{"type": "http.request", "body": data, "more_body": False}]

    async def receive() -> dict[str, Any]:
        return arrived.pop()

    async def send(message: Any) -> None:
        sent.append(message)

    head = {
        "host": "x", "authorization": f"Bearer {key}", "content-type": "application/json",
        "content-length": str(len(data)),
    }  # fmt: skip
    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "POST",
        "scheme": "http", "path": path, "raw_path": path.encode(), "query_string": b"",
        "root_path": "", "headers": [(n.encode(), v.encode()) for n, v in head.items()],
        "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 80), "state": {},
    }  # fmt: skip
    await app(scope, receive, send)
    if sent[0]["status"] >= 300:
        raise RuntimeError(sent[1]["body"].decode())
    return json.loads(sent[1]["body"])


@contextlib.contextmanager
def opened(environment: dict[str, str]) -> Iterator[FastAPI]:
    """Make the app as ``mapsi gateway`` does; its log goes nowhere."""
    os.environ.update(environment)
    settings = read(Settings)
    configure(settings)
    with Path(os.devnull).open("w") as nowhere:
        for handler in logging.getLogger().handlers:
            if isinstance(handler, logging.StreamHandler):
                handler.setStream(nowhere)
        yield create_app(
            read(GatewaySettings), bus.connect(settings), open_database(settings.database)
        )


async def measure(app: FastAPI, people: Sequence[str], clock: Clock) -> dict[str, dict[str, float]]:
    """Return CPU milliseconds a turn by kind of talk and part."""
    paths = [
        f"/v1/chat/sessions/{(await post(app, '/v1/chat/sessions', key, {}))['id']}/messages"
        for key in people
    ]

    async def talk(says: Iterator[Callable[[int], str]], turns: int) -> None:
        async def one(at: int, words: Callable[[int], str]) -> None:
            for turn in range(turns):
                await post(app, paths[at], people[at], {"text": words(turn)})

        await asyncio.gather(*(one(at, next(says)) for at in range(len(people))))

    await talk(in_order(MIXED), len(MIXED))
    talks = {name: in_order(texts) for name, texts in TALKS.items()}
    found = {}
    for name, says in {**talks, "conversations": conversing()}.items():
        clock.spent.clear()
        begun = time.process_time()
        await talk(says, TURNS)
        whole, turns = time.process_time() - begun, TURNS * len(people)
        told = {part: 1000 * clock.spent[part] / turns for part in PARTS}
        found[name] = {
            **told,
            "loop, framework, threads": 1000 * whole / turns - sum(told.values()),
        }
    return found


async def run(environment: dict[str, str], people: Sequence[str]) -> dict[str, dict[str, float]]:
    """Open the gateway and measure."""
    clock = Clock()
    with opened(environment) as app:
        for part, places in PARTS.items():
            for owner, name in places:
                setattr(owner, name, clock.around(part, getattr(owner, name)))
        gc.freeze()
        gc.set_threshold(20_000, 10, 10)
        async with app.router.lifespan_context(app):
            return await measure(app, people, clock)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--users", type=int, default=USERS)
    options = parser.parse_args()
    uvloop.install()
    with tempfile.TemporaryDirectory() as name, installation(Path(name), options.users) as made:
        found = asyncio.run(run(*made))
    table = Table(title=f"CPU ms of a turn, without sockets; load {os.getloadavg()[0]:.1f}")
    table.add_column("part")
    for talk in found:
        table.add_column(talk, justify="right")
    for part in next(iter(found.values())):
        table.add_row(part, *(f"{told[part]:.3f}" for told in found.values()))
    table.add_row("all", *(f"{sum(told.values()):.2f}" for told in found.values()))
    Console(width=120).print(table)


if __name__ == "__main__":
    main()
