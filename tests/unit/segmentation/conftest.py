"""What a detector says, made up."""

from __future__ import annotations

import numpy as np
import pytest

from services.segmentation import domain
from shared.contracts.vocabulary import CATEGORIES


@pytest.fixture
def answer() -> domain.RawAnswer:
    """Return what the detector says of a picture of 64 x 64: one coat, a square in the middle."""
    places = len(domain.place_grid(64, 64))
    prototypes = np.full((8, 8, 8), -4, np.float32)
    prototypes[0, 2:6, 2:6] = 4
    kernels = np.zeros((places, 169), np.float32)
    kernels[:, 2] = 1  # the first hidden channel sees prototype 0, after two of position,
    kernels[:, 80] = 1  # the second layer passes it on,
    kernels[:, 144] = 1  # and the last one too,
    kernels[:, -1] = -1  # against a threshold
    scores = np.zeros((places, len(CATEGORIES)), np.float32)
    scores[27, CATEGORIES.index("long_sleeved_outwear")] = 0.6
    return domain.RawAnswer(scores, np.full((places, 4), 16, np.float32), kernels, prototypes)
