"""The head's training: cross-validation, temperature, the least confidence."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.nn import functional

from services.color.pattern.features import Features
from services.color.pattern.figures import macro_f1
from services.color.pattern.model import softmax
from services.color.pattern.network import Head, joined
from shared.contracts.vocabulary import PATTERNS

Floats = npt.NDArray[np.float64]
Rows = npt.NDArray[np.bool_]
Units = list[str]

FOLDS: Final = 5
_BATCH: Final = 256
_RATE: Final = 4e-3
_DECAY: Final = 1e-2
_SMOOTHING: Final = 0.05
_MIXING: Final = 0.4
"""Beta of mixup: two garments at once, each in part."""
_DOUBT: Final = 0.5
"""Weight of a garment whose label is doubtful."""
_ABSTAIN: Final = 0.05
"""Part of the training's garments that may be left without a pattern."""


@dataclass(frozen=True)
class Fit:
    """A head, and what cross-validation on the training photos says of it."""

    head: Head
    temperature: float
    least_confidence: float
    cross_validated_f1: float
    judged: int
    """Garments that cross-validation asked about."""


def fit(
    features: Features, *, folds: Sequence[Units], epochs: int, heads: int = 2, seed: int = 0
) -> Fit:
    """Train the head on all features; temperature and confidence from the held-out ``folds``."""
    held = np.isin(features.units, [unit for fold in folds for unit in fold])
    genuine = features.genuine & held
    logits = out_of_fold(features, folds=folds, epochs=epochs, seed=seed)[genuine]
    labels = features.labels[genuine]
    temperature = best_temperature(logits, labels)
    confidence = softmax(logits / temperature).max(axis=1)
    everything = np.ones(len(features.labels), np.bool_)
    return Fit(
        head=_train(features, everything, epochs=epochs, heads=heads, seed=seed),
        temperature=temperature,
        least_confidence=float(np.quantile(confidence, _ABSTAIN)),
        cross_validated_f1=macro_f1(labels, logits.argmax(axis=1)),
        judged=len(labels),
    )


def folds_of(units: Iterable[str], *, seed: int = 0) -> list[Units]:
    """Return ``FOLDS`` parts of the units (contributors and photos), none of them empty."""
    names = sorted(set(units))
    np.random.default_rng(seed).shuffle(names)
    return [fold for number in range(FOLDS) if (fold := names[number::FOLDS])]


def out_of_fold(features: Features, *, folds: Sequence[Units], epochs: int, seed: int) -> Floats:
    """Return the logits (n, 6) of the folds' rows by heads that saw nothing of their units."""
    logits = np.zeros((len(features.labels), len(PATTERNS)))
    for fold in folds:
        held = np.isin(features.units, fold)
        head = _train(features, ~held, epochs=epochs, heads=1, seed=seed)
        with torch.no_grad():
            logits[held] = head(torch.from_numpy(features.values[held])).numpy()
    return logits


def best_temperature(logits: Floats, labels: npt.NDArray[np.int64]) -> float:
    """Return the temperature under which the labels are likeliest."""
    rows = np.arange(len(labels))
    tried = np.geomspace(0.3, 3, 60)
    surprise = [-np.log(softmax(logits / t)[rows, labels] + 1e-9).mean() for t in tried]
    return float(tried[int(np.argmin(surprise))])


def _train(features: Features, rows: Rows, *, epochs: int, heads: int, seed: int) -> Head:
    values = torch.from_numpy(features.values[rows])
    target, weight = targets(features.labels[rows], features.doubtful[rows])
    trained = []
    for number in range(heads):
        torch.manual_seed(seed + number)
        head = Head()
        genuine = values[torch.from_numpy(features.genuine[rows])]
        head.center.copy_(genuine.mean(0))
        head.scale.copy_(genuine.std(0) + 1e-6)
        _descend(head, values, target * weight[:, None], epochs=epochs)
        trained.append(head)
    return joined(trained)


def targets(
    labels: npt.NDArray[np.int64], doubtful: npt.NDArray[np.bool_]
) -> tuple[Tensor, Tensor]:
    """Return smoothed labels (n, 6) and weights (n,): rare patterns weigh more, doubt less."""
    classes = torch.from_numpy(labels)
    counts = torch.bincount(classes, minlength=len(PATTERNS)).clamp(min=1)
    weight = (len(labels) / len(PATTERNS) / counts).sqrt()[classes]
    weight = weight * torch.where(torch.from_numpy(doubtful), _DOUBT, 1.0)
    target = functional.one_hot(classes, len(PATTERNS)).float()
    return target * (1 - _SMOOTHING) + _SMOOTHING / len(PATTERNS), weight


def _descend(head: Head, values: Tensor, target: Tensor, *, epochs: int) -> None:
    optimizer = torch.optim.AdamW(head.parameters(), lr=_RATE, weight_decay=_DECAY)
    batches = -(-len(values) // _BATCH)
    rate = torch.optim.lr_scheduler.OneCycleLR(optimizer, _RATE, total_steps=epochs * batches)
    head.train()
    mixing = torch.distributions.Beta(_MIXING, _MIXING)
    for _ in range(epochs):
        for chosen in torch.randperm(len(values)).split(_BATCH):
            others = chosen[torch.randperm(len(chosen))]
            part = mixing.sample()
            mixed = part * values[chosen] + (1 - part) * values[others]
            wanted = part * target[chosen] + (1 - part) * target[others]
            loss = -(wanted * head(mixed).log_softmax(1)).sum(1).mean()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            rate.step()
    head.eval()
