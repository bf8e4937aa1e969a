"""The commands that only start something: a worker or beat."""

from __future__ import annotations

import threading
from functools import partial
from typing import Any

import click
from celery.beat import Scheduler

from services.alike import must_be_alike
from services.pulse import Pulse, show_pulse
from services.registry import WORKERS
from services.worker import work
from shared import metrics
from shared.broker import Broker, create_app
from shared.logging import configure
from shared.presence import signs_of_life
from shared.settings import Settings, read


@click.command()
@click.argument("services", nargs=-1, required=True, metavar="SERVICE…")
def worker(services: tuple[str, ...]) -> None:
    """Handle the messages of one or more services; neighbours are run without a hop between."""
    work(services, read(Settings))


worker.epilog = f"Services: {', '.join(WORKERS)}"


@click.command()
def beat() -> None:
    """Start the tasks that run by time (shared/flow.py: SCHEDULE); run one per installation."""
    from services.figures import show_figures  # needs the database, as workers need not

    settings = read(Settings)
    configure(settings)
    metrics.serve(settings.metrics_port)
    metrics.show_process("beat")
    show_figures(settings, stop=threading.Event())
    scheduler = create_app(settings).Beat(
        scheduler=_scheduler(show_pulse(settings)),
        loglevel=settings.log_level,
        quiet=True,
    )
    same = partial(must_be_alike, settings, ("beat",))
    with signs_of_life(Broker(settings), ("beat",), alike=same):
        scheduler.run()


def _scheduler(pulse: Pulse | None) -> type[Scheduler]:
    """Return a scheduler that keeps its times in memory.

    What runs every few seconds needs no file that a kill could damage.
    """

    class Ticking(Scheduler):
        def tick(self, *arguments: Any, **named: Any) -> Any:
            if pulse:
                pulse.turn()
            return super().tick(*arguments, **named)

    return Ticking
