"""Mapsi from outside: the command line and HTTP, and the signals a machine may send."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx

MAPSI = str(Path(sys.executable).with_name("mapsi"))
_STARTED = re.compile(r"^  (\S+) +started \(pid (\d+)\)$")
_READY = re.compile(r"^Mapsi runs: (\S+) ")
_KEY = re.compile(r"^API key, shown this once: (\S+)$")


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def is_alive(pid: int) -> bool:
    """Tell whether the process runs; one that only waits to be reaped does not."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False
    return stat.rpartition(")")[2].split()[0] != "Z"


class Installation:
    """One data folder, and the ``mapsi up`` that runs on it."""

    def __init__(self, data_dir: Path, environment: Mapping[str, str] | None = None) -> None:
        self.data_dir = data_dir
        self.port = free_port()
        self.key = ""
        self.url = ""
        self.lines: list[str] = []
        self.pids: dict[str, int] = {}
        """The newest process of each name."""
        self._environment = {
            **{name: text for name, text in os.environ.items() if not name.startswith("MAPSI_")},
            "MAPSI_DATA_DIR": str(data_dir),
            "MAPSI_LANG": "en",
            **(environment or {}),
        }
        self._process: subprocess.Popen[str] | None = None
        self._ready = threading.Event()
        self._reader: threading.Thread | None = None

    def command(self, *arguments: str) -> subprocess.Popen[str]:
        """Start a ``mapsi`` command."""
        return subprocess.Popen(
            [MAPSI, *arguments],
            env=self._environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def call(self, *arguments: str, timeout: float = 120) -> subprocess.CompletedProcess[str]:
        """Run a ``mapsi`` command to its end."""
        with self.command(*arguments) as process:
            try:
                out, err = process.communicate(timeout=timeout)
            except subprocess.TimeoutExpired:
                process.kill()
                raise
        return subprocess.CompletedProcess(arguments, process.returncode, out, err)

    def json(self, *arguments: str, timeout: float = 120) -> Any:
        """Run a ``mapsi`` command that answers with one JSON object."""
        answer = self.call(*arguments, "--json", timeout=timeout)
        assert answer.returncode == 0, answer.stderr
        return json.loads(answer.stdout)

    def up(self, *, timeout: float = 120) -> None:
        """Start it and wait until it says where the page is."""
        if self._process is not None:
            self._wait(10)
        self._ready.clear()
        self._process = subprocess.Popen(
            [MAPSI, "up", "--port", str(self.port)],
            env=self._environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self._reader = threading.Thread(target=self._listen, args=(self._process,), daemon=True)
        self._reader.start()
        assert self._ready.wait(timeout), "\n".join(self.lines)

    @property
    def pid(self) -> int:
        """The supervisor's."""
        assert self._process is not None
        return self._process.pid

    def stop(self, number: signal.Signals = signal.SIGTERM, *, timeout: float = 90) -> int:
        """Ask it to stop; return its exit code."""
        assert self._process is not None
        self._process.send_signal(number)
        return self._wait(timeout)

    def kill_everything(self) -> None:
        """``kill -9`` of the supervisor and of each of its children."""
        assert self._process is not None
        for pid in (self._process.pid, *self.pids.values()):
            if is_alive(pid):
                os.kill(pid, signal.SIGKILL)
        self._wait(10)
        pids = self.pids.values()
        until(lambda: not any(is_alive(pid) for pid in pids), what="something is left running")

    def close(self) -> None:
        """Leave nothing running."""
        if self._process is not None and self._process.poll() is None:
            self.kill_everything()

    def http(self, *, with_key: bool = True) -> httpx.Client:
        """Return a client of the gateway."""
        headers = {"Authorization": f"Bearer {self.key}"} if with_key else {}
        return httpx.Client(base_url=self.url, headers=headers, timeout=60, trust_env=False)

    def log(self, name: str) -> str:
        """Return what a process wrote."""
        return (self.data_dir / "logs" / f"{name}.log").read_text(encoding="utf-8")

    def _wait(self, timeout: float) -> int:
        assert self._process is not None
        assert self._reader is not None
        code = self._process.wait(timeout)
        self._reader.join(10)
        return code

    def _listen(self, process: subprocess.Popen[str]) -> None:
        assert process.stdout is not None
        with process.stdout:
            for line in process.stdout:
                self._note(line.rstrip("\n"))

    def _note(self, line: str) -> None:
        self.lines.append(line)
        if started := _STARTED.match(line):
            self.pids[started[1]] = int(started[2])
        elif key := _KEY.match(line):
            self.key = key[1]
            self._ready.set()
        elif ready := _READY.match(line):
            self.url = ready[1]
            if self.key:
                self._ready.set()


def answers(url: str) -> bool:
    """Tell whether a server answers ``url`` with 200."""
    try:
        return httpx.get(url, timeout=10, trust_env=False).status_code == 200
    except httpx.TransportError:
        return False


def until(condition: Any, *, seconds: float = 60, what: str = "it did not happen in time") -> None:
    """Wait for the condition; fail when it does not come true."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, what
        time.sleep(0.1)
