"""Drawings to ask for, and somebody who watches."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from services.generation.backends import Drawing
from shared.imaging import Pixels

PROMPT = "a woman wearing a (white jacket:1.2), black shirt and navy trousers"


class CancelledError(Exception):
    """Somebody called it off."""


class Watching:
    """Counts steps; calls it off once ``stop`` says so."""

    def __init__(self) -> None:
        self.told: list[tuple[int, int]] = []
        self.stop: Callable[[], bool] = lambda: False

    def step(self, number: int, steps: int, preview: Callable[[], Pixels] | None) -> None:
        self.told.append((number, steps))
        if self.stop():
            raise CancelledError


@pytest.fixture
def watch() -> Watching:
    return Watching()


def drawing(prompt: str = PROMPT, **more: Any) -> Drawing:
    """Return a drawing of 512 x 768."""
    said = {"negative": "hat", "seed": 5, "width": 512, "height": 768, "preset": "quality"}
    return Drawing(prompt=prompt, **(said | more))


def edit(start: Pixels, prompt: str, **more: Any) -> Drawing:
    """Return a drawing that changes the left half of ``start`` alone."""
    mask = np.zeros(start.shape[:2], np.float32)
    mask[:, : start.shape[1] // 2] = 1
    return drawing(prompt, start=start, mask=mask, **more)


def at(pixels: Pixels, across: float, down: float) -> tuple[int, int, int]:
    """Return the colour at a place, told in shares of width and height."""
    height, width = pixels.shape[:2]
    red, green, blue = pixels[int(down * height), int(across * width)]
    return int(red), int(green), int(blue)
