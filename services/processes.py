"""The commands that only start something: a worker, beat, a training or an evaluation."""

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
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    create_app(settings).Beat(
        schedule=str(settings.data_dir / "beat-schedule"), loglevel=settings.log_level
    ).run()


@click.group()
def train() -> None:
    """Train a model on your own photos (needs the `ml` extra)."""


@click.group()
def evaluate() -> None:
    """Measure a model on photos it never saw."""
