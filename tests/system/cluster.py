"""A cluster on one machine: each process started by hand, with stores of its own, and rolled."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import httpx
from httpx_retries import Retry, RetryTransport

from shared.settings import Settings
from tests.servers.postgres import FAST, running_postgres
from tests.servers.valkey import running_valkey
from tests.system.installation import MAPSI, Installation, answers, free_port, until

WORKERS = ("ingestion", "classification", "segmentation", "color", "trends", "generation")
PATIENCE = 300.0
"""Seconds, on a busy machine, until a process has stopped, or has started."""


class Cluster:
    """Workers, beat and two gateways; any of them can be stopped with SIGTERM and started anew."""

    def __init__(self, data_dir: Path, **environment: str) -> None:
        self.outside = Installation(data_dir, environment)
        """For commands: its ``mapsi up`` is never started."""
        self.gateways = {"gateway-a": free_port(), "gateway-b": free_port()}
        self.names = (*WORKERS, "beat", *self.gateways)
        self._environment = {
            **{name: text for name, text in os.environ.items() if not name.startswith("MAPSI_")},
            "MAPSI_DATA_DIR": str(data_dir),
            **environment,
        }
        self._logs = data_dir
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    @property
    def urls(self) -> list[str]:
        """Both gateways'."""
        return [f"http://127.0.0.1:{port}" for port in self.gateways.values()]

    def start(self, name: str) -> None:
        """Start a process and wait until it is at work."""
        command = [MAPSI, name] if name == "beat" else [MAPSI, "worker", name]
        if name in self.gateways:
            command = [MAPSI, "gateway", "--port", str(self.gateways[name])]
        path = self._logs / f"{name}.log"
        known = path.stat().st_size if path.exists() else 0
        with path.open("ab") as log:
            self._running[name] = subprocess.Popen(
                command, env=self._environment, stdout=log, stderr=log
            )
        until(lambda: self._is_at_work(name, known), seconds=PATIENCE, what=f"{name}: see {path}")

    def stop(self, name: str) -> None:
        """Ask a process to stop, and wait until it has."""
        process = self._running.pop(name)
        process.send_signal(signal.SIGTERM)
        code = process.wait(PATIENCE)
        assert code in (0, -signal.SIGTERM), f"{name} ended with {code}: {self.log(name)[-2000:]}"

    def close(self) -> None:
        """Leave nothing running."""
        for process in self._running.values():
            process.kill()
            process.wait()

    def log(self, name: str) -> str:
        """Return what the processes of this name wrote."""
        return (self._logs / f"{name}.log").read_text(encoding="utf-8")

    def _is_at_work(self, name: str, known: int) -> bool:
        assert self._running[name].poll() is None, f"{name} ended: {self.log(name)[-2000:]}"
        if name == "beat":
            return True
        if name not in self.gateways:
            with (self._logs / f"{name}.log").open("rb") as log:
                log.seek(known)
                return b"worker starts" in log.read()
        return answers(f"http://127.0.0.1:{self.gateways[name]}/readyz")


@contextmanager
def running_cluster(data_dir: Path, **environment: str) -> Iterator[Cluster]:
    """Run Valkey, PostgreSQL and the cluster, its tables made."""
    settings = Settings(data_dir=data_dir)
    with running_valkey(settings), running_postgres(*FAST) as database:
        cluster = Cluster(data_dir, MAPSI_DATABASE_URL=database, **environment)
        try:
            migrated = cluster.outside.call("migrate")
            assert migrated.returncode == 0, migrated.stderr
            for name in cluster.names:
                cluster.start(name)
            yield cluster
        finally:
            cluster.close()


class InTurn(httpx.BaseTransport):
    """Asks one gateway after another, as a load balancer does; notes what it was answered."""

    def __init__(self, urls: list[str]) -> None:
        self._urls = [httpx.URL(url) for url in urls]
        self._number = count()
        self._inner = httpx.HTTPTransport()
        self.answers: list[str] = []

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        target = self._urls[next(self._number) % len(self._urls)]
        request.url = request.url.copy_with(host=target.host, port=target.port)
        try:
            response = self._inner.handle_request(request)
        except httpx.TransportError as error:
            self.answers.append(type(error).__name__)
            raise
        after = " and Retry-After" if "Retry-After" in response.headers else ""
        self.answers.append(f"{response.status_code}{after}")
        return response

    def close(self) -> None:
        self._inner.close()


def patient_client(transport: httpx.BaseTransport, key: str) -> httpx.Client:
    """Return a client as docs/api.md recommends it."""
    retry = Retry(total=10, backoff_factor=0.5, allowed_methods=["GET", "POST"])
    return httpx.Client(
        transport=RetryTransport(transport, retry),
        base_url="http://mapsi",
        headers={"Authorization": f"Bearer {key}"},
        timeout=60,
    )
