"""A real Prometheus on a running Mapsi: nothing fires while all is well, every panel has data, and
each planted fault is told by its own alert.

An hour of the rules passes in three minutes (``scaling.py``). Tests run in the order they stand in:
each begins and ends with a stack that is well.
"""

from __future__ import annotations

import contextlib
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from PIL import Image

from deploy.grafana.source.__main__ import BOARDS
from shared import bus
from shared.backup_mark import note_backup
from tests.monitoring.conftest import LEASE, WISH, Street, upload
from tests.monitoring.scaling import hurried
from tests.monitoring.stack import Stack, Traffic
from tests.monitoring.watching import Prometheus, Told
from tests.servers.drawing import people
from tests.servers.drawing.http import Asked
from tests.servers.drawing.openai_images import OpenAIServer, picture, refusal
from tests.system.installation import free_port, until

pytestmark = pytest.mark.monitoring

SOAK = 240
"""Seconds: more than the hour that most alerts look back."""
LINGER = {"MapsiSourceFailing", "MapsiGatewayErrorsSlow"}
"""They look back so far that they still fire when all has long been well again."""
ELSEWHERE = {
    "mapsi_gpu_memory_bytes": "no GPU is here",
    "mapsi_source_quota_remaining": "only Instagram has a quota",
    "mapsi_drift_psi": "weeks of looks are needed",
    "mapsi_forecast_": "weeks of forecasts are needed",
}
"""What a run of minutes on one machine has no figures of, and why."""


@contextmanager
def planted(
    prometheus: Prometheus, alert: str, *besides: str, seconds: float = 300
) -> Iterator[None]:
    """Wait for ``alert``, and see that only it fires, or what the fault brings besides.

    The block plants the fault; after it the test mends it.
    """
    until(
        lambda: not prometheus.firing() - LINGER,
        seconds=seconds,
        what=f"it was not well before: {prometheus.alerts()}",
    )
    assert alert not in prometheus.firing()
    yield
    seen: set[str] = set()

    def fires() -> bool:
        seen.update(prometheus.firing())
        return alert in seen

    until(fires, seconds=seconds, what=f"{alert} does not fire; seen: {seen}")
    assert seen - LINGER <= {alert, *besides}


def becomes_well(prometheus: Prometheus, *, seconds: float = 420) -> None:
    until(
        lambda: not prometheus.firing() - LINGER,
        seconds=seconds,
        what=f"still fires: {prometheus.alerts()}",
    )


def test_a_healthy_soak_is_silent(prometheus: Prometheus) -> None:
    ends = time.monotonic() + SOAK
    while time.monotonic() < ends:
        assert not prometheus.alerts()
        time.sleep(2)
    assert prometheus.ask('mapsi_photos_state{state="done"} > 50'), "photos did flow"


def test_every_panel_has_data(prometheus: Prometheus, stack: Stack) -> None:
    note_backup(bus.connect(stack.settings).storage, datetime.now(UTC))
    waiting = {
        query.expr: f"{board.name}: {panel.title.en}"
        for board in BOARDS
        for panel in (panel for row in board.rows for panel in row.panels)
        for query in panel.queries
        if not any(name in query.expr for name in ELSEWHERE)
    }

    def all_have() -> bool:
        for expression in tuple(waiting):
            if prometheus.ask(hurried(expression)):
                del waiting[expression]
        return not waiting

    with contextlib.suppress(AssertionError):
        until(all_have, seconds=240)
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


def test_nobody_draws(prometheus: Prometheus, stack: Stack) -> None:
    besides = ("MapsiQueueStuck", "MapsiProcessDown", "MapsiLooksFailing")
    with planted(prometheus, "MapsiLooksStuck", *besides):
        stack.kill("generation.gpu")
    stack.start("generation.gpu")
    becomes_well(prometheus)


def test_workers_that_die_while_they_draw(
    prometheus: Prometheus, stack: Stack, server: OpenAIServer
) -> None:
    besides = ("MapsiProcessDown", "MapsiLooksFailing", "MapsiLooksStuck", "MapsiQueueStuck")
    with planted(prometheus, "MapsiLooksLost", *besides):
        for _ in range(4):
            begun, killed = threading.Event(), threading.Event()

            def wait(asked: Asked, begun: threading.Event, killed: threading.Event) -> None:
                begun.set()
                killed.wait(60)

            server.faults.append(partial(wait, begun=begun, killed=killed))
            assert begun.wait(120)
            stack.kill("generation.gpu")
            killed.set()
            time.sleep(LEASE + 10)
            stack.start("generation.gpu")
    becomes_well(prometheus)


def test_the_server_that_draws_refuses(
    prometheus: Prometheus, stack: Stack, server: OpenAIServer
) -> None:
    with stack.client() as client, planted(prometheus, "MapsiLooksFailing", "MapsiLooksStuck"):
        server.faults += [refusal(400, "moderation_blocked", "Your request was rejected.")] * 40
        for _ in range(10):
            client.post("/v1/generations", json=WISH)
            time.sleep(3)
    server.faults.clear()
    becomes_well(prometheus)


def test_pictures_that_show_nothing_of_the_wish(
    prometheus: Prometheus, stack: Stack, server: OpenAIServer
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
    with planted(prometheus, "MapsiNotReady", *besides):
        stack.valkey.kill()
    stack.valkey.start()
    becomes_well(prometheus)


def test_a_classifier_that_says_no_to_all(
    prometheus: Prometheus, stack: Stack, street: Street
) -> None:
    street.all_grey = True
    with stack.client() as client, planted(prometheus, "MapsiClassifierCollapsed", seconds=420):
        ends = time.monotonic() + 400
        while "MapsiClassifierCollapsed" not in prometheus.firing() and time.monotonic() < ends:
            for _ in range(40):
                upload(client, flat=True)
    street.all_grey = False
    assert "not_fashion" in json.dumps(prometheus.alerts())
    becomes_well(prometheus)


def test_sources_that_are_away_or_refuse(prometheus: Prometheus, stack: Stack) -> None:
    nowhere = f"http://127.0.0.1:{free_port()}"
    every = ("--hashtag", "ootd", "--every", "1")
    with planted(prometheus, "MapsiSourceTokenRefused"):
        stack.call("sources", "add", "pixelfed", "refused", "--url", nowhere, *every)
    stack.call("sources", "remove", "refused")
    stack.kill("ingestion")  # it would go on telling of the source that is gone
    stack.start("ingestion")
    with planted(prometheus, "MapsiSourceFailing", seconds=600):
        stack.call("sources", "add", "mastodon", "away", "--url", nowhere, *every)
    failing = [a for a in prometheus.alerts() if a["labels"]["alertname"] == "MapsiSourceFailing"]
    assert [alert["labels"]["source"] for alert in failing] == ["away"]
    stack.call("sources", "remove", "away")


def test_the_store_takes_no_photo(prometheus: Prometheus, stack: Stack) -> None:
    besides = (
        "MapsiNotReady", "MapsiPhotosFailing", "MapsiTaskErrors", "MapsiLooksStuck",
        "MapsiLooksFailing", "MapsiLooksLost", "MapsiQueueStuck",
    )  # fmt: skip
    objects = stack.settings.data_dir / "objects"
    beside = objects.with_name("objects.away")
    with planted(prometheus, "MapsiGatewayErrors", *besides):
        objects.rename(beside)
        objects.symlink_to(objects.name)  # a loop: no file can be read or written behind it
    objects.unlink()
    beside.rename(objects)
    becomes_well(prometheus)
