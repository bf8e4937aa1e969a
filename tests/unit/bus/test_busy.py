"""How long a worker is at work is told while it is, and no longer: autoscalers go by it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from prometheus_client import generate_latest

from shared import metrics
from shared.busy import BusyTime, show_idle

QUEUE = "classification"


class Clock:
    """Time that passes when a test says so."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def time(clock: Clock) -> BusyTime:
    return BusyTime(clock)


@pytest.fixture(autouse=True)
def _nothing_done() -> Iterator[None]:
    metrics.BUSY_SECONDS.clear()
    yield
    metrics.BUSY_SECONDS.clear()


def told(queue: str = QUEUE) -> float:
    return metrics.BUSY_SECONDS.labels(queue)._value.get()


def test_time_at_work_is_told_before_the_work_ends(clock, time):
    with time.at_work(QUEUE):
        clock.now += 7
        time.count()
        assert told() == 7
        clock.now += 200
        time.count()
        assert told() == 207
        clock.now += 3
    assert told() == 210


def test_who_waits_is_not_at_work(clock, time):
    with time.at_work(QUEUE):
        clock.now += 2
    clock.now += 100
    time.count()
    assert told() == 2
    with time.at_work("color"):
        clock.now += 5
    assert (told(), told("color")) == (2, 5)


def test_work_that_fails_was_work(clock, time):
    with pytest.raises(ValueError, match="a bug"), time.at_work(QUEUE):
        clock.now += 4
        raise ValueError("a bug")
    clock.now += 50
    time.count()
    assert told() == 4


def test_a_new_worker_tells_that_it_did_nothing_yet():
    show_idle("color", "generation.gpu")
    shown = generate_latest(metrics.BUSY_SECONDS).decode()
    assert 'mapsi_busy_seconds_total{queue="color"} 0.0' in shown
    assert 'mapsi_busy_seconds_total{queue="generation.gpu"} 0.0' in shown
