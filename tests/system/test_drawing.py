"""Looks drawn by an OpenAI-compatible server, over HTTP from the wish to the changed picture."""

from __future__ import annotations

import json
import os
import signal
import threading
from collections.abc import Iterator
from io import BytesIO

import httpx
import numpy as np
import pytest
from PIL import Image

from tests.servers.drawing.openai_images import OpenAIServer
from tests.servers.serving import serving
from tests.system.installation import Installation, is_alive, until

pytestmark = pytest.mark.system
WISH = {
    "wear": [
        {"category": "long_sleeved_shirt", "color": "white"},
        {"category": "trousers", "color": "navy"},
    ],
    "scene": {"gender": "women", "occasion": "work"},
    "size": "512x768",
    "variants": 2,
    "seed": 7,
}


@pytest.fixture(scope="module")
def server() -> Iterator[OpenAIServer]:
    with serving(OpenAIServer) as started:
        yield started


@pytest.fixture(scope="module")
def mapsi(server, tmp_path_factory) -> Iterator[Installation]:
    environment = {
        "MAPSI_DRAWER": "openai",
        "MAPSI_GENERATION_OPENAI_URL": f"{server.url}/v1",
        "MAPSI_GENERATION_OPENAI_EXTRA": json.dumps({"seed": "%seed%"}),
        "MAPSI_GENERATION_ATTEMPTS": "1",
        # The server draws flat people, whom only made-up eyes take for people in garments.
        "MAPSI_SEGMENTATION_ENGINE": "fake",
        "MAPSI_CLASSIFICATION_ENGINE": "fake",
    }
    installation = Installation(tmp_path_factory.mktemp("mapsi") / "data", environment)
    installation.up()
    yield installation
    installation.close()


def drawn(client: httpx.Client, job: dict) -> dict:
    """Wait for a job's end and return it."""
    path = job["links"]["self"]
    ends = ("done", "failed", "cancelled")
    until(lambda: client.get(path).json()["state"] in ends, seconds=180)
    return client.get(path).json()


def picture(client: httpx.Client, path: str) -> Image.Image:
    return Image.open(BytesIO(client.get(path).content))


def test_a_wish_is_drawn_looked_at_and_changed(mapsi, server):
    assert {"generation.gpu", "generation.review"} <= set(mapsi.pids)
    with mapsi.http() as client:
        asked = client.post("/v1/generations", json=WISH)
        assert asked.status_code == 202, asked.text
        job = drawn(client, asked.json())
        assert job["state"] == "done", job["reason"]
        assert [one["variant"] for one in job["pictures"]] == [1, 2]
        assert {one["seed"] for one in job["pictures"]} == {7, 8}
        assert all(one["review"] is not None for one in job["pictures"])
        first = picture(client, job["pictures"][0]["picture"])
        assert first.size == (512, 768)
        story = json.loads(first.text["mapsi"])
        assert story["picture"]["review"]["score"] == pytest.approx(
            job["pictures"][0]["review"]["score"], abs=1e-3
        )
        change = {"item": "trousers", "wear": {"color": "red"}}
        edit = drawn(client, client.post(job["links"]["edits"], json=change).json())
        assert edit["state"] == "done", edit["reason"]
        assert edit["parent"] == job["id"]
        second = picture(client, edit["links"]["picture"])
    assert second.size == first.size
    apart = np.abs(np.asarray(first, int) - np.asarray(second, int)).max(axis=2)
    told = edit["manifest"]["pictures"][0]["edit"]
    assert told["psnr_outside"] is None, "every bit outside the mask is the parent's"
    assert (apart[:300] == 0).mean() > 0.95, "the trousers begin below"
    red, _, blue = np.asarray(second)[560, 200:312].reshape(-1, 3).mean(axis=0)
    assert red > blue + 50


def test_a_worker_that_is_killed_while_it_draws_comes_back_and_finishes(mapsi, server):
    before = mapsi.pids["generation.gpu"]

    def die_first(asked):
        if mapsi.pids["generation.gpu"] == before and is_alive(before):
            os.kill(before, signal.SIGKILL)
        return None

    server.faults.append(die_first)
    with mapsi.http() as client:
        job = drawn(client, client.post("/v1/generations", json=WISH | {"variants": 1}).json())
    assert job["state"] == "done", job["reason"]
    assert mapsi.pids["generation.gpu"] != before


def test_who_calls_off_sees_it_called_off(mapsi, server):
    called_off = threading.Event()

    def wait(asked):
        called_off.wait(60)
        return server.answer(asked)

    server.faults.append(wait)
    with mapsi.http() as client:
        jobs = [client.post("/v1/generations", json=WISH).json() for _ in range(3)]
        client.delete(jobs[2]["links"]["self"])
        called_off.set()
        states = [drawn(client, job)["state"] for job in jobs]
    assert states == ["done", "done", "cancelled"]


def test_after_everything_was_killed_the_next_start_draws_what_was_wished_for(mapsi, server):
    begun, killed = threading.Event(), threading.Event()

    def wait(asked):
        begun.set()
        killed.wait(60)
        return server.answer(asked)

    server.faults.append(wait)
    with mapsi.http() as client:
        jobs = [client.post("/v1/generations", json=WISH).json() for _ in range(3)]
        assert begun.wait(60)
    mapsi.kill_everything()
    killed.set()
    mapsi.up()
    with mapsi.http() as client:
        assert [drawn(client, job)["state"] for job in jobs] == ["done"] * 3
