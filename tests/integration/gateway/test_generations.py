"""Pictures over HTTP, from the wish to its end."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from io import BytesIO

import pytest
from PIL import Image

from services.gateway import outbox
from services.generation import tasks  # noqa: F401  (registers them)
from shared import bus
from shared.contracts.generation import LookRequested
from tests.patience import until
from tests.samples.wardrobe import photo_bytes

pytestmark = pytest.mark.integration


@pytest.fixture
def worker(house) -> Iterator[None]:
    """A generation worker, as a process."""
    environment = os.environ | {"MAPSI_DATA_DIR": str(house.context.settings.data_dir)}
    command = [sys.executable, "-m", "services", "worker", "generation"]
    with subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL) as process:
        yield
        process.kill()


def draw(house) -> None:
    """Do at once what a worker does with the wishes that wait, telling its progress."""
    context = replace(house.context, hosted=frozenset({"generation"}))
    for body in house.queued("generation"):
        bus.run("generation.accept_look", LookRequested.model_validate(body), context)


def wish(client, *photos, **more):
    pieces = [{"photo_id": photo, "garment": at} for photo in photos for at in (0, 1)]
    return client.post("/v1/generations", json={"pieces": pieces, "title": "March"} | more)


def test_a_wish_becomes_a_picture(house, worker):
    admin = house.client("boss", "admin")
    response = wish(admin, house.analyze(photo_bytes()))
    assert response.status_code == 202
    job = response.json()
    assert (job["state"], job["links"]["picture"]) == ("queued", None)
    until(lambda: admin.get(job["links"]["self"]).json()["state"] == "done", seconds=120)
    done = admin.get(job["links"]["self"]).json()
    assert done["step"] == done["steps"] == 4
    assert done["manifest"]["wish"]["title"] == "March"
    picture = admin.get(done["links"]["picture"])
    assert Image.open(BytesIO(picture.content)).width == 1440
    etag = {"If-None-Match": picture.headers["ETag"]}
    assert admin.get(done["links"]["picture"], headers=etag).status_code == 304


def test_a_picture_can_be_followed_to_its_end(house):
    admin = house.client("boss", "admin")
    job = wish(admin, house.analyze(photo_bytes())).json()
    states = []
    with admin.stream("GET", job["links"]["events"]) as stream:
        assert stream.headers["Content-Type"].startswith("text/event-stream")
        for line in stream.iter_lines():
            if line.startswith("data:"):
                states.append(line.split('"state":"')[1].split('"')[0])
                if states == ["queued"]:
                    draw(house)
    assert states[0] == "queued"
    assert states[-1] == "done"
    assert states == sorted(states, key=["queued", "running", "done"].index)


def test_a_picture_that_is_called_off_is_not_drawn(house):
    admin = house.client("boss", "admin")
    job = wish(admin, house.analyze(photo_bytes())).json()
    called_off = admin.delete(job["links"]["self"])
    assert (called_off.status_code, called_off.json()["cancel_requested"]) == (202, True)
    draw(house)
    assert admin.get(job["links"]["self"]).json()["state"] == "cancelled"
    assert admin.get(job["links"]["self"] + "/picture.png").status_code == 404


def test_a_picture_that_is_done_stays_done(house):
    admin = house.client("boss", "admin")
    job = wish(admin, house.analyze(photo_bytes())).json()
    draw(house)
    assert admin.get(job["links"]["self"]).json()["state"] == "done"
    after = admin.delete(job["links"]["self"]).json()
    assert (after["state"], after["cancel_requested"]) == ("done", False)
    later = datetime.now(UTC) + timedelta(hours=1)
    assert outbox.announce_overdue(house.gateway, now=later) == 0


def test_a_wish_whose_message_was_lost_is_announced_again(open_house):
    house = open_house(patience_seconds=1)
    admin = house.client("boss", "admin")
    job = wish(admin, house.analyze(photo_bytes())).json()
    house.lose("generation")
    until(lambda: job["id"] in {m["job_id"] for m in house.queued("generation")})


def test_nobody_sees_or_stops_a_strangers_picture(house):
    one, two = house.client("one"), house.client("two")
    photo = photo_bytes()
    photo_id = house.analyze(photo)
    one.post("/v1/photos", files={"file": photo})
    job = wish(one, photo_id).json()
    for path in ("", "/picture.png", "/events"):
        assert two.get(job["links"]["self"] + path).status_code == 404
    assert two.delete(job["links"]["self"]).status_code == 404
    assert house.client("boss", "admin").get(job["links"]["self"]).status_code == 200


def test_only_garments_that_were_seen_can_be_wished_for(house):
    admin = house.client("boss", "admin")
    photo_id = house.analyze(photo_bytes())
    waiting = house.ingest(photo_bytes(shade=9))
    body = {"pieces": [{"photo_id": photo_id, "garment": 2}]}
    response = admin.post("/v1/generations", json=body)
    assert (response.status_code, response.json()["reason"]) == (422, "unknown_garment")
    assert wish(admin, waiting).json()["reason"] == "photo_not_analyzed"
    assert wish(house.client(), photo_id).json()["reason"] == "photo_not_analyzed"
    assert house.queued("generation") == []
