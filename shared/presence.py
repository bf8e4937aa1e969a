"""Signs of life: each worker, and beat, tells the broker that it lives and what it is at.

A thread tells it, so that a worker that is busy for minutes is not taken for a dead one.
"""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from pydantic import AwareDatetime, BaseModel, ConfigDict, ValidationError

from shared.broker import Broker
from shared.logging import logger

log = logger(__name__)

EVERY: Final = 5.0
"""Seconds between two signs."""
KEPT: Final = 20
"""Seconds after which who gave no sign counts as gone."""


class Alive(BaseModel):
    """One process, as it told of itself."""

    model_config = ConfigDict(frozen=True)

    hosts: tuple[str, ...]
    """Services whose messages it handles; or ``beat``."""
    machine: str
    pid: int
    since: AwareDatetime
    task: str | None = None
    """What it is at; None: it waits for work."""
    task_since: AwareDatetime | None = None


@dataclass
class _AtHand:
    """The task that this process is at. One at a time: workers have one thread for tasks."""

    task: str | None = None
    since: datetime | None = None


_at_hand: Final = _AtHand()


@contextmanager
def at_work(task: str) -> Iterator[None]:
    """Be at ``task`` meanwhile."""
    _at_hand.task, _at_hand.since = task, datetime.now(UTC)
    try:
        yield
    finally:
        _at_hand.task = _at_hand.since = None


@contextmanager
def signs_of_life(broker: Broker, hosts: tuple[str, ...]) -> Iterator[None]:
    """Tell the broker now and then that this process lives; at the end, that it has gone."""
    machine, pid, since = socket.gethostname(), os.getpid(), datetime.now(UTC)
    name = f"{'+'.join(hosts)}@{machine}-{pid}"
    stop = threading.Event()

    def tell() -> None:
        while True:
            sign = Alive(
                hosts=hosts,
                machine=machine,
                pid=pid,
                since=since,
                task=_at_hand.task,
                task_since=_at_hand.since,
            )
            broker.give_sign(name, sign.model_dump_json(), seconds=KEPT)
            if stop.wait(EVERY):
                return

    thread = threading.Thread(target=tell, name="signs of life", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(EVERY)
        broker.take_sign_back(name)


def who_lives(broker: Broker) -> list[Alive]:
    """Return who gave a sign lately, by name; RetryableError where the broker does not answer."""
    found = []
    for name, sign in sorted(broker.signs().items()):
        try:
            found.append(Alive.model_validate_json(sign))
        except ValidationError as error:
            log.warning("a sign of life that cannot be read", name=name, error=str(error)[:200])
    return found
