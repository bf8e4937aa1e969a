"""Generation as it runs: Valkey, a database, real workers, and a server that draws."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from services.generation.files import JobFiles
from shared.bus import Context, connect, publish
from shared.contracts.generation import LookRequested, LookWish
from shared.records import Database, open_database, upgrade
from shared.records.gateway import Wish
from shared.records.generation import Job
from shared.settings import Settings
from tests.servers.drawing.http import Asked, Said
from tests.servers.drawing.openai_images import OpenAIServer
from tests.servers.serving import serving
from tests.servers.valkey import PrivateValkey, running_valkey


class Painter(OpenAIServer):
    """An endpoint that notes the seed of each picture it began."""

    sizes = ("64x512",)

    def __init__(self) -> None:
        super().__init__()
        self.begun: list[int] = []

    def answer(self, asked: Asked) -> Said:
        with self.lock:
            self.begun.append(asked.json()["seed"])
        return super().answer(asked)


@dataclass
class Studio:
    """One installation, whose gateway is played by the test."""

    context: Context
    database: Database
    painter: Painter
    valkey: PrivateValkey
    environment: dict[str, str]
    workers: list[tuple[str, subprocess.Popen[bytes]]] = field(default_factory=list)

    def worker(self, *queues: str) -> None:
        """Start a worker process."""
        command = [sys.executable, "-m", "services", "worker", *queues]
        self._start("+".join(queues), command)

    def beat(self) -> None:
        """Start the clock."""
        self._start("beat", [sys.executable, "-m", "services", "beat"])

    def _start(self, name: str, command: list[str]) -> None:
        folder = self.context.settings.data_dir / "logs"
        with (folder / f"{len(self.workers)}.log").open("ab") as log:
            process = subprocess.Popen(command, env=self.environment, stderr=log)
        self.workers.append((name, process))

    def kill(self, at: int) -> str:
        """``kill -9`` a worker; return its name."""
        name, process = self.workers[at]
        process.send_signal(signal.SIGKILL)
        process.wait()
        return name

    def living(self, *names: str) -> list[int]:
        """Return which workers of these names run."""
        return [
            at
            for at, (name, process) in enumerate(self.workers)
            if name in names and process.poll() is None
        ]

    def wish(self, job_id: str, requester: str, look: LookWish, *, minutes: float = 30) -> None:
        """Write a wish down and announce it, as the gateway does."""
        now = datetime.now(UTC)
        deadline = now + timedelta(minutes=minutes)
        row = Wish(
            job_id=job_id, key_id=requester, wish=look.model_dump(mode="json"), created_at=now,
            deadline=deadline, cancelled_at=None, published_at=now, publications=1,
        )  # fmt: skip
        with self.database.transaction() as session:
            session.add(row)
        message = LookRequested(job_id=job_id, wish=look, deadline=deadline, requester=requester)
        publish(message, self.context)

    def call_off(self, job_id: str) -> None:
        """Call a job off, as the gateway does."""
        self.files(job_id).put("cancelled", b"", "application/octet-stream")
        with self.database.transaction() as session:
            session.get_one(Wish, job_id).cancelled_at = datetime.now(UTC)

    def files(self, job_id: str) -> JobFiles:
        """Return a job's files."""
        return JobFiles(job_id, self.context.storage)

    def job(self, job_id: str) -> Job:
        """Return a job's row."""
        with self.database.reading() as session:
            return session.get_one(Job, job_id)

    def states(self) -> dict[str, str]:
        """Return the state of each job that was accepted."""
        with self.database.reading() as session:
            rows = session.execute(select(Job.job_id, Job.state)).all()
        return {row.job_id: row.state for row in rows}

    def log_lines(self, event: str) -> list[dict[str, Any]]:
        """Return the lines of this event that the workers logged."""
        logs = (self.context.settings.data_dir / "logs").glob("*.log")
        lines = [line for log in logs for line in log.read_text().splitlines()]
        found = [json.loads(line) for line in lines if f'"{event}"' in line]
        return [line for line in found if line.get("event") == event]


@pytest.fixture
def studio(database_url: str, tmp_path) -> Iterator[Studio]:
    """A broker, a database and a painter; the test starts the workers."""
    settings = Settings(data_dir=tmp_path, drawer="openai", database_url=database_url)
    with ExitStack() as stack:
        valkey = stack.enter_context(running_valkey(settings))
        upgrade(database_url)
        database = stack.enter_context(closing(open_database(database_url)))
        context = connect(settings)
        stack.callback(context.app.close)
        painter = stack.enter_context(serving(Painter))
        environment = {
            **{name: text for name, text in os.environ.items() if not name.startswith("MAPSI_")},
            "OMP_NUM_THREADS": "1",
            "MAPSI_DATA_DIR": str(tmp_path),
            "MAPSI_DATABASE_URL": database_url,
            "MAPSI_DRAWER": "openai",
            "MAPSI_VISIBILITY_TIMEOUT": "15",
            "MAPSI_MAX_DELIVERIES": "50",
            "MAPSI_LANG": "en",
            "MAPSI_CLASSIFICATION_ENGINE": "fake",
            "MAPSI_SEGMENTATION_ENGINE": "fake",
            "MAPSI_GENERATION_OPENAI_URL": f"{painter.url}/v1",
            "MAPSI_GENERATION_OPENAI_SIZES": "64x512",
            "MAPSI_GENERATION_OPENAI_EXTRA": json.dumps({"seed": "%seed%"}),
            "MAPSI_GENERATION_LEASE_SECONDS": "12",
            "MAPSI_GENERATION_IN_FLIGHT": "4",
        }
        made = Studio(context, database, painter, valkey, environment)
        yield made
        for _, process in made.workers:
            process.kill()
            process.wait()
