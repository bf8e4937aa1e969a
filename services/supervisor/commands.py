"""``mapsi up``."""

from __future__ import annotations

import asyncio
from pathlib import Path

import click

from services.supervisor.console import Console
from services.supervisor.home import check_port, locked, prepare
from services.supervisor.settings import SupervisorSettings
from services.supervisor.up import run
from shared.settings import Settings, read


@click.command()
@click.option("--port", default=8000, show_default=True, help="Port of the HTTP API and page.")
@click.option(
    "--data",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder that keeps everything (default: MAPSI_DATA_DIR, else ./mapsi-data).",
)
def up(port: int, data: Path | None) -> None:
    """Run all of Mapsi on this machine until Ctrl-C; the next start goes on where it stopped."""
    settings = read(Settings)
    folder = (data or settings.data_dir).resolve()
    settings = settings.model_copy(update={"data_dir": folder})
    own = read(SupervisorSettings)
    prepare(folder)
    with locked(folder):
        check_port("127.0.0.1", port)
        asyncio.run(run(settings, own, port=port, console=Console(settings.language)))
