"""The light of a photo: how bright, how even, how coloured, and what of it can be undone. Pure.

Colours of light are pairs of log2 ratios (red : green, blue : green), and are split in *warm*
(from blue to orange: daylight and lamps differ so) and *magenta* (from green to magenta: neon
tubes, leaves, and mistakes of the camera).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from shared.faces import Box
from shared.imaging import Pixels, resize_to
from shared.lab import LINEAR, LUMINANCE, Floats, linear_to_lab

_SIDE: Final = 240
"""The longer side at which the surroundings are looked at."""
_POWER: Final = 6
"""Of shades of gray (Finlayson and Trezzi, CIC 12, 2004): between mean and brightest."""
_CLIPPED: Final = 0.97
_BLACK: Final = 0.004
_FEW: Final = 400
"""Surroundings of fewer pixels tell nothing of the light."""
_GRAY: Final = 6.0
"""CIELAB chroma by which lips, skin and hair differ at least in a colour photo."""
_AXES: Final = np.array([[1.0, -1.0], [1.0, 1.0]]) / np.sqrt(2)
_USUAL: Final = np.array([0.05, 0.0])
"""Rooms and gardens are a little warm under white light: wood, skin and earth are."""
_CAMERA: Final = np.array([0.25, 0.08])
"""How far cameras' white balance is usually off (standard deviation), warm and magenta."""
_SCENE: Final = np.array([0.10, 0.08])
"""How far the surroundings' own colours lead the estimate astray."""


@dataclass(frozen=True)
class Cast:
    """The colour of a photo's light, in log2 units on both axes."""

    warm: float
    """Above 0: orange; below: blue."""
    magenta: float
    """Above 0: magenta; below: green."""
    gains: Floats
    """By what red, green and blue in linear light are multiplied to take it out, (3,)."""
    noise: float
    """Standard deviation of what is left on the magenta axis."""


def read_cast(pixels: Pixels, box: Box) -> Cast:
    """Return the cast told by what surrounds the face.

    The estimate is taken out only as far as it is more likely the light's than the scene's own
    colour (the posterior mean of two normal distributions): most of warm, half of magenta.
    """
    around = _surroundings(pixels, box)
    trust = _CAMERA**2 / (_CAMERA**2 + _SCENE**2)
    if len(around) < _FEW:
        seen, trust = np.zeros(2), np.zeros(2)
    else:
        strong = (around**_POWER).mean(axis=0)
        seen = _AXES @ (np.log2(strong[[0, 2]] / strong[1]) / _POWER) - _USUAL
    red, blue = _AXES.T @ (seen * trust)
    return Cast(
        warm=float(seen[0]),
        magenta=float(seen[1]),
        gains=2.0 ** -np.array([red, 0.0, blue]),
        noise=float(_CAMERA[1] * np.sqrt(1 - trust[1])),
    )


def brightness(pixels: Pixels) -> float:
    """Return the luminance, 0 to 1, that only the brightest 2 % of a photo exceed."""
    light = LINEAR[resize_to(pixels, max_side=_SIDE)] @ LUMINANCE
    return float(np.percentile(light, 98))


def is_gray(drawn: Pixels) -> bool:
    """Tell whether a face, (height, width, 3) with its hair, has no colours of its own."""
    lab = linear_to_lab(LINEAR[drawn]).reshape(-1, 3)
    ab = lab[:, 1:] - np.median(lab[:, 1:], axis=0)
    return bool(np.percentile(np.hypot(*ab.T), 98) < _GRAY)


def stops_between(one: npt.NDArray[np.uint8], other: npt.NDArray[np.uint8]) -> float:
    """Return how many stops two sets of pixels (n, 3) are apart in their median luminance."""
    first, second = (float(np.median(LINEAR[part] @ LUMINANCE)) for part in (one, other))
    return abs(float(np.log2(max(first, _BLACK) / max(second, _BLACK))))


def _surroundings(pixels: Pixels, box: Box) -> Floats:
    """Return the photo without head and neck in linear light, (n, 3); nothing clipped or black."""
    small = resize_to(pixels, max_side=_SIDE)
    scale = small.shape[1] / pixels.shape[1]
    x0, y0, x1, y1 = (value * scale for value in box)
    side, tall = 0.15 * (x1 - x0), y1 - y0
    rows, columns = np.mgrid[0 : small.shape[0], 0 : small.shape[1]]
    head = (columns > x0 - side) & (columns < x1 + side)
    head &= (rows > y0 - 0.2 * tall) & (rows < y1 + 0.35 * tall)
    around: Floats = LINEAR[small[~head]]
    kept: Floats = around[(around.max(axis=1) < _CLIPPED) & (around.min(axis=1) > _BLACK)]
    return kept
