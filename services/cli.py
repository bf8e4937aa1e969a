"""The ``mapsi`` command. Each command lives with its service and is imported when it is called.

Exit code 0: done; 1: failed; 2: used wrongly. Errors are one line on stderr.
"""

from __future__ import annotations

import importlib
import os
import signal
import sys
from collections.abc import Mapping, Sequence
from itertools import pairwise
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
        command: click.Command = getattr(importlib.import_module(module), name)
        return command


TRAIN: Final = LazyGroup(
    {
        "classifier": "services.classification.train:train_classifier",
        "segmenter": "services.segmentation.train:train_segmenter",
        "pattern": "services.color.pattern.train:train_pattern",
        "style": "services.style.commands:train_style",
        "chat": "services.gateway.chat.understanding.commands:train_chat",
        "lora": "services.generation.lora.train_command:train_lora",
    },
    name="train",
    help="Train a model on your own data; style and chat need no ml extra. 모델 학습.",
)
EVALUATE: Final = LazyGroup(
    {
        "classifier": "services.classification.evaluate:evaluate_classifier",
        "segmenter": "services.segmentation.evaluate:evaluate_segmenter",
        "pattern": "services.color.pattern.evaluate:evaluate_pattern",
        "style": "services.style.commands:evaluate_style",
        "forecast": "services.trends.forecast.evaluate:evaluate_forecast",
        "chat": "services.gateway.chat.understanding.commands:evaluate_chat",
    },
    name="evaluate",
    help="Measure a model on what it never saw. 학습에 쓰지 않은 자료로 평가.",
)
DATA: Final = LazyGroup(
    {
        "deepfashion2": "services.segmentation.data.commands:deepfashion2",
        "ccp": "services.segmentation.data.commands:ccp",
        "tagged": "services.segmentation.data.commands:tagged",
        "scenes": "services.segmentation.data.commands:scenes",
        "garments": "services.segmentation.data.commands:garments",
        "lora": "services.generation.lora.data_command:lora",
    },
    name="data",
    help="Convert data sets into what `mapsi train` reads. 데이터셋을 학습용으로 변환.",
)
EXPORT: Final = LazyGroup(
    {"segmenter": "services.segmentation.export_command:export_segmenter"},
    name="export",
    help="Write weights that can be served from a checkpoint. 체크포인트를 서비스용으로 변환.",
)
cli = LazyGroup(
    {
        "up": "services.supervisor.commands:up",
        "demo": "services.demo:demo",
        "worker": "services.processes:worker",
        "beat": "services.processes:beat",
        "migrate": "services.migrate:migrate",
        "health": "services.health:health",
        "backup": "services.backup.commands:backup",
        "restore": "services.backup.commands:restore_command",
        "gateway": "services.gateway.commands:gateway",
        "analyze": "services.analyze:analyze",
        "ingest": "services.ingestion.commands:ingest",
        "retry": "services.ingestion.commands:retry",
        "delete": "services.delete:delete",
        "sources": "services.ingestion.schedule.commands:sources",
        "trends": "services.trends.commands:trends",
        "alerts": "services.alerts:alerts",
        "forecast": "services.trends.forecast.commands:forecast_series",
        "report": "services.trends.report.commands:report",
        "train": TRAIN,
        "evaluate": EVALUATE,
        "data": DATA,
        "export": EXPORT,
        "doctor": "services.doctor:doctor",
    },
    name="mapsi",
    help="Mapsi: street photos in, measured fashion trends out. 맵시: 사진에서 패션 트렌드까지.",
)
click.version_option(package_name="mapsi")(cli)


def main() -> None:
    """Run the command and turn our errors into one line and an exit code."""
    if os.getpid() == 1:
        # A container's first process has no default action: until a worker or a server handles
        # SIGTERM itself, it would be lost.
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        # Without standalone mode click does not exit but returns the code of an Exit.
        sys.exit(cli(standalone_mode=False) or 0)
    except click.ClickException as error:
        error.show()
        sys.exit(2 if isinstance(error, click.UsageError) else 1)
    except (click.Abort, KeyboardInterrupt):
        sys.exit(130)
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] in ("shared", "services"):
            raise  # a bug, not something to install
        _tell(_not_installed(error))
        sys.exit(1)
    except MapsiError as error:
        _tell(error)
        sys.exit(2 if isinstance(error, UsageError) else 1)


def _not_installed(error: ModuleNotFoundError) -> MapsiError:
    return MapsiError(
        f"the package {error.name} is not installed; `mapsi doctor` names the extra that has it "
        "(training: pip install 'mapsi[ml]')",
        text_ko=f"{error.name} 패키지가 설치되어 있지 않습니다. 어느 구성에 있는지 "
        "`mapsi doctor`가 알려 줍니다 (학습: pip install 'mapsi[ml]')",
        reason="not_installed",
    )


def _tell(error: MapsiError) -> None:
    try:
        language = _asked_language(sys.argv[1:]) or read(Settings).language
    except MapsiError:
        language = "en"
    click.echo(f"mapsi: {error.in_language(language)}", err=True)


def _asked_language(words: Sequence[str]) -> str | None:
    """Return what the command's own ``--lang`` says; an error may come before it is read."""
    for word, following in pairwise((*words, "")):
        name, _, value = word.partition("=")
        if name == "--lang":
            return value or following
    return None
