"""What the rules wait an hour for: eight faults that have nothing to do with each other at once."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.monitoring.conftest import QUIET
from tests.monitoring.gpu import MadeUpGpu
from tests.monitoring.past import Past
from tests.monitoring.planting import becomes_well, beside, older_version, planted, segment
from tests.monitoring.stack import Stack
from tests.monitoring.street import Street, upload
from tests.monitoring.watching import Prometheus
from tests.servers.platforms.instagram import ACCOUNT, Instagram
from tests.servers.platforms.mastodon import Mastodon
from tests.servers.serving import serving
from tests.system.installation import until

pytestmark = pytest.mark.monitoring

TELLS = {
    "MapsiVersionsDiffer": {},
    "MapsiModelsDiffer": {"model": "style-probe"},
    "MapsiGpuMemoryHigh": {"process": "generation.gpu"},
    "MapsiQueueSlow": {"queue": "segmentation"},
    "MapsiDrift": {"what": "color"},
    "MapsiForecastWorse": {"weeks": "4"},
    "MapsiSourceQuotaSpent": {"source": "spent"},
    "MapsiSourceEmpty": {"source": QUIET},
}
"""What each alert is to name."""
PHOTOS = 40
"""Sent at once to a segmenter that takes seconds for each."""


def test_what_takes_an_hour_to_tell(
    prometheus: Prometheus, stack: Stack, street: Street, past: Past, gpu: MadeUpGpu,
    instagram: Instagram, tmp_path: Path,
) -> None:  # fmt: skip
    until(lambda: instagram.searched, what="its hashtag was not asked for", seconds=180)
    with ExitStack() as faults:
        nobody = faults.enter_context(serving(Mastodon))
        with planted(prometheus, *TELLS, seconds=600):
            segment(stack, prometheus, "slow")
            older = older_version(tmp_path)
            faults.enter_context(beside(stack, prometheus, "classification", environment=older))
            gpu.use(0.97)
            faults.enter_context(past.wrong_forecast())
            faults.enter_context(past.everybody_in_pink())
            instagram.hashtags_left = len(instagram.searched)
            account = ("--url", instagram.url, "--user-id", ACCOUNT)
            stack.call("sources", "add", "instagram", "spent", *account, *_hashtags(6))
            # More pages than two scrapes can miss between them.
            quiet = ("--url", nobody.url, *_hashtags(100))
            stack.call("sources", "add", "mastodon", QUIET, *quiet)
            _send(stack, street, PHOTOS)
        told = {one["labels"]["alertname"]: one["labels"] for one in prometheus.alerts()}
        assert {name: told[name] | labels for name, labels in TELLS.items()} == {
            name: told[name] for name in TELLS
        }
        stack.call("sources", "remove", "spent")
        stack.call("sources", "remove", QUIET)
    gpu.use(0.4)
    segment(stack, prometheus)
    becomes_well(prometheus)


def _hashtags(number: int) -> list[str]:
    tags = [word for count in range(number) for word in ("--hashtag", f"tag{count}")]
    return [*tags, "--every", "1"]


def _send(stack: Stack, street: Street, number: int) -> None:
    photos = street.photos()
    with stack.client() as client:
        for _ in range(number):
            upload(client, photos)
