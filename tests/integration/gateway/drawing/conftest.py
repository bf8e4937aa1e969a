"""A gateway whose looks are drawn by an OpenAI-compatible server, task by task as tests say."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, replace
from io import BytesIO
from typing import Any

import httpx
import numpy as np
import pytest
from PIL import Image

from services.gateway.app import create_app
from services.gateway.settings import ChatSettings, GatewaySettings
from services.generation import gpu_tasks, review_tasks, tasks  # noqa: F401  (registers them)
from services.generation.jobs import sending
from shared import bus, flow
from shared.bus import connect
from shared.contracts.vocabulary import FAMILY_OF
from shared.records import open_database, upgrade
from shared.settings import Settings
from tests.integration.gateway.conftest import House
from tests.integration.gateway.conftest import serving as serving_app
from tests.servers.drawing import people
from tests.servers.drawing.openai_images import OpenAIServer
from tests.servers.serving import serving
from tests.servers.valkey import running_valkey

QUEUES = ("generation", "generation.gpu", "generation.review")
DRESSED = {
    "wear": [
        {"category": "long_sleeved_outwear", "color": "beige"},
        {"category": "long_sleeved_shirt", "color": "black"},
        {"category": "skirt", "color": "navy"},
    ],
    "scene": {"gender": "women", "style": "minimal"},
    "size": "256x384",
    "seed": 5,
}


@dataclass
class Studio:
    """An installation that draws."""

    house: House
    server: OpenAIServer

    def work(self, *, most: int = 200) -> int:
        """Run the tasks that wait, and what follows from them, as workers do; return how many."""
        context = replace(self.house.context, hosted=frozenset({"generation"}))
        done = 0
        while done < most and (taken := self._take()):
            for queue, envelope in taken:
                message = bus.decode(envelope)
                names = flow.ROUTE[type(message)]
                for name in (name for name in names if flow.queue_of(name) == queue):
                    bus.run(name, message, context)
                    done += 1
        return done

    def _take(self) -> list[tuple[str, dict[str, Any]]]:
        redis, found = self.house.context.broker._redis, []
        with self.house.context.app.connection_for_read() as connection:
            channel = connection.default_channel
            for queue in QUEUES:
                while (raw := redis.rpop(queue)) is not None:
                    body = channel.decode_body(json.loads(raw)["body"], "base64")
                    found.append((queue, json.loads(body)[1]))
        return found

    def drawn(self, client: httpx.Client, **wish: Any) -> dict[str, Any]:
        """Wish for a picture and have it drawn; return the job."""
        response = client.post("/v1/generations", json=DRESSED | wish)
        assert response.status_code == 202, response.text
        return self.done(client, response.json())

    def done(self, client: httpx.Client, job: dict[str, Any]) -> dict[str, Any]:
        """Have a job drawn; return it."""
        self.work()
        answer = client.get(job["links"]["self"]).json()
        assert answer["state"] == "done", answer
        return answer


def pixels_of(client: httpx.Client, path: str) -> np.ndarray:
    """Return a picture's pixels."""
    response = client.get(path)
    assert response.status_code == 200, response.text
    return np.asarray(Image.open(BytesIO(response.content)).convert("RGB"))


def worn_in(client: httpx.Client, job: dict[str, Any]) -> dict[str, str]:
    """Return the colour of each garment that is seen in a picture, by family."""
    seen = client.get(job["links"]["self"] + "/garments").json()["garments"]
    return {FAMILY_OF[one["category"]]: one["color"] for one in seen}


@contextmanager
def drawing_with(server: OpenAIServer) -> Iterator[None]:
    """Let generation's tasks in this process draw with the server, and see what it draws."""
    own = {
        "OPENAI_URL": f"{server.url}/v1",
        "OPENAI_SIZES": "256x384",
        "OPENAI_EXTRA": '{"seed": "%seed%"}',
    }
    with pytest.MonkeyPatch.context() as patch:
        for name, value in own.items():
            patch.setenv(f"MAPSI_GENERATION_{name}", value)
        patch.setattr(review_tasks, "_eyes", lambda settings: people.Eyes())
        patch.setattr(review_tasks, "open_finder", people.Faces)
        _read_anew()
        yield
    _read_anew()


def _read_anew() -> None:
    """Let the tasks of this process read their settings again."""
    for kept in (sending.read_settings, gpu_tasks._settings, gpu_tasks._backend):
        kept.cache_clear()


@pytest.fixture(scope="module")
def server() -> Iterator[OpenAIServer]:
    """A server that draws small pictures."""
    with serving(OpenAIServer) as server:
        server.sizes = ("256x384",)
        yield server


@pytest.fixture(scope="module")
def studio(server: OpenAIServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    """An installation that draws with the server, for all tests of a module."""
    settings = Settings(data_dir=tmp_path_factory.mktemp("studio"), lang="en", drawer="openai")
    with ExitStack() as stack:
        stack.enter_context(drawing_with(server))
        valkey = stack.enter_context(running_valkey(settings))
        upgrade(settings.database)
        database = stack.enter_context(closing(open_database(settings.database)))
        context = connect(settings)
        stack.callback(context.app.close)
        limits = GatewaySettings(open_pictures=3, requests_per_minute=100_000, burst=10_000)
        app = create_app(limits, context, database, chat_settings=ChatSettings())
        url = stack.enter_context(serving_app(app))
        house = House(context, database, valkey, app.state.gateway, url, stack)
        yield Studio(house, server)


@pytest.fixture
def fresh(studio: Studio) -> None:
    """Leave nothing in the queues of the test before, nor in the server's book."""
    studio.work()
    studio.server.asked.clear()
