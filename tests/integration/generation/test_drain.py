"""A worker that is told to stop while it draws finishes its picture, and nobody draws it again."""

from __future__ import annotations

import signal
import threading

import pytest

from shared.broker import Broker
from shared.contracts.generation import LookWish, WornGarment
from tests.patience import until

pytestmark = [pytest.mark.integration, pytest.mark.timeout(600)]
FIRST, SECOND = "1" * 32, "2" * 32
SHIRT = WornGarment(category="long_sleeved_shirt", color="white")
PATIENCE = 180.0


@pytest.fixture
def database_url(sqlite_database_url):
    return sqlite_database_url


def look(seed):
    return LookWish(backend="openai", wear=(SHIRT,), width=64, height=512, seed=seed)


def test_a_worker_that_draws_ends_its_picture_after_sigterm_and_takes_no_other(studio):
    # As they are shipped: neither lease nor message comes back while a slow machine draws.
    del studio.environment["MAPSI_VISIBILITY_TIMEOUT"]
    del studio.environment["MAPSI_GENERATION_LEASE_SECONDS"]
    studio.environment["MAPSI_GENERATION_ATTEMPTS"] = "1"
    begun, finish = threading.Event(), threading.Event()

    def draw_slowly(asked):
        begun.set()
        finish.wait(PATIENCE)
        return studio.painter.answer(asked)

    studio.painter.faults.append(draw_slowly)
    studio.worker("generation", "generation.review")
    studio.worker("generation.gpu")
    studio.wish(FIRST, "ann", look(seed=1))
    assert begun.wait(PATIENCE)
    _, drawing = studio.workers[-1]
    drawing.send_signal(signal.SIGTERM)
    studio.wish(SECOND, "ben", look(seed=2))
    studio.worker("generation.gpu")
    until(lambda: studio.states().get(SECOND) == "done", seconds=PATIENCE)
    assert drawing.poll() is None, "it left its picture"
    assert studio.states()[FIRST] == "running"
    finish.set()
    assert drawing.wait(PATIENCE) == 0
    until(lambda: studio.states()[FIRST] == "done", seconds=PATIENCE)
    assert studio.painter.begun == [2, 1], "one is drawn twice, or by who should stop"
    broker = Broker(studio.context.settings)
    until(lambda: "generation.gpu" not in broker.held_by_queue())
    assert broker.queue_lengths()["generation.gpu"] == 0
