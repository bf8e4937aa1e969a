"""Models that give one answer to everything, or none: each is told by its own alert."""

from __future__ import annotations

import json
import time
from contextlib import ExitStack

import pytest

from tests.monitoring.planting import becomes_well, planted, segment
from tests.monitoring.stack import Stack, Traffic
from tests.monitoring.street import Street, upload
from tests.monitoring.watching import Prometheus

pytestmark = pytest.mark.monitoring


def test_a_classifier_that_says_no_to_all(
    prometheus: Prometheus, stack: Stack, street: Street
) -> None:
    street.shows_nothing = True
    photos = street.photos()
    with stack.client() as client, planted(prometheus, "MapsiClassifierCollapsed", seconds=420):
        ends = time.monotonic() + 400
        while "MapsiClassifierCollapsed" not in prometheus.firing() and time.monotonic() < ends:
            for _ in range(40):
                upload(client, photos)
    street.shows_nothing = False
    assert "not_fashion" in json.dumps(prometheus.alerts())
    becomes_well(prometheus)


def test_segmenters_that_find_nothing_or_one_thing(
    prometheus: Prometheus, stack: Stack, street: Street
) -> None:
    photos = street.photos()
    with ExitStack() as opened:
        client = opened.enter_context(stack.client())
        crowd = Traffic(lambda: upload(client, photos), every=0.12)
        opened.callback(crowd.stop)
        with planted(prometheus, "MapsiGarmentsMissing", seconds=420):
            segment(stack, prometheus, "nothing")
        street.looks = "grey"
        segment(stack, prometheus, "skirts")
        alerts = ("MapsiGarmentsCollapsed", "MapsiColorsCollapsed")
        with planted(prometheus, *alerts, seconds=420):
            pass
        told = {one["labels"]["alertname"]: one["labels"] for one in prometheus.alerts()}
        assert told["MapsiGarmentsCollapsed"]["category"] == "skirt"
        assert told["MapsiColorsCollapsed"]["color"] == "gray"
        street.looks = "coloured"
        segment(stack, prometheus)
        becomes_well(prometheus)
