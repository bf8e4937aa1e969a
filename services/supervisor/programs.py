"""What ``mapsi up`` runs: one child process a service, and what they share."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Final

from services.registry import WORKERS
from services.supervisor import valkey
from services.supervisor.home import Address
from services.supervisor.settings import SupervisorSettings
from shared.broker import Broker
from shared.settings import Settings

BROKER_WAVE, WORKER_WAVE, FACE_WAVE = range(3)
_QUICK: Final = 10.0
"""Seconds for what has nothing to finish."""
_LAST_REQUESTS: Final = 30.0
"""Seconds for the gateway: MAPSI_GATEWAY_DRAIN_SECONDS and a rest."""


@dataclass(frozen=True)
class Program:
    """A child process to keep running."""

    name: str
    command: tuple[str, ...]
    wave: int
    """Waves start in ascending order, and stop in descending order."""
    grace: float
    """Seconds between SIGTERM and SIGKILL."""
    environment: Mapping[str, str] = field(default_factory=dict)
    before_restart: Callable[[], object] | None = None
    """What to do when it died, before it starts again."""


def programs(
    settings: Settings, own: SupervisorSettings, *, address: Address
) -> tuple[Program, ...]:
    """Return the processes of one machine; a Valkey only where no other broker is set."""
    environment = _environment(settings, address)
    private = settings.redis_url is None
    listed = [
        Program(
            name=service,
            command=_mapsi("worker", service),
            wave=WORKER_WAVE,
            grace=own.grace,
            environment=environment,
            # Nobody else takes from this queue on the private broker: what the dead worker held
            # need not wait for the visibility timeout.
            before_restart=partial(Broker(settings).hand_back, service) if private else None,
        )
        for service in _workers(settings)
    ]
    face = partial(Program, wave=FACE_WAVE, environment=environment)
    listed += [
        face(name="beat", command=_mapsi("beat"), grace=_QUICK),
        face(name="gateway", command=_mapsi("gateway"), grace=_LAST_REQUESTS),
    ]
    if private:
        server = Program("valkey", valkey.command(settings), wave=BROKER_WAVE, grace=_QUICK)
        listed.insert(0, server)
    return tuple(listed)


def _workers(settings: Settings) -> list[str]:
    """Return every worker; what draws for people only where a backend is set that does."""
    draws = settings.drawer != "lookbook"
    return [name for name in WORKERS if draws or not name.startswith("generation.")]


def _mapsi(*arguments: str) -> tuple[str, ...]:
    # -P: a folder named `shared` where someone calls `mapsi up` is not ours.
    return (sys.executable, "-P", "-m", "services", *arguments)


def _environment(settings: Settings, address: Address) -> dict[str, str]:
    data_dir = settings.data_dir.resolve()
    environment = {
        **os.environ,
        "MAPSI_DATA_DIR": str(data_dir),
        "PROMETHEUS_MULTIPROC_DIR": str(data_dir / "metrics"),
        "MAPSI_GATEWAY_HOST": address.host,
        "MAPSI_GATEWAY_PORT": str(address.port),
        "PYTHONUNBUFFERED": "1",
    }
    for name, threads in _threads().items():
        environment.setdefault(name, str(threads))
    # The gateway serves the sum of all processes; a port each would be one port for all.
    environment.pop("MAPSI_METRICS_PORT", None)
    return environment


def _threads() -> dict[str, int]:
    """Return the threads for what computes; a variable that is set already wins.

    While photos come in, classification and color keep about a core busy each; what is left is
    segmentation's. More threads than cores would only wait for each other.
    """
    left = len(_cores()) - 2
    return {"OMP_NUM_THREADS": 1, "MAPSI_SEGMENTATION_THREADS": min(max(left, 1), 8)}


def _cores() -> set[int]:
    # macOS cannot tell which cores a process may use.
    own = getattr(os, "sched_getaffinity", None)
    return own(0) if own else set(range(os.cpu_count() or 1))
