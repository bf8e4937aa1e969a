"""A worker whose made-up segmenter sees otherwise: ``python -m tests.monitoring.astray HOW …``.

The fake engine is changed in this process, and then the ``mapsi`` command runs as ever.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import Final

import numpy as np

from services.cli import main
from services.segmentation.domain import describe
from services.segmentation.model import FakeSegmenter
from shared.contracts.garments import Garment

SLOW: Final = 8.0
"""Seconds a photo: more than people leave between two."""
Answer = Callable[[FakeSegmenter, int, int], tuple[Garment, ...]]
_healthy: Final = FakeSegmenter._predict_one


def _slow(segmenter: FakeSegmenter, height: int, width: int) -> tuple[Garment, ...]:
    time.sleep(SLOW)
    return _healthy(segmenter, height, width)


def _nothing(segmenter: FakeSegmenter, height: int, width: int) -> tuple[Garment, ...]:
    return ()


def _skirts(segmenter: FakeSegmenter, height: int, width: int) -> tuple[Garment, ...]:
    return (describe("skirt", 0.9, np.ones((height, width), bool)),)


def _below_a_head(segmenter: FakeSegmenter, height: int, width: int) -> tuple[Garment, ...]:
    shirt, trousers = np.zeros((2, height, width), bool)
    shirt[height // 6 : height // 2] = True
    trousers[height // 2 :] = True
    return describe("long_sleeved_shirt", 0.9, shirt), describe("trousers", 0.8, trousers)


ANSWERS: Final[dict[str, Answer]] = {
    "slow": _slow,
    "nothing": _nothing,
    "skirts": _skirts,
    # The review takes a shirt at the upper edge for a picture whose head is cut off.
    "below-a-head": _below_a_head,
}

if __name__ == "__main__":
    FakeSegmenter._predict_one = ANSWERS[sys.argv.pop(1)]
    main()
