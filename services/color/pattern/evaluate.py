"""``mapsi evaluate pattern``: how good the model is on photos it never saw."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import click
import numpy as np
import numpy.typing as npt
from rich.console import Console
from rich.progress import track

from services.color.pattern.figures import macro_f1, report
from services.color.pattern.metadata import read_metadata
from services.color.pattern.model import PatternReader
from services.color.pattern.samples import LABELS, Sample, list_samples, read_samples
from services.color.settings import ColorSettings
from shared.errors import UsageError
from shared.settings import read

DATA = click.option(
    "--data",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    required=True,
    help="Folder with garments/ and street/. 사진 폴더.",
)
MASKS = click.option(
    "--masks",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    required=True,
    help="Folder with a saliency map PHOTO.png for each photo of garments/. 마스크 폴더.",
)
LABELS_OPTION = click.option(
    "--labels",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    default=LABELS,
    help="CSV of labelled garments; default: the one that ships. 라벨 CSV.",
)


@dataclass(frozen=True, eq=False)
class Judged:
    """Labelled garments and what the model says: ``chances`` (n, 6)."""

    samples: Sequence[Sample]
    chances: npt.NDArray[np.float64]
    too_small: int

    def where(self, chosen: Sequence[bool]) -> Judged:
        rows = [row for row, kept in enumerate(chosen) if kept]
        return Judged([self.samples[row] for row in rows], self.chances[rows], self.too_small)

    @property
    def labels(self) -> npt.NDArray[np.int64]:
        return np.array([sample.label for sample in self.samples], np.int64)


@click.command()
@DATA
@MASKS
@LABELS_OPTION
def evaluate_pattern(data: Path, masks: Path, labels: Path) -> None:
    """Measure the pattern model on held-out photos. 무늬 모델 평가."""
    samples = [sample for sample in list_samples(data, labels) if sample.split == "test"]
    if not samples:
        raise UsageError(
            f"{data}: no labelled photo in the test split; name the whole data folder",
            text_ko=f"{data}: 평가용 라벨 사진이 없습니다. 전체 데이터 폴더를 지정하세요",
        )
    metadata = read_metadata(read(ColorSettings).weights)
    reader = PatternReader(metadata)
    reader.load()
    started = time.process_time()
    judged = judge(reader, data, masks, samples)
    seconds = time.process_time() - started
    for line in lines(judged, least_confidence=metadata.least_confidence):
        click.echo(line)
    click.echo(
        f"speed: {1000 * seconds / len(judged.samples):.1f} ms of processor time a garment, "
        "reading the photo and its mask included"
    )


def judge(reader: PatternReader, data: Path, masks: Path, samples: list[Sample]) -> Judged:
    """Ask the model about every sample."""
    console = Console(stderr=True)
    kept, chances, small = [], [], 0
    photos = read_samples(data, masks, samples)
    for sample, photo, mask in track(photos, "무늬", len(samples), console=console):
        found = reader.chances(photo, mask)
        if found is None:
            small += 1
        else:
            kept.append(sample)
            chances.append(found)
    return Judged(kept, np.stack(chances), small)


def lines(judged: Judged, *, least_confidence: float) -> Iterator[str]:
    """Yield the figures of all garments, of each kind of photo, and of those that are told."""
    told = judged.chances.max(axis=1) >= least_confidence
    street = np.array([sample.group == "street" for sample in judged.samples])
    sure = np.array([not sample.doubtful for sample in judged.samples])
    groups = {
        f"told (confidence from {least_confidence:.2f})": told,
        "told, garment photos": told & ~street,
        "told, street photos": told & street,
        "all": np.ones_like(told),
        "all, garment photos": ~street,
        "all, street photos": street,
        "all without doubtful labels": sure,
    }
    for name, chosen in groups.items():
        if not chosen.any():
            continue
        part = judged.where(chosen.tolist())
        answers = part.chances.argmax(axis=1)
        right = np.mean(answers == part.labels)
        figure = macro_f1(part.labels, answers)
        yield f"{name}: {len(answers)} garments, macro F1 {figure:.3f}, {right:.1%} right"
        yield from report(part.labels, answers)
    yield f"no pattern told: {np.sum(~told)} unsure, {judged.too_small} too small"
