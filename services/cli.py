"""The ``mapsi`` command. Each command lives with its service and is imported when it is called.

Exit code 0: done; 1: failed; 2: used wrongly. Errors are one line on stderr.
"""

from __future__ import annotations

import importlib
import sys
from typing import Final

import click

from shared.errors import MapsiError, UsageError
from shared.settings import Settings, read

COMMANDS: Final = {
    "up": "services.supervisor.commands:up",
    "demo": "services.demo:demo",
    "worker": "services.processes:worker",
    "beat": "services.processes:beat",
    "gateway": "services.gateway.commands:gateway",
    "analyze": "services.analyze:analyze",
    "ingest": "services.ingestion.commands:ingest",
    "retry": "services.ingestion.commands:retry",
    "trends": "services.trends.commands:trends",
    "train": "services.processes:train",
    "evaluate": "services.processes:evaluate",
    "doctor": "services.doctor:doctor",
}


class LazyGroup(click.Group):
    """A group whose commands are imported only when named: ``--help`` stays quick."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        target = COMMANDS.get(cmd_name)
        if target is None:
            return None
        module, _, name = target.partition(":")
        command: click.Command = getattr(importlib.import_module(module), name)
        return command


@click.group(cls=LazyGroup)
@click.version_option(package_name="mapsi")
def cli() -> None:
    """Mapsi: street photos in, measured fashion trends out. 맵시: 거리 사진에서 패션 트렌드까지."""


def main() -> None:
    """Run the command and turn our errors into one line and an exit code."""
    try:
        # Without standalone mode click does not exit but returns the code of an Exit.
        sys.exit(cli(standalone_mode=False) or 0)
    except click.ClickException as error:
        error.show()
        sys.exit(2 if isinstance(error, click.UsageError) else 1)
    except (click.Abort, KeyboardInterrupt):
        sys.exit(130)
    except MapsiError as error:
        click.echo(f"mapsi: {error.in_language(_language())}", err=True)
        sys.exit(2 if isinstance(error, UsageError) else 1)


def _language() -> str:
    try:
        return read(Settings).language
    except MapsiError:
        return "en"
