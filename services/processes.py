"""The commands that only start something: a worker or beat."""

from __future__ import annotations

import click

from services.registry import WORKERS
from services.worker import work
from shared.broker import create_app
from shared.logging import configure
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
    settings = read(Settings)
    configure(settings)
    create_app(settings).Beat(
        # In memory: what runs every few seconds needs no file that a kill could damage.
        scheduler="celery.beat:Scheduler",
        loglevel=settings.log_level,
        quiet=True,
    ).run()
