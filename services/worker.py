"""One worker process: hosts the tasks of the services it is given."""

from __future__ import annotations

import importlib
import os
import socket
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from celery import signals

from services.alike import must_be_alike
from services.pulse import EVERY, show_pulse
from services.registry import WORKERS
from shared import bus, busy, metrics, presence, tracing
from shared.devices import gpu_memory
from shared.errors import UsageError
from shared.logging import configure, logger
from shared.settings import Settings


def work(names: tuple[str, ...], settings: Settings) -> None:
    """Run until SIGTERM or Ctrl-C; the task at hand is finished first.

    Raises UsageError for a service that is unknown or has no tasks.
    """
    configure(settings)
    for name in names:
        if name not in WORKERS:
            raise UsageError(
                f"{name} is no worker; choose from: {', '.join(WORKERS)}",
                text_ko=f"{name}: 작업자가 아닙니다. 다음 중에서 고르세요: {', '.join(WORKERS)}",
                reason="unknown_service",
            )
        importlib.import_module(WORKERS[name])
    serve(
        bus.connect(settings, hosted=frozenset(names)),
        alike=partial(must_be_alike, settings, names),
    )


def serve(context: bus.Context, *, alike: Callable[[], Mapping[str, str]] = dict) -> None:
    """Handle the messages of the hosted services, whose tasks are imported already.

    ``alike`` returns what must be the same in other processes (``services/alike.py``).
    """
    bus.register_tasks(context)
    metrics.serve(context.settings.metrics_port)
    services = sorted(context.hosted)
    tracing.start(context.settings, "+".join(services))
    metrics.show_process(*services)
    busy.show_idle(*services)
    signals.task_postrun.connect(partial(_show_memory, "+".join(services)), weak=False)
    logger(__name__).info("worker starts", services=services)
    worker = context.app.Worker(
        # Models and CUDA do not survive a fork, and a process more is a core more.
        pool="solo",
        queues=services,
        hostname=f"{'+'.join(services)}@{socket.gethostname()}-{os.getpid()}",
        # Workers need not know each other, and without that they start a second sooner.
        without_mingle=True,
        without_gossip=True,
        without_heartbeat=True,
        quiet=True,
        loglevel=context.settings.log_level,
    )
    pulse = show_pulse(context.settings)
    if pulse:
        worker.timer.call_repeatedly(EVERY, pulse.turn)
    with presence.signs_of_life(context.broker, tuple(services), alike=alike):
        worker.start()


def _show_memory(process: str, **_: Any) -> None:
    for kind, size in (gpu_memory() or {}).items():
        metrics.GPU_MEMORY_BYTES.labels(process, kind).set(size)
