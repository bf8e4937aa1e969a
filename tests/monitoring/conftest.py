"""One stack that photos, readers and wishes flow through, and who watches it."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from contextlib import ExitStack, closing
from datetime import UTC, datetime

import pytest

from tests.monitoring.drawing import Drawer
from tests.monitoring.gpu import MadeUpGpu
from tests.monitoring.past import Past, found_until_lately, past_of
from tests.monitoring.stack import PROCESSES, Stack, Traffic, service_of
from tests.monitoring.street import WISH, Street, upload
from tests.monitoring.watching import Alertmanager, Prometheus, Told, installed
from tests.servers.platforms.instagram import ACCOUNT, Instagram
from tests.servers.platforms.mastodon import Mastodon
from tests.servers.platforms.platform import GOOD_TOKEN
from tests.servers.serving import serving
from tests.system.installation import answers, until

LEASE = 20
"""Seconds after which a look whose worker is silent counts as lost."""
QUIET = "quiet"
"""A source that brought photos until two hours ago."""


@pytest.fixture(scope="session")
def server() -> Iterator[Drawer]:
    with serving(Drawer) as started:
        yield started


@pytest.fixture(scope="session")
def told() -> Iterator[Told]:
    with Told() as ear:
        yield ear
        ear.shutdown()


@pytest.fixture(scope="session")
def stack(server: Drawer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Everything runs, and answers; photos are looked at by made-up eyes, which are quick."""
    if not installed():
        pytest.skip("prometheus")
    environment = {
        "MAPSI_CLASSIFICATION_ENGINE": "fake",
        "MAPSI_SEGMENTATION_ENGINE": "fake",
        "MAPSI_DRAWER": "openai",
        "MAPSI_GENERATION_OPENAI_URL": f"{server.url}/v1",
        "MAPSI_GENERATION_OPENAI_EXTRA": json.dumps({"seed": "%seed%"}),
        "MAPSI_GENERATION_ATTEMPTS": "1",
        "MAPSI_GENERATION_LEASE_SECONDS": str(LEASE),
        "MAPSI_INGESTION_TOKENS": json.dumps({"instagram": GOOD_TOKEN}),
        # Lost photos are given up while a test waits.
        "MAPSI_INGESTION_OVERDUE_AFTER": "75",
        # What a dead worker held is handed out again in time for the next test.
        "MAPSI_VISIBILITY_TIMEOUT": "30",
    }
    with closing(Stack(tmp_path_factory.mktemp("stack") / "data", environment)) as made:
        made.begin(past_of(made.settings).write)
        ready = f"{made.url}/readyz"
        until(lambda: answers(ready), seconds=180, what="the gateway is not ready")
        yield made


@pytest.fixture(scope="session")
def past(stack: Stack) -> Past:
    return past_of(stack.settings)


@pytest.fixture(scope="session")
def gpu() -> Iterator[MadeUpGpu]:
    with closing(MadeUpGpu()) as made:
        yield made


@pytest.fixture(scope="session")
def prometheus(
    stack: Stack, gpu: MadeUpGpu, told: Told, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Prometheus]:
    """It sees every process, and tells Alertmanager."""
    folder = tmp_path_factory.mktemp("watching")
    behind = found_until_lately(QUIET, now=datetime.now(UTC))
    with ExitStack() as opened:
        manager = opened.enter_context(closing(Alertmanager(folder / "alertmanager", told)))
        made = opened.enter_context(
            closing(Prometheus(folder / "prometheus", alertmanager=manager.port, past=behind))
        )
        for name in PROCESSES:
            made.watch(service_of(name), stack.ports[name])
        made.watch("a-gpu", gpu.port)
        until(
            lambda: len(made.ask('up{job="mapsi"} == 1')) == len(PROCESSES) + 1,
            seconds=180,
            what="not every process is seen",
        )
        yield made


@pytest.fixture(scope="session")
def platform() -> Iterator[Mastodon]:
    with serving(Mastodon) as started:
        yield started


@pytest.fixture(scope="session")
def instagram() -> Iterator[Instagram]:
    with serving(Instagram) as started:
        yield started


@pytest.fixture(scope="session", autouse=True)
def street(
    prometheus: Prometheus, stack: Stack, past: Past, platform: Mastodon, instagram: Instagram
) -> Iterator[Street]:
    """People send photos, read, and wish for pictures; orchestrators ask for health; sources
    bring something now and then.
    """
    kept, numbers = Street(), itertools.count()
    photos = kept.photos()
    every = ("--hashtag", "ootd", "--every", "1")
    stack.call("sources", "add", "mastodon", "street", "--url", platform.url, *every)
    account = ("--url", instagram.url, "--user-id", ACCOUNT)
    stack.call("sources", "add", "instagram", "instagram", *account, *every)
    past.look()
    with stack.client() as client:

        def read() -> None:
            client.get("/readyz")
            client.get("/v1/trends")
            upload(client, photos)

        def wish() -> None:
            client.post("/v1/generations", json=WISH)

        def blog() -> None:
            for one in (platform, instagram):
                one.post(next(numbers), at=datetime.now(UTC), photos=1)

        people = [Traffic(read, every=1.0), Traffic(wish, every=10.0), Traffic(blog, every=20.0)]
        yield kept
        for one in people:
            one.stop()
