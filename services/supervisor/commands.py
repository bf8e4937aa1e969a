"""``mapsi up``."""

from __future__ import annotations

import asyncio
from pathlib import Path

import click

from services.gateway.settings import GatewaySettings
from services.supervisor.console import Console
from services.supervisor.home import Address, locked, prepare
from services.supervisor.settings import SupervisorSettings
from services.supervisor.up import run
from shared.settings import Settings, read


@click.command()
@click.option(
    "--port",
    type=click.IntRange(1, 65535),
    help="Port of the HTTP API and page (default: MAPSI_GATEWAY_PORT, else 8000).",
)
@click.option(
    "--data",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder that keeps everything (default: MAPSI_DATA_DIR, else ./mapsi-data).",
)
def up(port: int | None, data: Path | None) -> None:
    """Run all of Mapsi on this machine until Ctrl-C; the next start goes on where it stopped."""
    settings = read(Settings)
    folder = (data or settings.data_dir).resolve()
    settings = settings.model_copy(update={"data_dir": folder})
    own = read(SupervisorSettings)
    listen = read(GatewaySettings)
    address = Address(listen.host, port or listen.port)
    prepare(folder)
    with locked(folder):
        address.check()
        asyncio.run(run(settings, own, address=address, console=Console(settings.language)))
