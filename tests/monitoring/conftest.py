"""One stack that photos, readers and wishes flow through, and who watches it."""

from __future__ import annotations

import io
import itertools
import json
from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass
from datetime import UTC, datetime

import httpx
import numpy as np
import pytest
from PIL import Image

from tests.monitoring.stack import PROCESSES, Stack, Traffic, service_of
from tests.monitoring.watching import Alertmanager, Prometheus, Told, installed
from tests.servers.drawing.openai_images import OpenAIServer
from tests.servers.platforms.mastodon import Mastodon
from tests.servers.serving import serving
from tests.system.installation import until

WISH = {
    "wear": [{"category": "trousers", "color": "navy"}],
    "scene": {"gender": "women"},
    "size": "512x768",
}
LEASE = 20
"""Seconds after which a look whose worker is silent counts as lost."""
_NUMBERS = itertools.count()


@dataclass
class Street:
    """What people send."""

    all_grey: bool = False


def photo(*, flat: bool) -> bytes:
    """Return a photo like no other; the made-up classifier takes a grey one for no fashion."""
    number = next(_NUMBERS)
    pixels = np.random.default_rng(number).integers(0, 255, (12, 10, 3), dtype=np.uint8)
    if flat:
        pixels[:] = number % 251
    size = (200 + number % 101, 240 + number % 103)
    out = io.BytesIO()
    Image.fromarray(pixels).resize(size, Image.Resampling.NEAREST).save(out, "PNG")
    return out.getvalue()


def upload(client: httpx.Client, *, flat: bool = False) -> None:
    """Send one photo."""
    client.post("/v1/photos", files={"file": ("photo.png", photo(flat=flat), "image/png")})


@pytest.fixture(scope="session")
def server() -> Iterator[OpenAIServer]:
    with serving(OpenAIServer) as started:
        yield started


@pytest.fixture(scope="session")
def told() -> Iterator[Told]:
    with Told() as ear:
        yield ear
        ear.shutdown()


@pytest.fixture(scope="session")
def stack(server: OpenAIServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
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
        # What a dead worker held is handed out again in time for the next test.
        "MAPSI_VISIBILITY_TIMEOUT": "30",
    }
    with closing(Stack(tmp_path_factory.mktemp("stack") / "data", environment)) as made:
        made.begin()
        with made.client() as client:
            until(lambda: _is_ready(client), seconds=180, what="the gateway is not ready")
        yield made


@pytest.fixture(scope="session")
def prometheus(
    stack: Stack, told: Told, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Prometheus]:
    """It sees every process, and tells Alertmanager."""
    folder = tmp_path_factory.mktemp("watching")
    targets = {service_of(name): f"127.0.0.1:{stack.ports[name]}" for name in PROCESSES}
    with ExitStack() as opened:
        manager = opened.enter_context(closing(Alertmanager(folder / "alertmanager", told)))
        made = opened.enter_context(
            closing(Prometheus(folder / "prometheus", targets, alertmanager=manager.port))
        )
        until(
            lambda: len(made.ask('up{job="mapsi"} == 1')) == len(PROCESSES),
            seconds=180,
            what="not every process is seen",
        )
        yield made


@pytest.fixture(scope="session")
def platform() -> Iterator[Mastodon]:
    with serving(Mastodon) as started:
        yield started


@pytest.fixture(scope="session", autouse=True)
def street(prometheus: Prometheus, stack: Stack, platform: Mastodon) -> Iterator[Street]:
    """People send photos, read, and wish for pictures; orchestrators ask for health; a source
    brings something now and then.
    """
    kinds, kept = itertools.cycle((False, False, True)), Street()
    numbers = itertools.count()
    where = ("--url", platform.url, "--hashtag", "ootd", "--every", "1")
    stack.call("sources", "add", "mastodon", "street", *where)
    with stack.client() as client:

        def read() -> None:
            client.get("/readyz")
            client.get("/v1/trends")
            upload(client, flat=kept.all_grey or next(kinds))

        def wish() -> None:
            client.post("/v1/generations", json=WISH)

        def blog() -> None:
            platform.post(next(numbers), at=datetime.now(UTC), photos=1)

        people = [Traffic(read, every=1.0), Traffic(wish, every=10.0), Traffic(blog, every=20.0)]
        yield kept
        for one in people:
            one.stop()


def _is_ready(client: httpx.Client) -> bool:
    try:
        return client.get("/readyz").status_code == 200
    except httpx.TransportError:
        return False
