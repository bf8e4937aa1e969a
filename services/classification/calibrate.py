"""From logits to odds that come true, and the threshold that holds on other photos."""

from __future__ import annotations

from typing import Final

import numpy as np
from sklearn.linear_model import LogisticRegression

from services.classification.domain import Floats, best_threshold
from services.classification.figures import Flags

_DRAWS: Final = 200


def fit_odds(logits: Floats, labels: Flags) -> tuple[float, float]:
    """Return ``(temperature, shift)``: ``(logit + shift) / temperature`` has the least log loss.

    Both classes weigh the same, whatever the mix of the photos at hand. The slight penalty keeps
    the odds finite where the photos at hand are told apart without a mistake.
    """
    model = LogisticRegression(C=1.0, class_weight="balanced").fit(logits[:, None], labels)
    slope = float(model.coef_[0, 0])
    return 1 / slope, float(model.intercept_[0]) / slope


def steady_threshold(fashion: Floats, labels: Flags, *, miss_cost: float, seed: int = 0) -> float:
    """Return the middle one of the best thresholds of 200 resamples of the photos.

    ``fashion`` (views, n) holds every photo as it is and as feeds change it. A photo is drawn
    with all its views: the best threshold of one small set is a matter of a few photos.
    """
    random = np.random.default_rng(seed)
    found = []
    for _ in range(_DRAWS):
        drawn = random.integers(0, len(labels), len(labels))
        truth = np.tile(labels[drawn], len(fashion))
        if truth.any() and not truth.all():
            found.append(best_threshold(fashion[:, drawn].ravel(), truth, miss_cost=miss_cost))
    return round(float(np.median(found)), 2)
