"""The face in its own coordinates: where cheeks, forehead, eyes and hair are. Pure but for PIL.

x runs from the middle between the eyes (0) in eye distances, y from the eyes (0) to the mouth (1).
A map is an upright picture of the face in these coordinates, so that regions are fixed ellipses
whatever the face's size, tilt and place.
"""

from __future__ import annotations

from functools import cache
from typing import Final

import numpy as np
import numpy.typing as npt
from PIL import Image

from shared.faces import Face
from shared.imaging import Pixels

Mask = npt.NDArray[np.bool_]

CHEEKS: Final = ("left_cheek", "right_cheek")
SKIN: Final = (*CHEEKS, "forehead")
_UNIT: Final = 80
"""Pixels of a map an eye distance."""
_TALL: Final = 88
"""Pixels of a map from the eyes to the mouth: 1.1 eye distances in most faces."""
_REACH: Final = 1.1
_TOP, _BOTTOM = -1.6, 0.9
_ELLIPSES: Final = {
    # Above the beard, below the shadow of the eye, outside of the nose.
    "left_cheek": (-0.6, 0.52, 0.22, 0.20),
    "right_cheek": (0.6, 0.52, 0.22, 0.20),
    "forehead": (0.0, -0.55, 0.42, 0.17),
    "left_eye": (-0.5, 0.0, 0.24, 0.13),
    "right_eye": (0.5, 0.0, 0.24, 0.13),
}


def eye_distance(face: Face) -> float:
    """Return the pixels between the eyes."""
    return float(np.hypot(*_across(face)))


def draw_map(pixels: Pixels, face: Face) -> Pixels:
    """Return the map of ``face``, uint8 RGB of the shape of every region's mask."""
    shrink = max(1, int(eye_distance(face) / _UNIT))
    image = Image.fromarray(pixels)
    if shrink > 1:
        image = image.reduce(shrink)
    to_photo, origin = _placement(face)
    offset = origin - to_photo @ np.array([_UNIT * _REACH, -_TALL * _TOP])
    (xx, xy), (yx, yy) = to_photo / shrink
    x0, y0 = offset / shrink
    height, width = _shape()
    drawn = image.transform(
        (width, height),
        Image.Transform.AFFINE,
        (xx, xy, x0, yx, yy, y0),
        Image.Resampling.BILINEAR,
    )
    return np.asarray(drawn)


def turned(face: Face) -> float:
    """Return how far the nose lies from the middle between the eyes, in eye distances."""
    (left_x, left_y), (right_x, right_y) = face.eyes
    across = _across(face)
    nose = np.array(face.nose) - np.array([(left_x + right_x) / 2, (left_y + right_y) / 2])
    return float(abs(nose @ across) / (across @ across))


def steepness(face: Face) -> float:
    """Return the way from the eyes to the mouth in eye distances; from the front about 1.1."""
    to_photo, _ = _placement(face)
    return float(np.hypot(*to_photo[:, 1]) * _TALL / eye_distance(face))


def tilt(face: Face) -> float:
    """Return the degrees by which the eyes' line leaves the horizontal, 0 to 180."""
    x, y = _across(face)
    return float(abs(np.degrees(np.arctan2(y, x))))


@cache
def region(name: str) -> Mask:
    """Return where in a map a region lies: of ``SKIN``, ``left_eye`` or ``right_eye``."""
    x, y = _grid()
    middle_x, middle_y, reach_x, reach_y = _ELLIPSES[name]
    found: Mask = ((x - middle_x) / reach_x) ** 2 + ((y - middle_y) / reach_y) ** 2 < 1
    return found


@cache
def hair_band() -> Mask:
    """Return where in a map hair is seen, or a hat, or a bald head."""
    x, y = _grid()
    band: Mask = (y < -0.85) & (y > -1.5) & (np.abs(x) < 0.9)
    return band


def _across(face: Face) -> npt.NDArray[np.float64]:
    (left_x, left_y), (right_x, right_y) = face.eyes
    return np.array([right_x - left_x, right_y - left_y])


def _placement(face: Face) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Return the matrix from a map's pixels to the photo's, and the middle between the eyes."""
    across = _across(face)
    down = np.array([-across[1], across[0]]) / np.hypot(*across)
    origin = np.array(face.eyes).mean(axis=0)
    length = float((np.array(face.mouth).mean(axis=0) - origin) @ down)
    return np.stack([across / _UNIT, down * length / _TALL], axis=1), origin


def _shape() -> tuple[int, int]:
    return round((_BOTTOM - _TOP) * _TALL), round(2 * _REACH * _UNIT)


@cache
def _grid() -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    height, width = _shape()
    rows, columns = np.mgrid[0:height, 0:width]
    return columns / _UNIT - _REACH, rows / _TALL + _TOP
