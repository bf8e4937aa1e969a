"""What an operator can tell of queues and workers from the broker alone."""

from __future__ import annotations

import signal
from datetime import UTC, datetime, timedelta

import pytest
from celery.beat import Scheduler

from shared.presence import Alive, who_lives
from shared.queues import Queue, read_queues
from tests.integration.bus.conftest import until

pytestmark = pytest.mark.integration


def queue(installation, name: str) -> Queue:
    return next(one for one in read_queues(installation.context.broker).queues if one.name == name)


def lives(installation) -> list[tuple[tuple[str, ...], str | None]]:
    return [(one.hosts, one.task) for one in who_lives(installation.context.broker)]


def test_a_queue_tells_how_many_wait_and_since_when(installation):
    assert queue(installation, "classification") == Queue("classification", 0, None)
    before = datetime.now(UTC) - timedelta(seconds=1)
    installation.send("plain", "plain")
    waiting = queue(installation, "classification")
    assert waiting.waiting == 2
    assert waiting.oldest_at is not None and before <= waiting.oldest_at <= datetime.now(UTC)
    assert waiting.oldest_seconds(waiting.oldest_at + timedelta(seconds=90)) == 90


def test_what_beat_sends_has_its_time_as_well(installation):
    beat = Scheduler(app=installation.context.app)
    beat.apply_async(beat.schedule["ingestion.read_feeds"], advance=False)
    waiting = queue(installation, "ingestion")
    assert (waiting.waiting, waiting.oldest_at is None) == (1, False)


def test_a_worker_shows_that_it_lives_and_what_it_is_at(installation):
    installation.send("slow")
    worker = installation.worker("classification", "color")
    at_work = (("classification", "color"), "classification.classify_photos")
    until(lambda: at_work in lives(installation), seconds=60)
    assert read_queues(installation.context.broker).in_hand == 1
    worker.send_signal(signal.SIGTERM)
    (installation.data_dir / "go").touch()
    worker.wait(60)
    assert lives(installation) == []


def test_who_gives_no_sign_any_more_is_taken_for_gone(installation):
    broker = installation.context.broker
    sign = Alive(hosts=("color",), machine="m", pid=1, since=datetime.now(UTC))
    broker.give_sign("color@m-1", sign.model_dump_json(), seconds=1)
    broker.give_sign("of a later version", "{}", seconds=60)
    assert who_lives(broker) == [sign]
    until(lambda: who_lives(broker) == [], seconds=60)
