"""Cloth of the made-up shop: its thread, and stripes, checks, dots, flowers and prints on it.

All in linear light. A place on the cloth is (along, across) the thread in pixels.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from PIL import Image

Light = npt.NDArray[np.floating[Any]]
"""(height, width) or (height, width, 3)."""
Dice = np.random.Generator


def linear(code: str) -> Light:
    """Return the linear light (3,) of ``#rrggbb``."""
    encoded = np.frombuffer(bytes.fromhex(code[1:]), np.uint8) / 255
    light = np.where(encoded <= 0.04045, encoded / 12.92, ((encoded + 0.055) / 1.055) ** 2.4)
    return light.astype(np.float32)


def noise(shape: tuple[int, int], cell: tuple[float, float], dice: Dice) -> Light:
    """Return smooth noise (height, width) of about -1 to 1, with bumps of ``cell`` (high, wide)."""
    small = (max(2, round(shape[0] / cell[0]) + 2), max(2, round(shape[1] / cell[1]) + 2))
    bumps = Image.fromarray(dice.normal(0, 0.5, small).astype(np.float32))
    return np.asarray(bumps.resize(shape[::-1], Image.Resampling.BICUBIC), np.float32)


def thread(kind: str, along: Light, across: Light, dice: Dice) -> Light:
    """Return how bright the threads are, about 1: knit, twill, or plain weave."""
    grain = 1 + 0.05 * noise(along.shape, (1.5, 1.5), dice)
    if kind == "knit":
        ribs = np.sin(across * 1.15) * (0.75 + 0.25 * np.sin(along * 1.7))
        knit: Light = grain + 0.08 * ribs
        return knit
    if kind == "twill":
        worn = 1 + 0.06 * noise(along.shape, (60, 45), dice)
        twill: Light = (grain + 0.07 * np.sin((along + across) * 1.6)) * worn
        return twill
    weave: Light = grain + 0.02 * np.sin(along * 2.4) + 0.02 * np.sin(across * 2.4)
    return weave


def figured(
    pattern: str, colors: tuple[Light, Light], along: Light, across: Light, dice: Dice
) -> Light:
    """Return the colour (height, width, 3) of cloth with a pattern in two colours."""
    ground, figure = colors
    share = _FIGURES[pattern](along, across, dice)[..., None] if pattern in _FIGURES else 0.0
    return (ground * (1 - share) + figure * share).astype(np.float32)


def _stripes(along: Light, across: Light, dice: Dice) -> Light:
    width = float(dice.choice([20, 26, 34]))
    return _edge(np.mod(along, width) - width * 0.55)


def _pinstripes(along: Light, across: Light, dice: Dice) -> Light:
    return _edge(np.mod(along, 18.0) - 15.5)


def _checks(along: Light, across: Light, dice: Dice) -> Light:
    width = float(dice.choice([28, 36, 46]))
    bars = [_edge(np.mod(place, width) - width / 2) for place in (along, across)]
    fine = [_edge(2 - np.abs(np.mod(place, width) - width / 4)) for place in (along, across)]
    return np.clip(0.5 * (bars[0] + bars[1]) + 0.25 * (fine[0] + fine[1]), 0, 1)


def _dots(along: Light, across: Light, dice: Dice) -> Light:
    step, radius = float(dice.choice([22, 28, 34])), float(dice.uniform(0.2, 0.27))
    shifted = across + step / 2 * (np.floor(along / step) % 2)
    away = np.hypot(np.mod(along, step) - step / 2, np.mod(shifted, step) - step / 2)
    return _edge(radius * step - away)


def _flowers(along: Light, across: Light, dice: Dice) -> Light:
    """Flowers of five petals with leaves between, in rows that are not quite straight."""
    step = float(dice.choice([44, 54]))
    shifted = across + step * 0.5 * (np.floor(along / step) % 2)
    column, row = np.floor(shifted / step), np.floor(along / step)
    turn = np.sin(column * 12.9 + row * 78.2) * 3
    x = np.mod(shifted, step) - step / 2 + 6 * np.sin(row * 3.1 + column)
    y = np.mod(along, step) - step / 2 + 6 * np.cos(column * 2.3 + row)
    away, angle = np.hypot(x, y), np.arctan2(y, x) + turn
    petals = step * (0.26 + 0.1 * np.cos(5 * angle))
    heart = _edge(step * 0.07 - away)
    leaf = _edge(3.2 - np.abs(np.hypot(x - step * 0.42, y) - step * 0.14))
    return np.clip(_edge(petals - away) - heart + 0.45 * leaf, 0, 1)


def _edge(depth: Light) -> Light:
    """Return 1 inside, 0 outside, and a soft pixel between."""
    inside: Light = np.clip(depth / 1.5 + 0.5, 0, 1).astype(np.float32)
    return inside


_FIGURES: Final[dict[str, Callable[[Light, Light, Dice], Light]]] = {
    "striped": _stripes,
    "pinstriped": _pinstripes,
    "checked": _checks,
    "dotted": _dots,
    "floral": _flowers,
}
