"""What the fashion classifier's numbers mean: pure functions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

EMBEDDING_SIZE: Final = 512

Floats = npt.NDArray[np.float32]
Pixels = npt.NDArray[np.uint8]
_BAR_TOLERANCE: Final = 12
"""Steps of 255 by which JPEG makes a bar of one colour uneven."""
_LEAST_LEFT: Final = 0.25


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


def threshold_for(miss_cost: float) -> float:
    """Return the probability from which a photo is fashion, so that errors cost least.

    ``miss_cost``: what a share of fashion that is lost costs, against the same share of the
    others that get through. The probability is calibrated for as many of the ones as of the
    others; keeping a photo of probability p then costs 1 - p, dropping it ``miss_cost`` x p
    (Bayes' decision rule).
    """
    return round(1 / (1 + miss_cost), 2)


def without_bars(photo: Pixels) -> Pixels:
    """Return ``photo`` (height, width, 3) without bars of one colour at its edges, as a view.

    Feeds put photos onto a white or black page to fill a shape. Where less than a quarter of
    the height or width would be left, the picture is a flat page itself and stays as it is.
    """
    height, width = photo.shape[:2]
    rows = photo[:, ::8]
    top, bottom = _bar(rows), height - _bar(rows[::-1])
    columns = photo[top:bottom:8].transpose(1, 0, 2)
    left, right = _bar(columns), width - _bar(columns[::-1])
    if bottom - top < height * _LEAST_LEFT or right - left < width * _LEAST_LEFT:
        return photo
    return photo[top:bottom, left:right]


def _bar(lines: Pixels) -> int:
    """Return how many lines from the first on are of one colour."""
    if not lines.shape[1]:
        return 0
    color = lines[0, 0].astype(np.int16)
    if (np.abs(lines[0] - color) > _BAR_TOLERANCE).any():
        return 0
    differing = (np.abs(lines - color) > _BAR_TOLERANCE).any(axis=(1, 2))
    return int(differing.argmax()) if differing.any() else len(lines)
