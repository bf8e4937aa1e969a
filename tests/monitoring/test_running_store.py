"""A store that takes nothing, last of all: 5xx are looked back on for three days."""

from __future__ import annotations

import pytest

from tests.monitoring.planting import becomes_well, planted
from tests.monitoring.stack import Stack
from tests.monitoring.watching import Prometheus
from tests.system.installation import until

pytestmark = pytest.mark.monitoring


def test_the_store_takes_no_photo(prometheus: Prometheus, stack: Stack) -> None:
    besides = (
        "MapsiNotReady", "MapsiPhotosFailing", "MapsiTaskErrors", "MapsiLooksStuck",
        "MapsiLooksFailing", "MapsiLooksLost", "MapsiQueueStuck",
    )  # fmt: skip
    objects = stack.settings.data_dir / "objects"
    beside = objects.with_name("objects.away")
    with planted(prometheus, "MapsiGatewayErrors", besides=besides):
        objects.rename(beside)
        objects.symlink_to(objects.name)  # a loop: no file can be read or written behind it
        # Long enough for three days' promise, however much went well before.
        until(
            lambda: prometheus.ask("mapsi:http_errors:ratio_rate3d > 0.01"),
            seconds=300,
            what="too few requests fail",
        )
    objects.unlink()
    beside.rename(objects)
    until(
        lambda: "MapsiGatewayErrorsSlow" in prometheus.firing(),
        seconds=300,
        what="the month's promise is broken, and nobody says so",
    )
    becomes_well(prometheus)
