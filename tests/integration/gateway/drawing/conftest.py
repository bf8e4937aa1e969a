"""A gateway whose looks are drawn by an OpenAI-compatible server, task by task as tests say."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from io import BytesIO
from typing import Any

import httpx
import numpy as np
import pytest
from PIL import Image

from services.generation import gpu_tasks, tasks
from services.generation.remote.openai_images import OpenAIImages
from services.generation.settings import GenerationSettings
from shared import bus, flow
from shared.settings import Settings
from tests.integration.gateway.conftest import House, Open
from tests.servers.drawing import people
from tests.servers.drawing.http import serving
from tests.servers.drawing.openai_images import OpenAIServer

QUEUES = ("generation", "generation.gpu")
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

    def work(self, *, most: int = 100) -> int:
        """Run the tasks that wait, and what follows from them, as workers do; return how many."""
        context = replace(self.house.context, hosted=frozenset({"generation"}))
        done = 0
        while done < most and (taken := self._take()):
            for envelope in taken:
                message = bus.decode(envelope)
                for name in flow.ROUTE[type(message)]:
                    bus.run(name, message, context)
                    done += 1
        return done

    def _take(self) -> list[dict[str, Any]]:
        redis, found = self.house.context.broker._redis, []
        with self.house.context.app.connection_for_read() as connection:
            channel = connection.default_channel
            for queue in QUEUES:
                while (raw := redis.rpop(queue)) is not None:
                    body = channel.decode_body(json.loads(raw)["body"], "base64")
                    found.append(json.loads(body)[1])
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


def worn_in(pixels: np.ndarray) -> dict[str, str]:
    """Return the colour of each garment that is to be seen, by family."""
    garments = people.Eyes().examine(pixels, path="").garments
    families = {category: family for family, category in people.CATEGORY.items()}
    return {families[one.category]: one.colors[0].basic for one in garments}


@pytest.fixture
def server() -> Iterator[OpenAIServer]:
    with serving(OpenAIServer) as server:
        server.sizes = ("256x384",)
        yield server


@pytest.fixture
def settings(tmp_path) -> Settings:
    return Settings(data_dir=tmp_path, lang="en", drawer="openai")


@pytest.fixture
def studio(server: OpenAIServer, open_house: Open, monkeypatch: pytest.MonkeyPatch) -> Studio:
    """An installation that draws with the server, and whose models see what it draws."""
    own = GenerationSettings(
        openai_url=f"{server.url}/v1",
        openai_sizes="256x384",
        openai_extra={"seed": "%seed%"},
    )
    for module in (tasks, gpu_tasks):
        monkeypatch.setattr(module, "_settings", lambda: own)
    monkeypatch.setattr(gpu_tasks, "_backend", lambda name: OpenAIImages(own))
    monkeypatch.setattr(tasks, "_eyes", lambda settings: people.Eyes())
    monkeypatch.setattr(tasks, "open_finder", people.Faces)
    return Studio(open_house(open_pictures=3), server)
