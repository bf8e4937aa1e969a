"""Sources that are away, or let nobody in."""

from __future__ import annotations

import pytest

from tests.monitoring.planting import planted
from tests.monitoring.stack import Stack
from tests.monitoring.watching import Prometheus
from tests.system.installation import free_port

pytestmark = pytest.mark.monitoring


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
