"""What the fashion classifier's numbers mean: pure functions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

EMBEDDING_SIZE: Final = 512

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Verdict:
    """What is seen in one photo.

    ``fashion``: probability 0 to 1 that it shows garments, worn or laid out. ``embedding``:
    (512,) float32 of length 1; the dot product of two is how alike the photos are.
    """

    fashion: float
    embedding: Floats


def probability(logits: Floats, *, temperature: float) -> Floats:
    """Return the calibrated probabilities (batch,) of raw ``logits`` (batch,)."""
    return np.asarray(1 / (1 + np.exp(-np.clip(logits / temperature, -60, 60))), np.float32)


def best_threshold(fashion: Floats, labels: npt.NDArray[np.bool_], *, miss_cost: float) -> float:
    """Return the threshold in 0.02…0.98 of the least cost, the middle one where several tie.

    Cost: ``miss_cost`` times the share of fashion that is lost, plus the share of the others
    that get through.
    """
    grid = np.linspace(0.02, 0.98, 97)
    lost = np.array([(fashion[labels] < cut).mean() for cut in grid])
    passed = np.array([(fashion[~labels] >= cut).mean() for cut in grid])
    cost = miss_cost * lost + passed
    ties = grid[cost <= cost.min() + 1e-9]
    return round(float(ties[len(ties) // 2]), 2)
