"""The bus on a real Valkey with real worker processes: what is sent gets done."""

import signal
import time

import pytest

from shared.errors import RetryableError
from tests.integration.bus.conftest import Installation, until

pytestmark = pytest.mark.integration


def test_a_message_goes_through_two_services_and_leaves_nothing_behind(installation):
    installation.send("plain")
    installation.worker("classification")
    installation.worker("segmentation")
    until(lambda: len(installation.events("segment")) == 1)
    until(lambda: installation.left() == 0)


def test_neighbouring_stages_of_one_worker_run_without_a_hop(installation):
    worker = installation.worker("classification", "segmentation")
    installation.send("plain")
    until(lambda: len(installation.events("segment")) == 1)
    until(lambda: installation.left() == 0)
    assert installation.events("segment")[0]["pid"] == worker.pid
    done = [line for line in installation.log_lines() if line["event"] == "task done"]
    assert {line["task"]: line.get("hosted", False) for line in done} == {
        "segmentation.segment_photos": True,
        "classification.classify_photos": False,
    }


def test_a_hosted_stage_that_fails_is_taken_over_by_its_own_queue(installation):
    installation.worker("classification", "segmentation")
    installation.send("segmentation fails once")
    until(lambda: len(installation.events("segment")) == 2)
    until(lambda: installation.left() == 0)
    assert len(installation.events("classify")) == 1


def test_what_may_succeed_later_is_tried_again(installation):
    installation.worker("classification")
    installation.send("flaky")
    until(lambda: len(installation.events("classify")) == 3)
    until(lambda: "segmentation" in waiting(installation))


def test_what_never_succeeds_is_told_to_ingestion_once(installation):
    installation.worker("classification", "ingestion")
    installation.send("broken", "bug", "away")
    until(lambda: len(installation.events("failed")) == 3)
    until(lambda: installation.left() == 0)
    reasons = sorted(event["reason"] for event in installation.events("failed"))
    assert reasons == ["3 retries: the store stays away", "ValueError: a bug", "no such model"]
    assert len(installation.events("classify")) == 1 + 1 + 4


def test_a_message_of_an_unknown_schema_is_refused_and_the_next_one_handled(installation):
    installation.worker("classification")
    envelope = {"schema": "photos.stored/99", "body": {}, "correlation_id": "c1"}
    name = "classification.classify_photos"
    installation.context.app.send_task(name, kwargs=envelope, queue="classification")
    installation.send("plain")
    until(lambda: len(installation.events("classify")) == 1)
    refused = [line for line in installation.log_lines() if line["event"] == "message refused"]
    assert "photos.stored/99" in refused[0]["reason"]
    assert refused[0]["correlation_id"] == "c1"


def test_the_work_of_a_killed_worker_is_done_by_another(installation):
    first = installation.worker("classification")
    installation.send("slow")
    until(lambda: len(installation.events("classify")) == 1)
    first.kill()
    (installation.data_dir / "go").touch()
    installation.worker("classification")
    until(lambda: len(installation.events("classified")) == 1)
    until(lambda: waiting(installation) == {"segmentation": 1})


def test_who_knows_that_a_worker_is_dead_need_not_wait_for_the_timeout(installation):
    first = installation.worker("classification")
    installation.send("slow", "plain")
    until(lambda: len(installation.events("classify")) == 1)
    first.kill()
    first.wait()
    assert installation.context.broker.hand_back("segmentation") == 0
    assert installation.context.broker.hand_back("classification") == 1
    assert waiting(installation) == {"classification": 2}
    (installation.data_dir / "go").touch()
    installation.worker("classification")
    until(lambda: len(installation.events("classified")) == 1)
    until(lambda: waiting(installation) == {"segmentation": 2})


def test_a_message_that_kills_every_worker_is_dropped_and_its_photos_named(installation):
    installation.worker("ingestion")
    installation.send("poison")
    deaths = 0
    while not installation.events("failed"):
        worker = installation.worker("classification", MAPSI_MAX_DELIVERIES="2")
        until(lambda w=worker: w.poll() is not None or bool(installation.events("failed")))
        if worker.poll() == -signal.SIGKILL:
            deaths += 1
            installation.context.broker.hand_back("classification")
    assert deaths == 2
    assert installation.events("failed")[0]["reason"] == "its worker died 2 times"
    assert installation.events("failed")[0]["photos"] == [f"{0:064x}"]
    until(lambda: installation.left() == 0)


def test_a_worker_asked_to_stop_finishes_the_batch_at_hand_and_takes_no_other(installation):
    worker = installation.worker("classification")
    installation.send("slow", "plain")
    until(lambda: len(installation.events("classify")) == 1)
    worker.send_signal(signal.SIGTERM)
    time.sleep(0.3)
    (installation.data_dir / "go").touch()
    assert worker.wait(timeout=20) == 0
    assert len(installation.events("classified")) == 1
    assert waiting(installation) == {"classification": 1, "segmentation": 1}


def test_nothing_queued_is_lost_when_the_broker_is_killed_and_comes_back(installation):
    worker = installation.worker("classification")
    installation.send("slow", "plain", "plain")
    until(lambda: len(installation.events("classify")) == 1)
    installation.valkey.kill()
    (installation.data_dir / "go").touch()  # the task ends while there is no broker
    time.sleep(1.5)
    installation.valkey.start()
    until(lambda: waiting(installation).get("segmentation", 0) >= 3, seconds=60)
    until(lambda: "classification" not in waiting(installation))
    assert worker.poll() is None


def test_a_retry_that_the_broker_could_not_take_is_not_lost(installation):
    installation.worker("classification")
    installation.send("slow, then away once")
    until(lambda: len(installation.events("classify")) == 1)
    installation.valkey.kill()
    (installation.data_dir / "go").touch()
    time.sleep(2)
    installation.valkey.start()
    until(lambda: waiting(installation) == {"segmentation": 1}, seconds=60)


def test_publishing_without_a_broker_says_so_quickly(installation):
    installation.send("plain")
    installation.valkey.kill()
    began = time.monotonic()
    with pytest.raises(RetryableError, match="away"):
        installation.send("plain")
    assert time.monotonic() - began < 5
    installation.valkey.start()
    installation.send("plain")
    assert waiting(installation) == {"classification": 2}


def test_every_log_line_about_a_message_has_its_correlation_id(installation):
    installation.worker("classification")
    installation.worker("segmentation")
    installation.send("plain")
    until(lambda: len(installation.events("segment")) == 1)
    until(lambda: installation.left() == 0)
    about = [line for line in installation.log_lines() if "task_id" in line]
    assert {line["task"] for line in about} == {
        "classification.classify_photos", "segmentation.segment_photos",
    }  # fmt: skip
    assert len({line["correlation_id"] for line in about}) == 1
    celery = [line for line in installation.log_lines() if line["logger"].startswith("celery")]
    assert not any("Task " in line["event"] for line in celery)


def waiting(installation: Installation) -> dict[str, int]:
    """Return the queues that are not empty."""
    lengths = installation.context.broker.queue_lengths()
    return {queue: length for queue, length in lengths.items() if length}
