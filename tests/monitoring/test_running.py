"""A real Prometheus on a running Mapsi: nothing fires while all is well, every panel has data, and
each planted fault is told by its own alert.

An hour of the rules passes in three minutes (``scaling.py``). The files ``test_running*`` and the
tests in them run in the order they stand in: each begins and ends with a stack that is well.
"""

from __future__ import annotations

import contextlib
import time
from datetime import UTC, datetime, timedelta

import pytest

from deploy.grafana.source.__main__ import BOARDS
from shared import bus
from shared.backup_mark import note_backup
from tests.monitoring.planting import becomes_well, planted
from tests.monitoring.scaling import hurried
from tests.monitoring.stack import Stack, Traffic
from tests.monitoring.watching import Prometheus, Told
from tests.system.installation import until

pytestmark = pytest.mark.monitoring

SOAK = 240
"""Seconds: more than the hour that most alerts look back."""


def test_a_healthy_soak_is_silent(prometheus: Prometheus) -> None:
    ends = time.monotonic() + SOAK
    while time.monotonic() < ends:
        assert not prometheus.alerts()
        time.sleep(2)
    assert prometheus.ask('mapsi_photos_state{state="done"} > 50'), "photos did flow"
    assert prometheus.ask('mapsi_look_reviews_total{outcome="passed"} > 10'), "pictures, too"


def test_every_panel_has_data(prometheus: Prometheus, stack: Stack) -> None:
    note_backup(bus.connect(stack.settings).storage, datetime.now(UTC))
    waiting = {
        query.expr: f"{board.name}: {panel.title.en}"
        for board in BOARDS
        for panel in (panel for row in board.rows for panel in row.panels)
        for query in panel.queries
    }

    def all_have() -> bool:
        for expression in tuple(waiting):
            found = prometheus.ask(hurried(expression))
            if any(one["value"][1] != "NaN" for one in found):
                del waiting[expression]
        return not waiting

    with contextlib.suppress(AssertionError):
        until(all_have, seconds=300)
    assert not waiting


def test_a_dead_worker_and_its_queue(prometheus: Prometheus, stack: Stack, told: Told) -> None:
    with planted(prometheus, "MapsiQueueStuck", "MapsiProcessDown"):
        stack.kill("color")
    (stuck,) = [a for a in prometheus.alerts() if a["labels"]["alertname"] == "MapsiQueueStuck"]
    assert stuck["labels"]["queue"] == "color"
    assert "the queue color;" in stuck["annotations"]["summary"]
    assert "color 큐" in stuck["annotations"]["summary_ko"]
    until(lambda: any("MapsiQueueStuck" in text for _, text in told.posts))
    path, text = next(post for post in told.posts if "MapsiQueueStuck" in post[1])
    assert path == "/page"
    assert "the queue color;" in text
    assert "color 큐" in text
    assert "docs/runbooks/mapsi-queue-stuck.md" in text
    stack.start("color")
    becomes_well(prometheus)
    until(lambda: any("해결됨" in text for _, text in told.posts))


def test_a_dead_process(prometheus: Prometheus, stack: Stack) -> None:
    with planted(prometheus, "MapsiProcessDown"):
        stack.kill("generation.review")
    stack.start("generation.review")
    becomes_well(prometheus)


def test_beat_is_gone(prometheus: Prometheus, stack: Stack) -> None:
    with planted(prometheus, "MapsiBeatSilent", "MapsiProcessDown"):
        stack.kill("beat")
    stack.start("beat")
    becomes_well(prometheus)


def test_the_gateway_is_gone(prometheus: Prometheus, stack: Stack) -> None:
    with planted(prometheus, "MapsiGatewayDown"):
        stack.kill("gateway")
    stack.start("gateway")
    becomes_well(prometheus)


def test_messages_that_no_worker_understands(prometheus: Prometheus, stack: Stack) -> None:
    app = bus.connect(stack.settings).app

    def send() -> None:
        body = {"schema": "photos.unknown.v9", "body": {}, "correlation_id": "test"}
        for _ in range(20):
            app.send_task("trends.count_looks", kwargs=body, queue="trends")

    with planted(prometheus, "MapsiTaskErrors"):
        send()  # a first one makes the series, whose increase is seen from then on
        time.sleep(6)
        send()
        time.sleep(20)
        send()
    becomes_well(prometheus)


def test_photos_whose_files_are_gone(prometheus: Prometheus, stack: Stack) -> None:
    photos = stack.settings.data_dir / "objects" / "photos"

    def lose() -> None:
        for photo in photos.rglob("*.jpg"):
            photo.unlink(missing_ok=True)

    with planted(prometheus, "MapsiPhotosFailing"):
        loss = Traffic(lose, every=0.1)
    loss.stop()
    becomes_well(prometheus)


def test_an_old_backup(prometheus: Prometheus, stack: Stack) -> None:
    storage = bus.connect(stack.settings).storage
    with planted(prometheus, "MapsiBackupOld"):
        note_backup(storage, datetime.now(UTC) - timedelta(days=2))
    note_backup(storage, datetime.now(UTC))
    becomes_well(prometheus)


def test_requests_wait_for_a_slow_broker(prometheus: Prometheus, stack: Stack) -> None:
    with stack.client() as client, planted(prometheus, "MapsiGatewaySlow"):
        asking = [Traffic(lambda: client.get("/v1/operations/queues"), every=0.5) for _ in range(4)]
        ends = time.monotonic() + 240
        while "MapsiGatewaySlow" not in prometheus.firing() and time.monotonic() < ends:
            stack.valkey.hold(3.5)
            time.sleep(1)
        for one in asking:
            one.stop()
    becomes_well(prometheus)


def test_the_broker_is_gone(prometheus: Prometheus, stack: Stack) -> None:
    besides = (
        "MapsiBeatSilent", "MapsiTaskErrors", "MapsiLooksStuck", "MapsiLooksLost",
        "MapsiQueueStuck",
    )  # fmt: skip
    with planted(prometheus, "MapsiNotReady", besides=besides):
        stack.valkey.kill()
    stack.valkey.start()
    becomes_well(prometheus)
