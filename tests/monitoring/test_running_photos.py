"""Photos whose messages get lost, again and again: first they wait, and then they are given up."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from redis import Redis

from tests.monitoring.planting import becomes_well, planted
from tests.monitoring.stack import Stack
from tests.monitoring.watching import Prometheus
from tests.system.installation import until

pytestmark = pytest.mark.monitoring

THIEVES = 8
"""As Redis serves who has waited longest, the worker gets one message in nine."""


def test_messages_that_get_lost(prometheus: Prometheus, stack: Stack) -> None:
    alerts = ("MapsiPhotosPending", "MapsiPhotosBuried")
    with taken_away(stack, "color"), planted(prometheus, *alerts, seconds=600):
        pass
    # Those on their third try are given up as well; then all of them get another three.
    until(
        lambda: prometheus.ask("max(mapsi_photos_oldest_pending_seconds) < 60"),
        seconds=300,
        what="photos still wait",
    )
    stack.call("retry", "--buried")
    becomes_well(prometheus)


@contextmanager
def taken_away(stack: Stack, queue: str) -> Iterator[None]:
    """Let somebody take messages from a queue who does nothing with them."""
    over = threading.Event()
    thieves = [threading.Thread(target=_steal, args=(stack, queue, over)) for _ in range(THIEVES)]
    for one in thieves:
        one.start()
    yield
    over.set()
    for one in thieves:
        one.join(60)


def _steal(stack: Stack, queue: str, over: threading.Event) -> None:
    broker = Redis.from_url(stack.settings.broker.replace("redis+socket://", "unix://"))
    while not over.is_set():
        broker.brpop([queue], timeout=1)
    broker.close()
