"""The main job on a real engine: photos come in over HTTP while containers die and are replaced.

What is right is what one machine says of the same photos, with `mapsi up` and nothing disturbed.
"""

from __future__ import annotations

import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from services.registry import SERVICES
from tests.cluster.conftest import SETTINGS
from tests.cluster.photos import street_photos
from tests.cluster.stack import Caller, Stack, Uploading, is_back
from tests.system.installation import Installation, until

pytestmark = pytest.mark.cluster
NUMBER = 200
PATIENCE = 1800.0
"""Seconds for all photos to end, on a machine that has much else to do."""
MONDAY = datetime(2026, 10, 5, 12, tzinfo=UTC)
DAYS = [
    (MONDAY - timedelta(weeks=number // 3) + timedelta(days=number % 3)).isoformat()
    for number in range(NUMBER)
]
"""Three a week, which is what one author's looks count for: every photo is in the table."""
TABLE = "/v1/trends?by=item,color,style,source&weeks=104"
ENDED = {"analyzed", "not_fashion", "failed", "buried"}

Counts = dict[tuple[str, ...], int]


@pytest.fixture(scope="module")
def photos() -> list[bytes]:
    return street_photos(NUMBER)


@pytest.fixture(scope="module")
def expected(photos: list[bytes], tmp_path_factory: pytest.TempPathFactory) -> Counts:
    """What one machine counts."""
    machine = Installation(tmp_path_factory.mktemp("machine") / "data", SETTINGS)
    try:
        machine.up(timeout=600)
        with machine.http() as client:
            caller = Caller(client)
            uploading = Uploading(caller, photos, DAYS)
            uploading.run()
            wait_for_all(caller, uploading.ids)
            return counts(caller)
    finally:
        machine.close()


def states(caller: Caller, ids: list[str]) -> Counter[str]:
    return Counter(caller.ask("GET", f"/v1/photos/{one}").json()["state"] for one in ids)


def wait_for_all(caller: Caller, ids: list[str]) -> Counter[str]:
    """Wait until every photo has ended; return how."""
    began, left, ended = time.monotonic(), list(ids), Counter[str]()
    while left:
        assert time.monotonic() - began < PATIENCE, f"{len(left)} photos have not ended"
        time.sleep(2)
        known = {one: caller.ask("GET", f"/v1/photos/{one}").json()["state"] for one in left[:40]}
        ended.update(state for state in known.values() if state in ENDED)
        left = [one for one in left if known.get(one) not in ENDED]
    print(f"  all ended {time.monotonic() - began:.0f} s after the last upload: {dict(ended)}")
    return ended


def counts(caller: Caller) -> Counts:
    """Return the looks of every row of the trend table, week by week."""
    found: Counts = {}
    cursor = ""
    while True:
        table: dict[str, Any] = caller.ask("GET", TABLE + cursor).json()
        for row in table["rows"]:
            what = tuple(row["values"][name] for name in ("item", "color", "style", "source"))
            weekly = zip(table["weeks"], row["looks"], strict=True)
            found |= {(week, *what): looks for week, looks in weekly if looks}
        if table["next"] is None:
            return found
        cursor = f"&cursor={table['next']}"


def test_every_container_is_up_and_well(stack: Stack) -> None:
    by_service = {one["Service"]: one for one in stack.containers()}
    assert set(SERVICES) | {"beat", "proxy", "redis", "postgres", "minio"} <= set(by_service)
    for name, one in by_service.items():
        if name == "migrate":
            assert (one["State"], one["ExitCode"]) == ("exited", 0)
        else:
            assert (one["State"], one["Health"]) == ("running", "healthy"), name


def test_a_container_can_write_nothing_but_its_tmp(stack: Stack) -> None:
    look = "id -u; touch /opt/x 2>/dev/null || echo refused; touch /tmp/x && echo fine"
    for service in ("gateway", "segmentation"):
        assert stack.compose("exec", "-T", service, "sh", "-c", look).split() == [
            "10001", "refused", "fine",
        ]  # fmt: skip


def test_nothing_is_lost_while_containers_die_and_are_replaced(
    expected: Counts, stack: Stack, photos: list[bytes]
) -> None:
    stack.compose("up", "--detach", "--wait", "--no-recreate", "--scale", "segmentation=3")
    with stack.http(stack.key()) as client:
        caller = Caller(client)
        uploading = Uploading(caller, photos, DAYS)
        uploading.start()
        until(lambda: len(uploading.ids) >= 20, seconds=300)
        killed, pid = stack.kill("segmentation")
        for service in (
            "redis", "color", "gateway", "classification", "trends", "ingestion", "beat",
        ):  # fmt: skip
            stack.restart(service)
        until(lambda: is_back(killed, after=pid), seconds=300)
        stack.restart("segmentation")
        print(f"  {len(uploading.ids)} photos are up")
        uploading.join(PATIENCE)
        ended = wait_for_all(caller, uploading.ids)
        found = counts(caller)
    print(f"  answers: {dict(caller.answers)}, failures: {caller.failures}")
    assert caller.failures == []
    assert len(set(uploading.ids)) == NUMBER
    assert ended["analyzed"] == NUMBER
    assert sum(found.values()) > NUMBER, "one garment a photo, and more"
    assert found == expected


def test_prometheus_sees_every_process(stack: Stack) -> None:
    stack.compose("up", "--detach", "--wait", "--no-recreate", "prometheus", "alertmanager")
    address = f"http://127.0.0.1:{stack.prometheus}/api/v1/query"
    wanted = {*SERVICES, "beat"}

    def seen() -> set[str]:
        answer = httpx.get(address, params={"query": 'up{job="mapsi"} == 1'}, trust_env=False)
        return {one["metric"]["service"] for one in answer.json()["data"]["result"]}

    until(lambda: wanted <= seen(), seconds=180, what="a process is not scraped")
