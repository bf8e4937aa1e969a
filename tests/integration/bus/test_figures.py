"""The figures of a backlog, of errors and of time, as Prometheus reads them from real processes."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from services.figures import keep_looking, look_at_backups, look_at_photos, look_at_queues
from shared import metrics
from shared.backup_mark import note_backup
from shared.errors import RetryableError
from shared.records.ingestion import Photo
from shared.records.trends import Settlement
from shared.storage import open_storage
from tests.integration.bus.conftest import until

pytestmark = pytest.mark.integration


def value(gauge, *labels: str) -> float:
    return (gauge.labels(*labels) if labels else gauge)._value.get()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def scrape(port: int) -> dict[str, float]:
    """Return samples by name and labels' values, sorted by label; none while nobody answers."""
    try:
        answer = httpx.get(f"http://127.0.0.1:{port}/metrics", trust_env=False, timeout=30)
    except httpx.TransportError:
        return {}
    return {
        " ".join([sample.name, *sample.labels.values()]): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


def test_a_backlog_is_told_by_number_and_by_age(installation):
    look_at_queues(installation.context.broker)
    assert value(metrics.QUEUE_LENGTH, "classification") == 0
    assert value(metrics.QUEUE_OLDEST_SECONDS, "classification") == 0
    began = datetime.now(UTC)
    installation.send(*["plain"] * 7)
    look_at_queues(installation.context.broker)
    assert value(metrics.QUEUE_LENGTH, "classification") == 7
    first = value(metrics.QUEUE_OLDEST_SECONDS, "classification")
    assert 0 <= first <= (datetime.now(UTC) - began).total_seconds() + 1
    until(lambda: datetime.now(UTC) - began > timedelta(seconds=1.2))
    look_at_queues(installation.context.broker)
    assert value(metrics.QUEUE_OLDEST_SECONDS, "classification") > first
    assert value(metrics.QUEUE_LENGTH, "segmentation") == 0


def test_what_a_worker_holds_is_in_hand_and_waits_no_more(installation):
    installation.send("slow", "slow", "slow")
    installation.worker("classification")
    until(lambda: installation.events("classify") != [], seconds=60)
    look_at_queues(installation.context.broker)
    in_hand = value(metrics.QUEUE_IN_HAND, "classification")
    assert in_hand >= 1
    assert value(metrics.QUEUE_LENGTH, "classification") + in_hand == 3
    assert value(metrics.QUEUE_IN_HAND, "segmentation") == 0


def test_a_worker_serves_what_it_did_on_its_own_port(installation):
    port = free_port()
    installation.send("plain", "broken", "bug", "flaky")
    installation.worker("classification", "segmentation", MAPSI_METRICS_PORT=str(port))
    task = "classification.classify_photos"
    until(lambda: scrape(port).get(f"mapsi_tasks_total ok {task}") == 2, seconds=60)
    found = scrape(port)
    assert found[f"mapsi_errors_total error {task}"] == 3  # broken once, flaky twice: no reason
    assert found[f"mapsi_errors_total bug {task}"] == 1
    assert found["mapsi_processes classification"] == found["mapsi_processes segmentation"] == 1
    assert [name for name in found if name.startswith("mapsi_build_info")]
    # Four photos were tried at classification, and two got through it and the next stage.
    assert found["mapsi_stage_seconds_count classification"] == 2
    assert found["mapsi_stage_seconds_count segmentation"] == 2
    # The one that was tried three times waited a second or more between its tries.
    assert found["mapsi_stage_seconds_sum classification"] > 1


def test_a_worker_tells_that_it_is_at_work_while_it_is(installation):
    port, name = free_port(), "mapsi_busy_seconds_total classification"
    installation.worker("classification", MAPSI_METRICS_PORT=str(port))
    until(lambda: scrape(port).get(name) == 0, seconds=60)
    installation.send("slow")
    until(lambda: scrape(port)[name] > 0, seconds=60)
    assert installation.events("classified") == []  # it waits for the word to go on
    (installation.data_dir / "go").touch()
    task = "classification.classify_photos"
    until(lambda: scrape(port).get(f"mapsi_tasks_total ok {task}") == 1, seconds=60)
    done = scrape(port)[name]
    assert scrape(port)["mapsi_task_seconds_sum " + task] <= done


def test_beat_tells_of_queues_and_photos_while_no_worker_lives(installation):
    port = free_port()
    environment = {
        **os.environ,
        "MAPSI_DATA_DIR": str(installation.data_dir),
        "MAPSI_METRICS_PORT": str(port),
    }
    installation.send("plain", "plain")
    subprocess.run([sys.executable, "-m", "services", "migrate"], env=environment, check=True)
    beat = subprocess.Popen([sys.executable, "-m", "services", "beat"], env=environment)
    installation.workers.append(beat)
    until(lambda: scrape(port).get("mapsi_queue_length classification") == 2, seconds=60)
    until(lambda: scrape(port).get("mapsi_photos_state waiting") == 0, seconds=60)
    found = scrape(port)
    assert found["mapsi_processes beat"] == 1
    assert found["mapsi_watched_timestamp_seconds queues"] > 0
    assert found["mapsi_watched_timestamp_seconds photos"] > 0


def photo(number: int, **more: object) -> Photo:
    photo_id = f"{number:064x}"
    facts = {
        "photo_id": photo_id, "key": "k", "width": 1, "height": 1, "perceptual_hash": number,
        "fine_hash": b"", "look_id": photo_id, "posted_at": datetime(2026, 11, 2, tzinfo=UTC),
        "source": "street", "received_at": datetime(2026, 11, 2, second=number, tzinfo=UTC),
    }  # fmt: skip
    return Photo(**(facts | more))


def ended(number: int, outcome: str, at: datetime) -> Settlement:
    return Settlement(
        photo_id=f"{number:064x}", outcome=outcome, stage="color", models={}, settled_at=at
    )


def test_photos_are_told_by_state_and_by_the_age_of_the_oldest(database):
    look_at_photos(database)
    assert value(metrics.PHOTOS_OLDEST_PENDING_SECONDS) == 0
    now = datetime.now(UTC)
    announced = now - timedelta(minutes=10)
    with database.transaction() as session:
        session.add_all(photo(n, published_at=announced) for n in range(1, 7))
        session.add(photo(7, published_at=announced, buried_at=now, buried_reason="no"))
        session.add(photo(8, published_at=now - timedelta(hours=2)))
    with database.transaction() as session:
        session.add_all([ended(1, "analyzed", now), ended(2, "analyzed", now)])
        session.add_all([ended(3, "not_fashion", now), ended(4, "failed", now)])
    look_at_photos(database)
    states = ("waiting", "done", "not_fashion", "failed", "buried")
    assert [value(metrics.PHOTOS_STATE, state) for state in states] == [3, 2, 1, 1, 1]
    assert 7200 <= value(metrics.PHOTOS_OLDEST_PENDING_SECONDS) < 7300
    # One that was lost and is announced again is as old as it was.
    came = now - timedelta(hours=5)
    with database.transaction() as session:
        session.add(photo(9, received_at=came, published_at=now, attempts=2))
    look_at_photos(database)
    assert 5 * 3600 <= value(metrics.PHOTOS_OLDEST_PENDING_SECONDS) < 5 * 3600 + 100
    assert value(metrics.WATCHED, "photos") >= now.timestamp()


def test_the_last_backup_is_told(installation):
    storage = open_storage(installation.context.settings)
    metrics.BACKUP_LAST_SUCCESS.set(0)
    look_at_backups(storage)
    assert value(metrics.BACKUP_LAST_SUCCESS) == 0
    made = datetime(2026, 11, 2, 3, tzinfo=UTC)
    note_backup(storage, made)
    look_at_backups(storage)
    assert value(metrics.BACKUP_LAST_SUCCESS) == made.timestamp()


def test_a_store_that_is_away_for_a_while_is_looked_for_until_it_is_back():
    stop, looks = threading.Event(), []

    def look() -> None:
        looks.append(None)
        if len(looks) < 3:
            raise RetryableError("the store is away")
        stop.set()

    keep_looking(look, stop=stop, every=0)
    assert len(looks) == 3
