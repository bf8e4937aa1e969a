"""A broker of its own for each test, and workers as real processes."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from shared.bus import Context, connect, publish
from shared.contracts.photos import PhotoRef, PhotosStored
from shared.settings import Settings
from tests.servers.valkey import PrivateValkey, running_valkey

WORKER = Path(__file__).with_name("stand_in_worker.py")


class Installation:
    """A data folder with its broker, and the workers that a test starts."""

    def __init__(self, context: Context, valkey: PrivateValkey) -> None:
        self.context = context
        self.valkey = valkey
        self.data_dir = context.settings.data_dir
        self.workers: list[subprocess.Popen[bytes]] = []

    def worker(self, *services: str, **environment: str) -> subprocess.Popen[bytes]:
        """Start a worker process for the services."""
        settings = self.context.settings.model_dump(include={"visibility_timeout", "max_retries"})
        environment = {
            **os.environ,
            "MAPSI_DATA_DIR": str(self.data_dir),
            **{f"MAPSI_{name.upper()}": str(value) for name, value in settings.items()},
            **environment,
        }
        with (self.data_dir / f"worker-{len(self.workers)}.log").open("ab") as log:
            command = [sys.executable, str(WORKER), *services]
            process = subprocess.Popen(command, env=environment, stderr=log)
        self.workers.append(process)
        return process

    def events(self, task: str) -> list[dict[str, Any]]:
        """Return what tasks of this name noted so far."""
        path = self.data_dir / "events.jsonl"
        if not path.exists():
            return []
        noted = [json.loads(line) for line in path.read_text().splitlines()]
        return [event for event in noted if event["task"] == task]

    def log_lines(self) -> list[dict[str, Any]]:
        """Return the structured log lines of all workers."""
        logs = sorted(self.data_dir.glob("worker-*.log"))
        return [json.loads(line) for log in logs for line in log.read_text().splitlines()]

    def send(self, *sources: str) -> None:
        """Publish one message a source; the source tells the worker what to do with it."""
        for number, source in enumerate(sources):
            publish(PhotosStored(photos=(photo(number, source),)), self.context)

    def left(self) -> int:
        """Return the messages that wait or are in someone's hands."""
        return sum(self.context.broker.queue_lengths().values())


def photo(number: int, source: str) -> PhotoRef:
    photo_id = f"{number:064x}"
    return PhotoRef(
        photo_id=photo_id,
        key=f"photos/{photo_id}.jpg",
        width=10,
        height=10,
        posted_at=datetime(2026, 11, 2, tzinfo=UTC),
        source=source,
        look_id=photo_id,
    )


def until(condition: Callable[[], bool], *, seconds: float = 30.0) -> None:
    """Wait for the condition; fail when it does not come true."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "did not happen in time"
        time.sleep(0.05)


@pytest.fixture
def installation(tmp_path: Path) -> Iterator[Installation]:
    """A broker without workers; messages come back after 5 seconds."""
    settings = Settings(data_dir=tmp_path, visibility_timeout=5, max_retries=3)
    with running_valkey(settings) as valkey:
        installed = Installation(connect(settings), valkey)
        yield installed
        for process in installed.workers:
            process.send_signal(signal.SIGKILL)
            process.wait()
        installed.context.app.close()
