"""``mapsi evaluate classifier``: how good the model is on photos it never saw."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import click
import numpy as np

from services.classification.figures import Flags, Floats, confusion, summary
from services.classification.model import Classifier, Pixels, open_classifier
from services.classification.settings import ClassificationSettings
from shared.errors import UsageError
from shared.settings import read


@dataclass(frozen=True, eq=False)
class Judged:
    """The probabilities (n,) of a split's photos, their labels and groups."""

    fashion: Floats
    labels: Flags
    groups: Sequence[str]


@click.command()
@click.option(
    "--data", type=click.Path(exists=True, file_okay=False, path_type=Path), required=True,
    help="Folder with street/, garments/ and negatives/. 사진 폴더.",
)  # fmt: skip
@click.option("--split", type=click.Choice(["validation", "test"]), default="test",
              show_default=True)  # fmt: skip
@click.option("--changed", is_flag=True, help="Also judge compressed and cropped copies.")
@click.option("--student", type=click.Path(exists=True, dir_okay=False, path_type=Path),
              help="A training's student.safetensors: adds its teacher's figures.")  # fmt: skip
def evaluate_classifier(data: Path, split: str, changed: bool, student: Path | None) -> None:
    """Measure the fashion classifier on held-out photos. 패션 분류기 평가."""
    from services.classification.dataset import list_samples

    samples = [sample for sample in list_samples(data) if sample.split == split]
    if not samples:
        raise UsageError(
            f"{data}: no photo in the {split} split; name the whole data folder",
            text_ko=f"{data}: {split} 사진이 없습니다. 전체 데이터 폴더를 지정하세요",
        )
    classifier = open_classifier(read(ClassificationSettings))
    classifier.load()
    photos = [(_read(sample.path), sample.fashion, sample.group) for sample in samples]
    for line in report(classifier, photos):
        click.echo(line)
    if changed:
        for line in report_changed(classifier, photos):
            click.echo(line)
    if student:
        click.echo(_teacher_line(student, photos))


Labelled = Sequence[tuple[Pixels, bool, str]]


def report(classifier: Classifier, photos: Labelled) -> Iterator[str]:
    """Yield the figures of all photos, of each group, and the speed."""
    started = time.process_time()
    judged = judge(classifier, photos)
    seconds = time.process_time() - started
    yield _figures("all", judged, classifier.threshold)
    groups = np.array(judged.groups)
    for group in dict.fromkeys(judged.groups):
        right = (judged.fashion >= classifier.threshold) == judged.labels
        inside = groups == group
        yield f"{group}: {right[inside].sum()} of {inside.sum()} right"
    yield f"speed: {len(photos) / seconds:.0f} photos a second of processor time, resize included"


def report_changed(classifier: Classifier, photos: Labelled) -> Iterator[str]:
    """Yield the figures where every photo came through a feed: compressed, cropped, framed."""
    for name, change in CHANGES.items():
        copies = [(change(photo), fashion, group) for photo, fashion, group in photos]
        yield _figures(name, judge(classifier, copies), classifier.threshold)


def judge(classifier: Classifier, photos: Labelled) -> Judged:
    """Return the classifier's probabilities of the labelled photos."""
    verdicts = classifier.predict([photo for photo, _, _ in photos])
    return Judged(
        np.array([verdict.fashion for verdict in verdicts], np.float32),
        np.array([fashion for _, fashion, _ in photos]),
        [group for _, _, group in photos],
    )


def _figures(name: str, judged: Judged, threshold: float) -> str:
    figures = summary(judged.fashion, judged.labels, threshold=threshold)
    counts = confusion(judged.fashion, judged.labels, threshold=threshold)
    return (
        f"{name}: PR-AUC {figures['pr_auc']:.4f}, ROC-AUC {figures['roc_auc']:.4f}, "
        f"balanced accuracy {counts.balanced_accuracy:.4f} at {threshold:.2f}, "
        f"ECE {figures['ece']:.4f}; fashion kept {counts.kept_fashion} lost "
        f"{counts.lost_fashion}, others stopped {counts.stopped_others} "
        f"passed {counts.passed_others}"
    )


def _read(path: Path) -> Pixels:
    from shared.imaging import decode

    return decode(path.read_bytes(), name=str(path)).pixels


def _compressed(quality: int) -> Callable[[Pixels], Pixels]:
    def change(photo: Pixels) -> Pixels:
        from services.classification.augment import recompress

        return recompress(photo, quality)

    return change


def _cropped(photo: Pixels) -> Pixels:
    """Return the middle half of the area."""
    height, width = photo.shape[:2]
    top, left = round(height * 0.147), round(width * 0.147)
    return np.ascontiguousarray(photo[top : height - top, left : width - left])


def _letterboxed(photo: Pixels) -> Pixels:
    """Return the photo on a white square, as feeds show it."""
    side = max(photo.shape[:2])
    page = np.full((side, side, 3), 255, np.uint8)
    top, left = (side - photo.shape[0]) // 2, (side - photo.shape[1]) // 2
    page[top : top + photo.shape[0], left : left + photo.shape[1]] = photo
    return page


CHANGES: Final[dict[str, Callable[[Pixels], Pixels]]] = {
    "JPEG quality 30": _compressed(30),
    "JPEG quality 10": _compressed(10),
    "middle half": _cropped,
    "letterboxed": _letterboxed,
}


def _teacher_line(student: Path, photos: Labelled) -> str:
    """Return the figures of the teacher's probe at one half, on the same prepared photos."""
    import torch

    from services.classification.finish import SIDE
    from services.classification.model import prepare
    from services.classification.net import load_teacher

    teacher = load_teacher(student)
    chances = []
    for photo, _, _ in photos:
        with torch.no_grad():
            pixels = torch.from_numpy(prepare([photo], side=SIDE))
            chances.append(float(teacher(pixels).sigmoid()))
    labels = np.array([fashion for _, fashion, _ in photos])
    groups = [group for _, _, group in photos]
    return _figures("teacher", Judged(np.array(chances, np.float32), labels, groups), 0.5)
