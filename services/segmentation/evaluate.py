"""``mapsi evaluate segmenter``: how good the model is on photos it never saw."""

from __future__ import annotations

import resource
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import click
import numpy as np

from services.segmentation.data.labelled import LabelledPhoto, read_labelled
from services.segmentation.data.splits import Split
from services.segmentation.metadata import read_metadata
from services.segmentation.model import Segmenter, open_segmenter
from services.segmentation.scoring import Precision, Scoreboard, confusion
from services.segmentation.settings import SegmentationSettings
from shared.contracts.garments import Garment
from shared.imaging import decode
from shared.settings import read

LOWEST: float = 0.05
"""AP looks at the whole ranking, so garments below the product's threshold count too."""


@dataclass
class Outcome:
    """What was measured on a split."""

    board: Scoreboard = field(default_factory=Scoreboard)
    confused: Counter[tuple[str, str]] = field(default_factory=Counter)
    seconds: list[float] = field(default_factory=list)
    photo_ious: list[tuple[float, Path, tuple[Garment, ...]]] = field(default_factory=list)


@click.command()
@click.option(
    "--data", type=click.Path(exists=True, file_okay=False, path_type=Path), required=True
)
@click.option("--split", type=click.Choice(["val", "test"]), default="test", show_default=True)
@click.option("--worst", type=int, default=0, help="Draw the N photos with the lowest IoU.")
@click.option("--out", type=click.Path(path_type=Path), default=Path("worst.png"))
def evaluate_segmenter(data: Path, split: Split, worst: int, out: Path) -> None:
    """Measure mask AP, IoU, confusion and speed on labelled street photos (DATA/street)."""
    settings = read(SegmentationSettings)
    threshold = settings.threshold or read_metadata(settings.weights).threshold
    segmenter = open_segmenter(settings.model_copy(update={"threshold": min(LOWEST, threshold)}))
    segmenter.load()
    outcome = measure(segmenter, read_labelled(data, split), threshold=threshold)
    for line in report(outcome, threshold=threshold):
        click.echo(line)
    if worst:
        _draw_worst(outcome, worst, out)
        click.echo(f"the {worst} photos with the lowest IoU: {out}")


def measure(segmenter: Segmenter, photos: Iterator[LabelledPhoto], *, threshold: float) -> Outcome:
    """Predict every photo and compare."""
    outcome = Outcome()
    for photo in photos:
        pixels = decode(photo.path.read_bytes(), name=photo.path.name).pixels
        started = time.perf_counter()
        (garments,) = segmenter.predict([pixels])
        outcome.seconds.append(time.perf_counter() - started)
        iou = outcome.board.add(photo.garments, garments, threshold=threshold)
        reported = tuple(garment for garment in garments if garment.score >= threshold)
        outcome.confused.update(confusion(photo.garments, reported))
        outcome.photo_ious.append((iou, photo.path, reported))
    return outcome


def report(outcome: Outcome, *, threshold: float) -> Iterator[str]:
    """Yield the lines of the table."""
    yield f"{len(outcome.seconds)} photos"
    for title, rows in (
        ("family", outcome.board.by_family()),
        ("category", outcome.board.by_category()),
    ):
        yield f"{title:24}{'garments':>9}{'AP':>8}{'AP50':>8}"
        for name, precision in rows.items():
            yield _row(name, precision)
        seen = [precision for precision in rows.values() if precision.instances]
        ap, ap50 = np.mean([(one.ap, one.ap50) for one in seen], axis=0)
        yield _row("mean", Precision(float(ap), float(ap50), sum(one.instances for one in seen)))
    ious = outcome.board.iou_by_family()
    yield f"IoU of pixels at score {threshold}: " + ", ".join(
        f"{name} {value:.3f}" for name, value in ious.items()
    )
    yield f"mean IoU {np.mean(list(ious.values())):.3f}"
    yield "true → reported (mask IoU over 0.5), most frequent first:"
    for (true, reported), count in outcome.confused.most_common(20):
        yield f"  {count:4} {true} → {reported}"
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    middle, high = np.percentile(outcome.seconds, [50, 95])
    yield f"seconds a photo: median {middle:.3f}, 95 % {high:.3f}; peak memory {peak:.0f} MiB"


def _row(name: str, precision: Precision) -> str:
    return f"{name:24}{precision.instances:>9}{precision.ap:>8.3f}{precision.ap50:>8.3f}"


def _draw_worst(outcome: Outcome, count: int, out: Path) -> None:
    from services.segmentation.sheet import draw_sheet

    worst = sorted(outcome.photo_ious, key=lambda entry: entry[0])[:count]
    draw_sheet([(path, f"IoU {iou:.2f}", garments) for iou, path, garments in worst], out)
