"""The Compose stack from outside: the commands an operator types, and HTTP through the proxy."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from tests.system.installation import free_port

ROOT = Path(__file__).parents[2]
PROJECT = "mapsi-test"


def no_engine() -> str | None:
    """Return why no stack can run here; None where one can."""
    if shutil.which("docker") is None:
        return "no Docker engine: there is no command `docker`"
    for command in (["docker", "version"], ["docker", "compose", "version"]):
        asked = subprocess.run(command, capture_output=True, text=True, check=False)
        if asked.returncode:
            return f"no Docker engine: `{' '.join(command)}` says {asked.stderr.strip()[-200:]}"
    return None


class Stack:
    """One project of containers, with settings, ports and volumes of its own."""

    def __init__(self, folder: Path, *, settings: dict[str, str], changes: dict[str, str]) -> None:
        self.port, self.prometheus = free_port(), free_port()
        self._env = folder / "env"
        subprocess.run([ROOT / "deploy/make-env.sh", self._env], check=True)
        more = folder / "mapsi.env"
        more.write_text("".join(f"{name}={value}\n" for name, value in settings.items()))
        own = {
            "MAPSI_HTTP_PORT": f"127.0.0.1:{self.port}",
            "MAPSI_HTTPS_PORT": f"127.0.0.1:{free_port()}",
            "PROMETHEUS_PORT": str(self.prometheus),
            "ALERTMANAGER_PORT": str(free_port()),
            "MAPSI_SETTINGS_FILE": str(more),
            **changes,
        }
        lines = self._env.read_text().splitlines()
        kept = [line for line in lines if line.partition("=")[0] not in own]
        changed = [f"{name}={value}" for name, value in own.items()]
        self._env.write_text("\n".join([*kept, *changed, ""]))

    def compose(self, *arguments: str, timeout: float = 1800) -> str:
        """Run ``docker compose``; return what it printed."""
        command = ["docker", "compose", "--project-name", PROJECT, "--env-file", str(self._env)]
        print("$ docker compose", *arguments, flush=True)
        began = time.monotonic()
        done = subprocess.run(
            [*command, *arguments],
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )
        print(f"  {done.returncode} after {time.monotonic() - began:.0f} s", flush=True)
        assert done.returncode == 0, done.stderr[-4000:]
        return done.stdout

    def containers(self) -> list[dict[str, Any]]:
        """Return the project's containers as ``docker compose ps`` tells them."""
        lines = self.compose("ps", "--all", "--format", "json").splitlines()
        return [json.loads(line) for line in lines]

    def key(self) -> str:
        """Make an API key."""
        create = ("mapsi", "gateway", "keys", "create", "test", "--role", "admin")
        return self.compose("exec", "-T", "gateway", *create).strip()

    def http(self, key: str) -> httpx.Client:
        """Return a client that goes through the proxy."""
        return httpx.Client(
            base_url=f"http://127.0.0.1:{self.port}",
            headers={"Authorization": f"Bearer {key}"},
            timeout=90,
            trust_env=False,
        )

    def restart(self, service: str) -> None:
        """Stop a service's containers as an upgrade does, one after another, and start them."""
        containers = self.compose("ps", "--quiet", service).split()
        print(f"$ docker restart {service} ({len(containers)})", flush=True)
        began = time.monotonic()
        for container in containers:
            # It waits for stop_grace_period, as long as the stack lets a worker end its batch.
            command = ["docker", "restart", container]
            subprocess.run(command, check=True, capture_output=True, timeout=700)
        print(f"  after {time.monotonic() - began:.0f} s", flush=True)

    def kill(self, service: str) -> tuple[str, int]:
        """End a service's first container as a crash does; return its id, and the process's."""
        container = self.compose("ps", "--quiet", service).split()[0]
        pid = int(_inspect(container, "{{.State.Pid}}"))
        print(f"kill -9: {service} {container[:12]}", flush=True)
        try:
            # Not `docker kill`, after which the engine takes the container for stopped by hand.
            os.kill(pid, signal.SIGKILL)
        except (PermissionError, ProcessLookupError):
            subprocess.run(["docker", "kill", container], check=True, capture_output=True)
            subprocess.run(["docker", "start", container], check=True, capture_output=True)
        return container, pid


def is_back(container: str, *, after: int) -> bool:
    """Tell whether a container runs again, and is well, after that process of its."""
    pid, state = _inspect(container, "{{.State.Pid}} {{.State.Health.Status}}").split()
    return int(pid) not in (0, after) and state == "healthy"


def _inspect(container: str, what: str) -> str:
    asked = ["docker", "inspect", "--format", what, container]
    return subprocess.run(asked, check=True, capture_output=True, text=True).stdout.strip()


@dataclass
class Caller:
    """Asks as a client library does: what says "later" is asked again, and anything else noted."""

    client: httpx.Client
    failures: list[str] = field(default_factory=list)
    answers: Counter[int] = field(default_factory=Counter)

    def ask(self, method: str, path: str, **request: Any) -> httpx.Response:
        """Return the answer; 429 and 503 are asked again after the time that they name."""
        for _ in range(120):
            try:
                answer = self.client.request(method, path, **request)
            except httpx.TransportError as error:
                self.failures.append(f"{method} {path}: {error!r}")
                time.sleep(1)
                continue
            self.answers[answer.status_code] += 1
            if answer.status_code not in (429, 503):
                if answer.status_code >= 400:
                    self.failures.append(f"{method} {path}: {answer.status_code} {answer.text}")
                return answer
            time.sleep(min(10.0, float(answer.headers.get("Retry-After", "1"))))
        raise AssertionError(f"{path}: no answer in 120 tries")


class Uploading(threading.Thread):
    """Brings photos in one after another, beside whatever else happens."""

    def __init__(self, caller: Caller, photos: list[bytes], days: list[str]) -> None:
        super().__init__(name="uploading")
        self.ids: list[str] = []
        self._caller, self._photos, self._days = caller, photos, days

    def run(self) -> None:
        for number, (photo, day) in enumerate(zip(self._photos, self._days, strict=True)):
            answer = self._caller.ask(
                "POST",
                "/v1/photos",
                files={"file": (f"{number}.jpg", photo, "image/jpeg")},
                data={"posted_at": day},
            )
            self.ids.append(answer.json()["id"])
