"""How good style probabilities are; pure numpy."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from services.style.fitting import log_loss
from shared.contracts.vocabulary import STYLES
from shared.style.attributes import Floats

BINS: Final = 10
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Figures:
    """Measured on photos that the probe never saw."""

    photos: int
    top1: float
    """Part whose most probable style is the main one of the label."""
    either: float
    """Part whose most probable style is one of the label's (one or two)."""
    macro_f1: float
    log_loss: float
    """Mean cross-entropy in nats; lower is better."""
    prior_log_loss: float
    """The same for one who always tells the training labels' mix."""
    prior_top1: float
    """``top1`` for one who always names the training labels' most frequent style."""
    ece: float
    """Expected calibration error over all styles, each probability against its label."""


def measure(chances: Floats, targets: Floats, *, prior: Floats) -> Figures:
    """Compare probabilities (n, 6) with targets (n, 6); ``prior`` (6,) is the labels' mix."""
    said, main = chances.argmax(axis=1), targets.argmax(axis=1)
    rows = np.arange(len(targets))
    return Figures(
        photos=len(targets),
        top1=float((said == main).mean()),
        either=float((targets[rows, said] > 0).mean()),
        macro_f1=macro_f1(confusion(said, main)),
        log_loss=log_loss(chances, targets),
        prior_log_loss=log_loss(np.tile(prior, (len(targets), 1)), targets),
        prior_top1=float((main == prior.argmax()).mean()),
        ece=calibration_error(chances, targets),
    )


def confusion(said: Ints, main: Ints) -> Ints:
    """Return how often what was labelled row was said to be column, (6, 6)."""
    flat = np.bincount(main * len(STYLES) + said, minlength=len(STYLES) ** 2)
    return flat.reshape(len(STYLES), len(STYLES)).astype(np.int64)


def macro_f1(table: Ints) -> float:
    """Return the mean F1 over the styles that are labelled or said at all."""
    right, total = np.diag(table), table.sum(axis=0) + table.sum(axis=1)
    known = total > 0
    return float((2 * right[known] / total[known]).mean()) if known.any() else 0.0


def calibration_error(chances: Floats, targets: Floats) -> float:
    """Return the mean distance of probability and frequency, by tenths, over all styles."""
    return sum(abs(told - seen) * part for told, seen, part in reliability(chances, targets))


def reliability(chances: Floats, targets: Floats) -> Iterator[tuple[float, float, float]]:
    """Yield by tenth of probability: its mean, how often it was so, its part of all answers."""
    told, seen = chances.ravel(), targets.ravel()
    place = np.minimum((told * BINS).astype(int), BINS - 1)
    for tenth in range(BINS):
        inside = place == tenth
        if inside.any():
            yield float(told[inside].mean()), float(seen[inside].mean()), float(inside.mean())
