"""``mapsi ingest`` as a process beside a real broker; killed, and started again."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from shared.broker import Broker, create_app
from shared.records import open_database, upgrade
from shared.records.ingestion import Photo, Post
from shared.settings import Settings
from tests.hostile.sources import photo_bytes
from tests.servers.valkey import running_valkey

pytestmark = pytest.mark.integration

PHOTOS = 160


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """An installation of its own, in a folder whose path a unix socket can have."""
    return Settings(data_dir=tmp_path / "data")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with many photos."""
    path = tmp_path / "looks"
    path.mkdir()
    for number in range(PHOTOS):
        (path / f"{number:03}.jpg").write_bytes(photo_bytes(number * 200))
    return path


def start(settings: Settings, *arguments: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "services", *arguments, "--data", str(settings.data_dir)]
    environment = os.environ | {"MAPSI_INGESTION_BATCH_SIZE": "8", "LANG": "C.UTF-8"}
    return subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment
    )


def finish(process: subprocess.Popen[bytes]) -> dict[str, Any]:
    stdout, stderr = process.communicate(timeout=120)
    assert process.returncode == 0, stderr
    told: dict[str, Any] = json.loads(stdout)
    return told


def announced(settings: Settings) -> list[str]:
    """Take all messages out of classification's queue; return the photos in them."""
    photos: list[str] = []
    with create_app(settings).connection_for_read() as connection:
        queue = connection.SimpleQueue("classification")
        for _ in range(Broker(settings).queue_lengths()["classification"]):
            message = queue.get(block=False)
            photos += [photo["photo_id"] for photo in message.payload[1]["body"]["photos"]]
            message.ack()
        queue.close()
    return photos


def stored(settings: Settings) -> set[str]:
    with closing(open_database(settings.database)) as database, database.reading() as session:
        posts = session.scalars(select(Post.photo_id)).all()
        photos = session.scalars(select(Photo.photo_id)).all()
        assert len(posts) == len(set(posts)) == len(photos)
        return set(photos)


def wait_for(settings: Settings, saved: int) -> None:
    """Return as soon as a run has saved so many photos; it is in the middle of its work then."""
    upgrade(settings.database)
    for _ in range(6000):
        if len(stored(settings)) >= saved:
            return
        time.sleep(0.01)
    raise AssertionError("nothing is saved")


def test_photos_reach_the_queue_of_a_running_broker(settings, folder):
    with running_valkey(settings):
        told = finish(start(settings, "ingest", str(folder), "--json"))
        assert (told["new"], told["announced"]) == (PHOTOS, True)
        photos = announced(settings)
        assert len(photos) == PHOTOS and set(photos) == stored(settings)
        assert finish(start(settings, "ingest", str(folder), "--json"))["known"] == PHOTOS
        assert announced(settings) == []


def test_runs_that_are_killed_and_repeated_lose_and_double_nothing(settings, folder):
    with running_valkey(settings):
        for saved in (8, 40, 100):
            process = start(settings, "ingest", str(folder), "--json")
            wait_for(settings, saved)
            process.send_signal(signal.SIGKILL)
            process.communicate()
            assert process.returncode == -signal.SIGKILL
        finish(start(settings, "ingest", str(folder), "--json"))
        assert len(stored(settings)) == PHOTOS
        assert set(announced(settings)) == stored(settings)


def test_two_runs_at_once_store_each_photo_once(settings, folder):
    with running_valkey(settings):
        runs = [start(settings, "ingest", str(folder), "--json") for _ in range(2)]
        told = [finish(run) for run in runs]
        assert sum(one["new"] for one in told) == len(stored(settings)) == PHOTOS
        assert set(announced(settings)) == stored(settings)
        assert Broker(settings).queue_lengths()["classification"] == 0
