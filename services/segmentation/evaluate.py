"""``mapsi evaluate segmenter``: how good the model is on photos it never saw."""

from __future__ import annotations

import json
import resource
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

import click
import numpy as np
from rich.console import Console
from rich.progress import track

from services.segmentation import single_garments
from services.segmentation.data.garments import read_garments
from services.segmentation.data.labelled import LabelledPhoto, count_labelled, read_labelled
from services.segmentation.data.splits import Split
from services.segmentation.figures import figures, lines
from services.segmentation.metadata import read_metadata
from services.segmentation.model import Pixels, Segmenter, open_segmenter
from services.segmentation.scoring import Scoreboard, confusion
from services.segmentation.settings import SegmentationSettings
from shared.contracts.garments import Garment
from shared.contracts.vocabulary import CATEGORIES, label
from shared.errors import MapsiError, UsageError
from shared.imaging import decode
from shared.settings import Settings, read

LOWEST: float = 0.05
"""AP looks at the whole ranking, so garments below the product's threshold count too."""

Png = click.Path(dir_okay=False, path_type=Path)
Item = TypeVar("Item")


@dataclass(frozen=True)
class Look:
    """A photo, its mean IoU, what is in it and what was reported."""

    iou: float
    path: Path
    labelled: tuple[str, ...]
    reported: tuple[Garment, ...]

    def title(self, language: str) -> str:
        """Return the IoU, and in a second line the true categories."""
        return f"IoU {self.iou:.2f}\n= " + ", ".join(label(one, language) for one in self.labelled)


@dataclass
class Outcome:
    """What was measured on a split."""

    board: Scoreboard = field(default_factory=Scoreboard)
    confused: Counter[tuple[str, str]] = field(default_factory=Counter)
    seconds: list[float] = field(default_factory=list)
    looks: list[Look] = field(default_factory=list)


@click.command()
@click.option("--data", type=click.Path(exists=True, file_okay=False, path_type=Path),
              required=True, help="Folder with street/, or one that `mapsi data` wrote. 데이터 "
              "폴더.")  # fmt: skip
@click.option("--split", type=click.Choice(["train", "val", "test"]), default="test",
              show_default=True)  # fmt: skip
@click.option("--worst", type=int, default=0,
              help="Draw the N photos of lowest IoU. IoU가 낮은 사진 N장 그리기.")  # fmt: skip
@click.option("--out", type=Png, default=Path("worst.png"), show_default=True,
              help="Where to draw them. 그림 파일.")  # fmt: skip
@click.option("--confusion", "matrix", type=Png,
              help="Draw what is taken for what into this PNG. 혼동 행렬 그림.")  # fmt: skip
@click.option("--garments", is_flag=True,
              help="Also the photos of one garment in DATA/garments. 단일 옷 사진.")  # fmt: skip
@click.option("--json", "wants_json", is_flag=True, help="One JSON object. JSON으로 출력.")
@click.option("--lang", type=click.Choice(["ko", "en"]), help="Language. 언어.")
def evaluate_segmenter(
    *, data: Path, split: Split, worst: int, out: Path, matrix: Path | None, garments: bool,
    wants_json: bool, lang: str | None,
) -> None:  # fmt: skip
    """Measure mask AP, IoU and confusion on labelled photos. 옷 분할 평가.

    AP by the 13 categories and the six families, by size, by what covers a garment, and by
    layer; with the engine and weights of MAPSI_SEGMENTATION_*.
    """
    language = lang or read(Settings).language
    settings = read(SegmentationSettings)
    threshold = settings.threshold or read_metadata(settings.weights).threshold
    segmenter = open_segmenter(settings.model_copy(update={"threshold": min(LOWEST, threshold)}))
    segmenter.load()
    count = count_labelled(data, split)
    if not count:
        raise UsageError(
            f"{data}: no labelled photo in the {split} split; choose another --split or folder",
            text_ko=f"{data}: {split}에 라벨이 있는 사진이 없습니다. 다른 폴더를 고르세요",
        )
    shown = _shown(read_labelled(data, split), count, "evaluating", "평가", language)
    outcome = measure(segmenter, shown, threshold=threshold)
    measured = {**figures(outcome.board, threshold=threshold), **_rest(outcome)}
    if garments:
        chosen = [photo for photo in read_garments(data / "garments") if photo.split == split]
        single = _shown(chosen, len(chosen), "single garments", "옷 한 벌 사진", language)
        pairs = single_garments.compare(segmenter, single, threshold=threshold)
        measured["single_garments"] = single_garments.top1(pairs)
    if wants_json:
        click.echo(json.dumps(measured, ensure_ascii=False))
    else:
        for line in _text(measured, language):
            click.echo(line)
    _draw(outcome, worst=worst, out=out, matrix=matrix, language=language)


def _shown(
    things: Iterable[Item], total: int, text: str, korean: str, language: str
) -> Iterable[Item]:
    console = Console(stderr=True)
    title = korean if language == "ko" else text
    return track(things, title, total=total, console=console, disable=not sys.stderr.isatty())


def measure(segmenter: Segmenter, photos: Iterable[LabelledPhoto], *, threshold: float) -> Outcome:
    """Predict every photo, in the engine's batches, and compare."""
    outcome = Outcome()
    rest = iter(photos)
    while batch := list(islice(rest, segmenter.batch_size)):
        pixels = [_read(photo) for photo in batch]
        started = time.perf_counter()
        answers = segmenter.predict(pixels)
        outcome.seconds += [(time.perf_counter() - started) / len(batch)] * len(batch)
        for photo, garments in zip(batch, answers, strict=True):
            _compare(photo, garments, outcome, threshold=threshold)
    return outcome


def _compare(
    photo: LabelledPhoto, garments: tuple[Garment, ...], outcome: Outcome, *, threshold: float
) -> None:
    names = tuple(garment.category for garment in photo.garments)
    iou = outcome.board.add(photo.garments, garments, threshold=threshold)
    reported = tuple(garment for garment in garments if garment.score >= threshold)
    outcome.confused.update(confusion(photo.garments, reported))
    outcome.looks.append(Look(iou, photo.path, names, reported))


def _read(photo: LabelledPhoto) -> Pixels:
    try:
        pixels = decode(photo.path.read_bytes(), name=str(photo.path)).pixels
    except OSError as error:
        raise UsageError(
            f"{photo.path}: {error.strerror}; the annotations name this photo",
            text_ko=f"{photo.path}: 주석에 있는 사진을 읽을 수 없습니다",
        ) from error
    if any(garment.mask.shape != pixels.shape[:2] for garment in photo.garments):
        raise MapsiError(
            f"{photo.path}: the photo and its annotations have different sizes; convert it again",
            text_ko=f"{photo.path}: 사진과 주석의 크기가 다릅니다. 다시 변환하세요",
        )
    return pixels


def _rest(outcome: Outcome) -> dict[str, Any]:
    names = [*CATEGORIES, "-"]
    middle, high = np.percentile(outcome.seconds, [50, 95])
    return {
        "confusion": [
            {"true": true, "reported": reported, "count": outcome.confused[true, reported]}
            for true in names
            for reported in names
            if outcome.confused[true, reported]
        ],
        "seconds": {"median": round(float(middle), 4), "p95": round(float(high), 4)},
        "peak_mib": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
    }


def _text(measured: dict[str, Any], language: str) -> Iterator[str]:
    korean = language == "ko"
    yield from lines(measured, language=language)
    yield (
        "실제 → 보고 (마스크 IoU 0.5 초과), 많은 순:"
        if korean
        else "true → reported (mask IoU over 0.5), most frequent first:"
    )
    for row in sorted(measured["confusion"], key=lambda row: -row["count"])[:20]:
        names = (
            "-" if name == "-" else label(name, language) for name in (row["true"], row["reported"])
        )
        yield f"  {row['count']:4} {' → '.join(names)}"
    if "single_garments" in measured:
        yield from single_garments.lines(measured["single_garments"], language=language)
    middle, high = measured["seconds"]["median"], measured["seconds"]["p95"]
    yield (
        f"사진당 {middle:.3f}초(중앙값), 95 % {high:.3f}초; 최대 메모리 {measured['peak_mib']} MiB"
        if korean
        else f"seconds a photo: median {middle:.3f}, 95 % {high:.3f}; "
        f"peak memory {measured['peak_mib']} MiB"
    )


def _draw(outcome: Outcome, *, worst: int, out: Path, matrix: Path | None, language: str) -> None:
    if worst:
        from services.segmentation.sheet import draw_sheet

        chosen = sorted(outcome.looks, key=lambda look: look.iou)[:worst]
        entries = [(look.path, look.title(language), look.reported) for look in chosen]
        draw_sheet(entries, out, language=language)
        click.echo(
            f"IoU가 가장 낮은 사진 {len(chosen)}장: {out}"
            if language == "ko"
            else f"the {len(chosen)} photos with the lowest IoU: {out}",
            err=True,
        )
    if matrix:
        from services.segmentation.matrix import draw_confusion

        draw_confusion(outcome.confused, matrix, language=language)
        click.echo(str(matrix), err=True)
