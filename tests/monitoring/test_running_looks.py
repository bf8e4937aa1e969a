"""Pictures that are not drawn, or not well: each fault is told by its own alert."""

from __future__ import annotations

import threading
import time
from functools import partial

import pytest
from PIL import Image

from tests.monitoring.conftest import LEASE
from tests.monitoring.drawing import Drawer
from tests.monitoring.planting import becomes_well, planted
from tests.monitoring.stack import Stack
from tests.monitoring.street import WISH
from tests.monitoring.watching import Prometheus
from tests.servers.drawing import people
from tests.servers.drawing.http import Asked
from tests.servers.drawing.openai_images import picture, refusal

pytestmark = pytest.mark.monitoring


def test_nobody_draws(prometheus: Prometheus, stack: Stack) -> None:
    besides = ("MapsiQueueStuck", "MapsiProcessDown", "MapsiLooksFailing")
    with planted(prometheus, "MapsiLooksStuck", besides=besides):
        stack.kill("generation.gpu")
    stack.start("generation.gpu")
    becomes_well(prometheus)


def test_workers_that_die_while_they_draw(
    prometheus: Prometheus, stack: Stack, server: Drawer
) -> None:
    besides = ("MapsiProcessDown", "MapsiLooksFailing", "MapsiLooksStuck", "MapsiQueueStuck")
    with planted(prometheus, "MapsiLooksLost", besides=besides):
        for _ in range(8):
            if "MapsiLooksLost" in prometheus.firing():
                break
            begun, killed = threading.Event(), threading.Event()

            def wait(asked: Asked, begun: threading.Event, killed: threading.Event) -> None:
                begun.set()
                killed.wait(60)

            server.faults.append(partial(wait, begun=begun, killed=killed))
            assert begun.wait(120)
            stack.kill("generation.gpu")
            killed.set()
            time.sleep(LEASE + 6)  # until its lease has run out, and somebody saw it
            stack.start("generation.gpu")
    becomes_well(prometheus)


def test_the_server_that_draws_refuses(
    prometheus: Prometheus, stack: Stack, server: Drawer
) -> None:
    besides = ("MapsiLooksStuck",)
    with stack.client() as client, planted(prometheus, "MapsiLooksFailing", besides=besides):
        server.faults += [refusal(400, "moderation_blocked", "Your request was rejected.")] * 40
        for _ in range(10):
            client.post("/v1/generations", json=WISH)
            time.sleep(3)
    server.faults.clear()
    becomes_well(prometheus)


def test_pictures_that_show_nothing_of_the_wish(
    prometheus: Prometheus, stack: Stack, server: Drawer
) -> None:
    grey = picture(people.png(Image.new("RGB", (1024, 1536), (128, 128, 128))))
    with stack.client() as client, planted(prometheus, "MapsiReviewRejects"):
        server.faults += [grey] * 400
        ends = time.monotonic() + 280
        while "MapsiReviewRejects" not in prometheus.firing() and time.monotonic() < ends:
            client.post("/v1/generations", json=WISH | {"variants": 4})
            time.sleep(4)
    server.faults.clear()
    becomes_well(prometheus)
