"""From what both stages say of the candidates to garments: pure, on arrays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from shared.contracts.vocabulary import CATEGORIES, FAMILIES, FAMILY_OF

Floats = NDArray[np.float32]

FAMILY_NAMES: Final = tuple(FAMILIES)
FAMILY_INDEX: Final = np.array([FAMILY_NAMES.index(FAMILY_OF[name]) for name in CATEGORIES])
"""Each category's index in the six families, (13,)."""


@dataclass(frozen=True)
class Weighting:
    """How much each stage's word counts; the shipped values were chosen on the val split."""

    detector_class: float = 1.0
    """Exponent of the detector's score for a family, against the second stage's."""
    detector_score: float = 1.0
    """Exponent of the detector's greatest score: is there a garment at all."""
    mask_quality: float = 0.5
    """Exponent of the mask's expected IoU."""


def rescore(
    probabilities: Floats,
    ious: Floats,
    detected: Floats,
    families: Sequence[int],
    weighting: Weighting,
) -> tuple[NDArray[np.intp], Floats]:
    """Return each candidate's likeliest category and its score by family, (n, families) each.

    ``probabilities``: (n, 13); ``ious``: (n,); ``detected``: (n, 13), the detector's scores;
    ``families``: those that are possible. A score is the weighted geometric mean of p, s and q:
    p the probability of the family, both stages taken together; s the detector's greatest score;
    q the expected IoU.
    """
    members = [np.flatnonzero(family == FAMILY_INDEX) for family in families]
    chosen = np.stack([m[probabilities[:, m].argmax(axis=1)] for m in members], axis=1)
    own = np.stack([probabilities[:, m].sum(axis=1) for m in members], axis=1)
    theirs = np.stack([detected[:, m].max(axis=1) for m in members], axis=1)
    shared = own * np.maximum(theirs, 0.01) ** weighting.detector_class
    shared /= np.maximum(shared.sum(axis=1, keepdims=True), 1e-9)
    seen = detected.max(axis=1) ** weighting.detector_score * ious**weighting.mask_quality
    total = 1 + weighting.detector_score + weighting.mask_quality
    return chosen, np.asarray((shared * seen[:, None]) ** (1 / total), np.float32)
