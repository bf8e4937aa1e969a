"""How many turns of the chat one core carries, through HTTP, with fifty people at once.

``python -m tests.benchmarks.chat`` (two minutes) runs a real gateway process (SQLite, Valkey, the
sample shop, two years of counts) pinned to one core; the client and Valkey have the other one. In
the same run a bare FastAPI turn (JSON in, JSON out, nothing else) is measured on the same core: on
a busy machine compare with it, or read turns a CPU second, which waiting for the core does not
lengthen, though neighbours in its caches do.

Two loads, and they are not the same:

- *closed loop*: everybody sends the next message the moment the answer is there. The core is always
  full, so a wait is mostly the queue of the other 49: about people / (turns a second).
- *thinking*: everybody reads and types for a second, more or less, between two messages. That is
  what fifty people who talk at once are.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import uvloop
from rich.console import Console
from rich.table import Table

from services.gateway.keys import create_key
from shared.records import open_database, upgrade
from shared.settings import Settings
from tests.benchmarks.chat_talks import MIXED, TALKS, conversing, in_order
from tests.samples.shelf import fill_shop
from tests.samples.street import fill
from tests.servers.valkey import running_valkey
from tests.system.installation import free_port

USERS = 50
SECONDS = 10.0
SERVER_CORE, CLIENT_CORE = 0, 1
THINKING = 1.0
"""Seconds between an answer and the next message: half to one and a half times as many."""
BARE = """
from fastapi import FastAPI
from pydantic import BaseModel
import uvicorn, sys
class Message(BaseModel):
    text: str
class Reply(BaseModel):
    reply: str
app = FastAPI()
@app.post("/v1/chat/sessions/{session_id}/messages")
async def turn(session_id: str, message: Message) -> Reply:
    return Reply(reply=message.text)
uvicorn.run(app, port=int(sys.argv[1]), log_level="warning", access_log=False)
"""


@dataclass
class Measured:
    """One run."""

    turns: int = 0
    seconds: float = 0.0
    cpu: float = 0.0
    waits: list[float] = field(default_factory=list)

    def at(self, part: float) -> float:
        """Return the wait in milliseconds that ``part`` of the turns did not exceed."""
        waits = sorted(self.waits)
        return 1000 * waits[min(len(waits) - 1, int(part * len(waits)))]


@dataclass(frozen=True)
class Person:
    """Who talks, and where."""

    key: str
    session_id: str


class Wire:
    """One kept-alive connection that sends JSON and reads answers: cheaper than any client."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    async def post(self, path: str, key: str, body: object) -> bytes:
        """Return the body of a 2xx answer."""
        data = json.dumps(body).encode()
        head = (
            f"POST {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {key}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(data)}\r\n\r\n"
        )
        self._writer.write(head.encode() + data)
        answer = await self._reader.readuntil(b"\r\n\r\n")
        length = int(answer.lower().split(b"content-length:")[1].split(b"\r\n")[0])
        told = await self._reader.readexactly(length)
        if not answer.startswith(b"HTTP/1.1 2"):
            raise RuntimeError(f"{answer.decode()}{told.decode()}")
        return told


async def connect(port: int) -> Wire:
    """Open a connection."""
    return Wire(*await asyncio.open_connection("127.0.0.1", port))


async def measure(
    port: int,
    people: Sequence[Person],
    says: Iterator[Callable[[int], str]],
    *,
    pid: int,
    seconds: float,
    thinking: float = 0.0,
) -> Measured:
    """Let everybody talk for ``seconds``, each waiting for the answer before going on."""
    measured, parts, dice = Measured(), [next(says) for _ in people], random.Random(1)
    wires = [await connect(port) for _ in people]
    begun, cpu = time.perf_counter(), cpu_of(pid)
    end = begun + seconds

    async def talk(at: int) -> None:
        person, wire = people[at], wires[at]
        path = f"/v1/chat/sessions/{person.session_id}/messages"
        await asyncio.sleep(thinking * dice.random())
        turn = 0
        while time.perf_counter() < end:
            sent = time.perf_counter()
            await wire.post(path, person.key, {"text": parts[at](turn)})
            measured.waits.append(time.perf_counter() - sent)
            turn += 1
            if thinking:
                await asyncio.sleep(thinking * dice.uniform(0.5, 1.5))

    await asyncio.gather(*(talk(at) for at in range(len(people))))
    measured.seconds = time.perf_counter() - begun
    measured.cpu = cpu_of(pid) - cpu
    measured.turns = len(measured.waits)
    return measured


def cpu_of(pid: int) -> float:
    """Return the CPU seconds that a process has had."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextmanager
def serving(command: Sequence[str], environment: dict[str, str]) -> Iterator[int]:
    """Run a server on its core; yield its process id."""
    pinned = ["taskset", "-c", str(SERVER_CORE), sys.executable, *command]
    with subprocess.Popen(
        pinned, env=os.environ | environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        try:
            yield process.pid
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(timeout=30)


async def ready(port: int, answer: Callable[[Wire], Awaitable[object]]) -> None:
    """Wait until the server answers."""
    end = time.monotonic() + 120
    while True:
        try:
            await answer(await connect(port))
            return
        except (OSError, RuntimeError, asyncio.IncompleteReadError):
            if time.monotonic() > end:
                raise
            await asyncio.sleep(0.2)


async def people_of(port: int, keys: Sequence[str]) -> list[Person]:
    """Begin a conversation for each key."""
    wire = await connect(port)
    found = []
    for key in keys:
        begun = json.loads(await wire.post("/v1/chat/sessions", key, {}))
        found.append(Person(key, begun["id"]))
    return found


async def run(port: int, pid: int, keys: Sequence[str], *, seconds: float) -> dict[str, Measured]:
    """Measure each kind of talk and each load, after a round to warm up."""
    await ready(port, lambda wire: wire.post("/v1/chat/sessions", keys[0], {}))
    people = await people_of(port, keys)
    await measure(port, people, in_order(MIXED), pid=pid, seconds=3)
    found = {}
    for name, texts in {**TALKS, "mixed": MIXED}.items():
        found[name] = await measure(port, people, in_order(texts), pid=pid, seconds=seconds)
    found["conversations"] = await measure(port, people, conversing(), pid=pid, seconds=seconds)
    found["conversations, thinking"] = await measure(
        port, people, conversing(1), pid=pid, seconds=2 * seconds, thinking=THINKING
    )
    return found


async def bare(port: int, pid: int, *, seconds: float) -> Measured:
    """Measure a turn that does nothing."""
    people = [Person("none", "none")] * USERS
    path = "/v1/chat/sessions/none/messages"
    await ready(port, lambda wire: wire.post(path, "none", {"text": "hello"}))
    await measure(port, people, in_order(MIXED), pid=pid, seconds=1)
    return await measure(port, people, in_order(MIXED), pid=pid, seconds=seconds)


@contextmanager
def installation(folder: Path, people: int) -> Iterator[tuple[dict[str, str], list[str]]]:
    """Fill a database; yield the gateway's environment and the keys of as many people."""
    settings = Settings(data_dir=folder, lang="ko")
    with running_valkey(settings):
        upgrade(settings.database)
        today = datetime.now(UTC).date()
        with closing(open_database(settings.database)) as database:
            with database.transaction() as session:
                fill(session, last=today - timedelta(days=today.weekday(), weeks=1))
                fill_shop(session)
            keys = [create_key(database, f"person {at}", "user") for at in range(people)]
        environment = {
            "MAPSI_DATA_DIR": str(folder),
            "MAPSI_LANG": "ko",
            "MAPSI_REDIS_URL": settings.broker,
            "MAPSI_GATEWAY_REQUESTS_PER_MINUTE": "100000000",
            "MAPSI_GATEWAY_BURST": "1000000",
        }
        yield environment, keys


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=SECONDS)
    parser.add_argument("--users", type=int, default=USERS)
    options = parser.parse_args()
    os.sched_setaffinity(0, {CLIENT_CORE})
    uvloop.install()
    with tempfile.TemporaryDirectory() as name, installation(Path(name), options.users) as made:
        environment, keys = made
        port = free_port()
        with serving(["-c", BARE, str(port)], {}) as pid:
            nothing = asyncio.run(bare(port, pid, seconds=options.seconds))
        port = free_port()
        with serving(["-m", "services", "gateway", "--port", str(port)], environment) as pid:
            talks = asyncio.run(run(port, pid, keys, seconds=options.seconds))
    show(nothing, talks, people=options.users)


def show(nothing: Measured, talks: dict[str, Measured], *, people: int) -> None:
    """Print a table."""
    table = Table(title=f"{people} people at once, one core; load {os.getloadavg()[0]:.1f}")
    columns = ("turns of", "turns/s", "per CPU s", "CPU ms", "of bare", "core", "p50 ms", "p99 ms")
    for column in columns:
        table.add_column(column, justify="left" if column == "turns of" else "right")
    for name, measured in {"nothing (bare FastAPI)": nothing, **talks}.items():
        part = (measured.turns / measured.cpu) / (nothing.turns / nothing.cpu)
        table.add_row(
            name,
            f"{measured.turns / measured.seconds:,.0f}",
            f"{measured.turns / measured.cpu:,.0f}",
            f"{1000 * measured.cpu / measured.turns:.2f}",
            f"{part:.0%}",
            f"{measured.cpu / measured.seconds:.0%}",
            f"{measured.at(0.5):.1f}",
            f"{measured.at(0.99):.1f}",
        )
    Console(width=120).print(table)
    print(
        "Closed loop but for the last line, where everybody thinks for about "
        f"{THINKING:g} s between two messages."
    )


if __name__ == "__main__":
    main()
