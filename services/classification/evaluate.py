"""``mapsi evaluate classifier``: how good the model is on photos it never saw."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click
import numpy as np

from services.classification.changes import CHANGES
from services.classification.figures import (
    Flags,
    Floats,
    balanced_accuracy_interval,
    confusion,
    summary,
)
from services.classification.model import Classifier, Pixels, open_classifier
from services.classification.settings import ClassificationSettings
from shared.errors import UsageError
from shared.settings import read

if TYPE_CHECKING:
    from services.classification.dataset import Sample


@dataclass(frozen=True, eq=False)
class Judged:
    """The probabilities (n,) of a split's photos and their labels."""

    fashion: Floats
    labels: Flags


@dataclass(frozen=True, eq=False)
class Labelled:
    """A photo, whether it is fashion, and of what kind: a garment's label or a group."""

    photo: Pixels
    fashion: bool
    kind: str


@click.command()
@click.option(
    "--data", type=click.Path(exists=True, file_okay=False, path_type=Path), required=True,
    help="Folder with street/, garments/ and negatives/. 사진 폴더.",
)  # fmt: skip
@click.option("--split", type=click.Choice(["validation", "test"]), default="test",
              show_default=True, help="Which held-out photos. 평가에 쓸 사진.")  # fmt: skip
@click.option("--student", type=click.Path(exists=True, dir_okay=False, path_type=Path),
              help="A training's student.safetensors: adds its teacher's figures. "
                   "교사 모델의 지표도 함께 냅니다.")  # fmt: skip
@click.option("--against", type=click.Path(exists=True, file_okay=False, path_type=Path),
              help="Other weights, as a training's float/: how far the two differ. "
                   "다른 가중치와 비교합니다.")  # fmt: skip
def evaluate_classifier(data: Path, split: str, student: Path | None, against: Path | None) -> None:
    """Measure the fashion classifier on held-out photos. 패션 분류기 평가.

    Prints the figures of all photos, of each kind, of the same photos as feeds change them, and
    of negatives that no photo folder holds: faces, ground, pages.
    """
    from services.classification.dataset import list_samples

    samples = [sample for sample in list_samples(data) if sample.split == split]
    if not samples:
        raise UsageError(
            f"{data}: no photo in the {split} split; name the whole data folder",
            text_ko=f"{data}: {split} 사진이 없습니다. 전체 데이터 폴더를 지정하세요",
        )
    classifier = open_classifier(read(ClassificationSettings))
    classifier.load()
    photos = [Labelled(_read(item.path), item.fashion, item.label) for item in samples]
    if against:
        other = open_classifier(ClassificationSettings(engine="onnx", weights=against))
        for line in report_against(classifier, other, photos):
            click.echo(line)
    for part in (report, report_changed):
        for line in part(classifier, photos):
            click.echo(line)
    for line in report_made(classifier, data, samples):
        click.echo(line)
    if student:
        click.echo(_teacher_line(student, photos))


def report(classifier: Classifier, photos: Sequence[Labelled]) -> Iterator[str]:
    """Yield the figures of all photos, without the people, of each kind, and the speed."""
    started = time.process_time()
    judged = judge(classifier, photos)
    seconds = time.process_time() - started
    kinds = np.array([photo.kind for photo in photos])
    plain = kinds != "people"
    yield _figures("all", judged, classifier.threshold)
    yield _figures(
        "without people", Judged(judged.fashion[plain], judged.labels[plain]), classifier.threshold
    )
    right = (judged.fashion >= classifier.threshold) == judged.labels
    for kind in sorted(set(kinds), key=lambda name: (name[0].isupper(), name)):
        inside = kinds == kind
        yield f"  {kind}: {right[inside].sum()} of {inside.sum()} right"
    yield f"speed: {len(photos) / seconds:.0f} photos a second of processor time, resize included"


def report_changed(classifier: Classifier, photos: Sequence[Labelled]) -> Iterator[str]:
    """Yield the figures where every photo came through a feed: compressed, cropped, framed."""
    for name, change in CHANGES.items():
        yield _figures(name, _judge_changed(classifier, photos, change), classifier.threshold)


def report_made(classifier: Classifier, data: Path, samples: Sequence[Sample]) -> Iterator[str]:
    """Yield how many faces and grounds of the street photos, and drawn pages, are stopped."""
    from services.classification.pages import draw_page
    from services.classification.patches import Patch, bare_patches

    streets = [sample.path for sample in samples if sample.group == "street"]
    patches: list[Patch] = list(bare_patches(data, streets))
    random = np.random.default_rng(4)
    made = {
        "faces": [patch.photo for patch in patches if patch.kind == "face"],
        "ground": [patch.photo for patch in patches if patch.kind == "ground"],
        "pages": [draw_page(320, random) for _ in range(200)],
    }
    for name, photos in made.items():
        verdicts = classifier.predict(photos)
        stopped = sum(verdict.fashion < classifier.threshold for verdict in verdicts)
        yield f"  {name}: {stopped} of {len(photos)} stopped"


def report_against(
    classifier: Classifier, other: Classifier, photos: Sequence[Labelled]
) -> Iterator[str]:
    """Yield the figures of two classifiers on the same photos, and how far they differ."""
    labels = np.array([photo.fashion for photo in photos])
    pairs = [(classifier.predict([p.photo])[0], other.predict([p.photo])[0]) for p in photos]
    mine, theirs = (np.array([pair[i].fashion for pair in pairs], np.float32) for i in (0, 1))
    yield _figures("this", Judged(mine, labels), classifier.threshold)
    yield _figures("that", Judged(theirs, labels), other.threshold)
    kept, theirs_kept = mine >= classifier.threshold, theirs >= other.threshold
    cosines = np.array([np.dot(one.embedding, two.embedding) for one, two in pairs])
    yield (
        f"  otherwise judged: {(kept != theirs_kept).sum()} of {len(photos)} photos; probability "
        f"{np.abs(mine - theirs).mean():.4f} apart, {np.abs(mine - theirs).max():.3f} at most; "
        f"cosine of the embeddings {cosines.mean():.4f}, {cosines.min():.4f} at least"
    )


def judge(classifier: Classifier, photos: Sequence[Labelled]) -> Judged:
    """Return the classifier's probabilities of the labelled photos."""
    return _judge_changed(classifier, photos, lambda photo: photo)


def _judge_changed(
    classifier: Classifier, photos: Sequence[Labelled], change: Callable[[Pixels], Pixels]
) -> Judged:
    verdicts = [classifier.predict([change(item.photo)])[0] for item in photos]
    return Judged(
        np.array([verdict.fashion for verdict in verdicts], np.float32),
        np.array([item.fashion for item in photos]),
    )


def _figures(name: str, judged: Judged, threshold: float) -> str:
    figures = summary(judged.fashion, judged.labels, threshold=threshold)
    counts = confusion(judged.fashion, judged.labels, threshold=threshold)
    low, high = balanced_accuracy_interval(judged.fashion, judged.labels, threshold=threshold)
    return (
        f"{name}: PR-AUC {figures['pr_auc']:.4f}, ROC-AUC {figures['roc_auc']:.4f}, "
        f"balanced accuracy {counts.balanced_accuracy:.4f} ({low:.3f} to {high:.3f}) "
        f"at {threshold:.2f}, ECE {figures['ece']:.4f}; fashion kept {counts.kept_fashion} lost "
        f"{counts.lost_fashion}, others stopped {counts.stopped_others} "
        f"passed {counts.passed_others}"
    )


def _read(path: Path) -> Pixels:
    from shared.imaging import decode

    return decode(path.read_bytes(), name=str(path)).pixels


def _teacher_line(student: Path, photos: Sequence[Labelled]) -> str:
    """Return the figures of the teacher's probe at one half, on the same prepared photos."""
    import torch

    from services.classification.metadata import read_metadata
    from services.classification.model import prepare
    from services.classification.net import load_teacher

    teacher = load_teacher(student)
    side = read_metadata(read(ClassificationSettings).weights).side
    chances = []
    for item in photos:
        with torch.no_grad():
            pixels = torch.from_numpy(prepare([item.photo], side=side))
            chances.append(float(teacher(pixels).sigmoid()))
    labels = np.array([item.fashion for item in photos])
    return _figures("teacher", Judged(np.array(chances, np.float32), labels), 0.5)
