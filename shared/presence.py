"""Signs of life: each worker, and beat, tells the broker that it lives and what it is at.

A thread tells it, so that a worker that is busy for minutes is not taken for a dead one.
"""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from typing import Final

from pydantic import AwareDatetime, BaseModel, ConfigDict, ValidationError

from shared import flow
from shared.broker import Broker
from shared.busy import BusyTime
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
    """Services whose messages it handles; or ``beat``, or ``gateway``."""
    machine: str
    pid: int
    since: AwareDatetime
    task: str | None = None
    """What it is at; None: it waits for work."""
    task_since: AwareDatetime | None = None
    version: str | None = None
    """Of Mapsi; None: one that did not tell it yet."""
    alike: Mapping[str, str] = {}
    """What must be the same in every process that tells it, by name; of secrets a fingerprint."""
    told_at: AwareDatetime | None = None
    """When it gave this sign, by its own clock."""

    @property
    def name(self) -> str:
        """Its name among the signs."""
        return f"{'+'.join(self.hosts)}@{self.machine}-{self.pid}"


@dataclass
class _AtHand:
    """The task that this process is at. One at a time: workers have one thread for tasks."""

    task: str | None = None
    since: datetime | None = None


_at_hand: Final = _AtHand()
_busy: Final = BusyTime()


@contextmanager
def at_work(task: str) -> Iterator[None]:
    """Be at ``task`` meanwhile."""
    _at_hand.task, _at_hand.since = task, datetime.now(UTC)
    try:
        with _busy.at_work(flow.queue_of(task)):
            yield
    finally:
        _at_hand.task = _at_hand.since = None


@contextmanager
def signs_of_life(
    broker: Broker, hosts: tuple[str, ...], *, alike: Callable[[], Mapping[str, str]] = dict
) -> Iterator[None]:
    """Tell the broker now and then that this process lives; at the end, that it has gone.

    ``alike`` is asked once, in the thread that tells: it may take its time.
    """
    machine, pid, since = socket.gethostname(), os.getpid(), datetime.now(UTC)
    name = f"{'+'.join(hosts)}@{machine}-{pid}"
    stop = threading.Event()

    def tell() -> None:
        same = alike()
        while True:
            _busy.count()
            sign = Alive(
                hosts=hosts,
                machine=machine,
                pid=pid,
                since=since,
                task=_at_hand.task,
                task_since=_at_hand.since,
                version=version("mapsi"),
                alike=same,
                told_at=datetime.now(UTC),
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


def clocks(broker: Broker) -> dict[str, float]:
    """Return how many seconds each living process's clock is ahead of the broker's, by name.

    Good to some hundredths of a second. Raises RetryableError where the broker does not answer.
    """
    left, now = broker.seconds_left_of_signs(), broker.clock()
    return {
        one.name: one.told_at.timestamp() - (now - (KEPT - left[one.name]))
        for one in who_lives(broker)
        if one.told_at is not None and one.name in left
    }
