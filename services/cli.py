"""The ``mapsi`` command. Each command lives with its service and is imported when it is called.

Exit code 0: done; 1: failed; 2: used wrongly. Errors are one line on stderr.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Mapping
from typing import Any, Final

import click

from shared.errors import MapsiError, UsageError
from shared.settings import Settings, read


class LazyGroup(click.Group):
    """A group whose commands are imported only when named: ``--help`` needs no torch."""

    def __init__(self, targets: Mapping[str, str | LazyGroup], **attributes: Any) -> None:
        super().__init__(**attributes)
        self.targets = targets

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.targets)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        target = self.targets.get(cmd_name)
        if not isinstance(target, str):
            return target
        module, _, name = target.partition(":")
        try:
            command: click.Command = getattr(importlib.import_module(module), name)
        except ModuleNotFoundError as error:
            raise UsageError(
                f"{cmd_name} needs the package {error.name}; install the service's extra "
                "(training: pip install 'mapsi[ml]'), see `mapsi doctor`",
                text_ko=f"{cmd_name}: {error.name} 패키지가 필요합니다. `mapsi doctor`를 보세요",
                reason="not_installed",
            ) from error
        return command


TRAIN: Final = LazyGroup(
    {
        "classifier": "services.classification.train:train_classifier",
        "segmenter": "services.segmentation.train:train_segmenter",
    },
    name="train",
    help="Train a model on your own photos; needs the ml extra. 내 사진으로 모델 학습.",
)
EVALUATE: Final = LazyGroup(
    {
        "classifier": "services.classification.evaluate:evaluate_classifier",
        "segmenter": "services.segmentation.evaluate:evaluate_segmenter",
    },
    name="evaluate",
    help="Measure a model on photos it never saw. 학습에 쓰지 않은 사진으로 평가.",
)
cli = LazyGroup(
    {
        "up": "services.supervisor.commands:up",
        "demo": "services.demo:demo",
        "worker": "services.processes:worker",
        "beat": "services.processes:beat",
        "gateway": "services.gateway.commands:gateway",
        "analyze": "services.analyze:analyze",
        "ingest": "services.ingestion.commands:ingest",
        "retry": "services.ingestion.commands:retry",
        "trends": "services.trends.commands:trends",
        "train": TRAIN,
        "evaluate": EVALUATE,
        "doctor": "services.doctor:doctor",
    },
    name="mapsi",
    help="Mapsi: street photos in, measured fashion trends out. 맵시: 사진에서 패션 트렌드까지.",
)
click.version_option(package_name="mapsi")(cli)


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
