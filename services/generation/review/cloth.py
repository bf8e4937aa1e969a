"""How far a garment's cloth is from the asked colour and pattern. Pure."""

from __future__ import annotations

from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from shared.basic_colors import basic_of
from shared.contracts.garments import Color, Garment
from shared.contracts.generation import WornGarment
from shared.contracts.vocabulary import BASIC_COLORS
from shared.lab import ciede2000, srgb_to_lab

Floats = NDArray[np.float64]

LARGE: Final = 0.6
"""Of the largest share: such a colour may be the one that was meant, too."""
SAME_NAME: Final = 24.0
"""CIEDE2000 to an asked hex that is as far as can be, where the basic colour is the asked one."""
OTHER_NAME: Final = 16.0
"""The same, where it is another."""
OUTSIDE: Final = 5.5
"""CIEDE2000 to the nearest colour of an asked basic colour's name that is as far as can be."""
_GRID: Final = 17
"""Steps a channel of the colours that stand for a basic colour."""


def color_distance(asked: WornGarment, seen: Garment) -> float:
    """Return the CIEDE2000 from the asked colour to the nearest large colour of a garment.

    To the asked hex, or else to the nearest colour that bears the basic colour's name: 0 within
    it. 0 where no colour is asked, infinite where none was seen.
    """
    if asked.color is None and asked.hex is None:
        return 0.0
    return min((_distance(asked, color) for color in _large(seen)), default=float("inf"))


def misfit(asked: WornGarment, seen: Garment) -> float:
    """Return the colour distance in parts of how far it may be: above 1 it is another colour."""
    distance = color_distance(asked, seen)
    if asked.hex is None:
        return distance / OUTSIDE
    same = asked.color in {color.basic for color in _large(seen)}
    return distance / (SAME_NAME if same else OTHER_NAME)


def _large(seen: Garment) -> list[Color]:
    most = max((color.share for color in seen.colors), default=0.0)
    return [color for color in seen.colors if color.share >= LARGE * most]


def _distance(asked: WornGarment, color: Color) -> float:
    if asked.hex is not None:
        return float(ciede2000(_lab(asked.hex), _lab(color.hex)))
    if asked.color == color.basic:
        return 0.0
    return float(ciede2000(_named(asked.color or ""), _lab(color.hex)).min())


@cache
def _named(basic: str) -> Floats:
    """Return Lab colours, (n, 3), that bear the name of a basic colour."""
    steps = np.linspace(0, 255, _GRID).round().astype(np.uint8)
    cube = np.stack(np.meshgrid(steps, steps, steps), axis=-1).reshape(-1, 3)
    lab = srgb_to_lab(cube)
    named: Floats = lab[basic_of(lab) == BASIC_COLORS.index(basic)]
    return named


def _lab(hex_color: str) -> Floats:
    return srgb_to_lab(np.frombuffer(bytes.fromhex(hex_color[1:]), np.uint8))
