"""Mapsi as a cluster has it, on one machine: a process a worker, each with a port of its own."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final

import httpx

from services.registry import WORKERS
from shared.settings import Settings
from tests.servers.valkey import PrivateValkey
from tests.system.installation import MAPSI, answers, free_port

WORKER_NAMES: Final = tuple(WORKERS)
PROCESSES: Final = (*WORKER_NAMES, "beat", "gateway")


def seeing(how: str) -> tuple[str, ...]:
    """Return the ``mapsi`` command whose made-up segmenter sees as ``astray.py`` says."""
    return (sys.executable, "-m", "tests.monitoring.astray", how)


_PROGRAMS: Final = {"generation.review": seeing("below-a-head")}


def service_of(process: str) -> str:
    """Return what Compose and Kubernetes call it."""
    return process.replace(".", "-")


class Stack:
    """The processes, one broker, one data folder."""

    def __init__(self, data_dir: Path, environment: Mapping[str, str]) -> None:
        self.settings = Settings(data_dir=data_dir)
        self.valkey = PrivateValkey(self.settings)
        self.ports = {name: free_port() for name in PROCESSES}
        self.url = f"http://127.0.0.1:{self.ports['gateway']}"
        self.key = ""
        self._environment = {
            **{name: text for name, text in os.environ.items() if not name.startswith("MAPSI_")},
            "MAPSI_DATA_DIR": str(data_dir),
            "MAPSI_LANG": "en",
            "OMP_NUM_THREADS": "1",
            **environment,
        }
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    def begin(self, past: Callable[[], None]) -> None:
        """Start everything and make a key; ``past`` fills the new database before."""
        self.valkey.start()
        self.call("migrate")
        past()
        self.key = self.call("gateway", "keys", "create", "test", "--role", "admin").strip()
        for name in PROCESSES:
            self.start(name)

    def start(
        self,
        name: str,
        environment: Mapping[str, str] | None = None,
        *,
        called: str | None = None,
        program: Sequence[str] = (),
    ) -> None:
        """Start one process; ``called`` otherwise where it runs beside the one of that name."""
        command = [name] if name in ("gateway", "beat") else ["worker", name]
        called = called or name
        port = str(self.ports.setdefault(called, free_port()))
        ports = {"MAPSI_GATEWAY_PORT": port} if name == "gateway" else {"MAPSI_METRICS_PORT": port}
        log = self.settings.data_dir / "logs" / f"{called}.log"
        with log.open("ab") as out:
            self._running[called] = subprocess.Popen(
                [*(program or _PROGRAMS.get(name, (MAPSI,))), *command],
                env={**self._environment, **ports, **(environment or {})},
                stdout=out,
                stderr=out,
            )

    def serves(self, name: str) -> bool:
        """Tell whether a process shows its figures."""
        return answers(f"http://127.0.0.1:{self.ports[name]}/metrics")

    @property
    def running(self) -> tuple[str, ...]:
        """What was started and not killed."""
        return tuple(self._running)

    def kill(self, name: str) -> None:
        """``kill -9`` of one process."""
        process = self._running.pop(name)
        process.kill()
        process.wait()

    def call(self, *arguments: str) -> str:
        """Run a command to its end and return what it said."""
        done = subprocess.run(
            [MAPSI, *arguments],
            check=False,
            env=self._environment,
            capture_output=True,
            text=True,
            timeout=300,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def client(self) -> httpx.Client:
        """Return a client of the gateway."""
        headers = {"Authorization": f"Bearer {self.key}"}
        return httpx.Client(base_url=self.url, headers=headers, timeout=60, trust_env=False)

    def close(self) -> None:
        """Leave nothing running."""
        for name in tuple(self._running):
            self.kill(name)
        self.valkey.kill()


class Traffic:
    """Someone who does the same thing again and again, whatever comes of it."""

    def __init__(self, what: Callable[[], object], *, every: float) -> None:
        self._what = what
        self._every = every
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End it."""
        self._stop.set()
        self._thread.join(90)

    def _run(self) -> None:
        while not self._stop.is_set():
            began = time.monotonic()
            with contextlib.suppress(httpx.HTTPError):  # faults are planted: it may be away
                self._what()
            self._stop.wait(max(0.05, self._every - (time.monotonic() - began)))
