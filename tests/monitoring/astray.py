"""A worker whose made-up segmenter went astray: ``python -m tests.monitoring.astray HOW worker …``.

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


ANSWERS: Final[dict[str, Answer]] = {"slow": _slow, "nothing": _nothing, "skirts": _skirts}

if __name__ == "__main__":
    FakeSegmenter._predict_one = ANSWERS[sys.argv.pop(1)]
    main()
