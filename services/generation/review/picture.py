"""What a picture may have wrong as a whole: blur, a second person, a cut-off one. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from typing import Final

import numpy as np
from numpy.typing import NDArray

from shared.contracts.garments import Garment
from shared.contracts.vocabulary import FAMILY_OF

Floats = NDArray[np.float64]
Pixels = NDArray[np.uint8]
Box = tuple[float, float, float, float]
"""x0, y0, x1, y1 in pixels."""

_LONG_SIDE: Final = 768
"""Blur is measured at this size at most, so that a picture's resolution does not count."""
_WINDOW: Final = 4
"""Half the window of the blur that a picture is compared with, as its authors have it."""
_LUMA: Final = (0.299, 0.587, 0.114)
SURE_GARMENT: Final = 0.6
WHOLE: Final = ("trousers", "shorts", "skirt", "dress")
"""Families that nothing divides into two."""
BESIDE: Final = 0.25
"""Of the narrower of two garments: they overlap sideways no more where two people wear them."""
FAR_ASIDE: Final = 0.5
"""Heights of the face from its middle to the nearer edge of a garment: another one's, there."""
FACES_TALL: Final = 13.0
"""Heights of a face that a full-length picture has, about."""


def blur_of(pixels: Pixels) -> float:
    """Return how blurred (height, width, 3) RGB is: 0 sharp to 1.

    The share of neighbours' differences that another blur leaves, the blurrier of both
    directions: Crete et al., "The blur effect: perception and estimation with a new no-reference
    perceptual blur metric", SPIE 6492 (2007).
    """
    gray = _shrink(pixels.astype(np.float64) @ np.array(_LUMA))
    return max(_blur_along(gray), _blur_along(gray.T))


def _blur_along(gray: Floats) -> float:
    window = 2 * _WINDOW + 1
    sums = np.cumsum(np.pad(gray, ((_WINDOW + 1, _WINDOW), (0, 0)), mode="edge"), axis=0)
    smooth = (sums[window:] - sums[:-window]) / window
    sharp = np.abs(np.diff(gray, axis=0))
    lost = np.maximum(0, sharp - np.abs(np.diff(smooth, axis=0)))
    total = float(sharp.sum())
    # A picture of one colour has nothing that could be sharp.
    return 1 - float(lost.sum()) / total if total else 1.0


def _shrink(gray: Floats) -> Floats:
    scale = _LONG_SIDE / max(gray.shape)
    if scale >= 1:
        return gray
    down, across = (_averaging(side, max(1, round(side * scale))) for side in gray.shape)
    shrunk: Floats = down @ gray @ across.T
    return shrunk


def _averaging(pixels: int, cells: int) -> Floats:
    """Return the (cells, pixels) matrix that averages what each cell covers."""
    edges = np.arange(cells + 1) * pixels / cells
    at = np.arange(pixels)
    covered = np.minimum(edges[1:, None], at + 1) - np.maximum(edges[:-1, None], at)
    weights = np.clip(covered, 0, 1)
    averaging: Floats = weights / weights.sum(axis=1, keepdims=True)
    return averaging


def second_face(faces: Sequence[Box]) -> float:
    """Return the height of the second tallest face as a part of the tallest; 0: one or none."""
    heights = sorted((y1 - y0 for _, y0, _, y1 in faces), reverse=True)
    return heights[1] / heights[0] if len(heights) > 1 else 0.0


def second_wearer(garments: Sequence[Garment]) -> float:
    """Return how tall, as a part of the other, the lesser of two like garments side by side is.

    0 where no two sure garments of a family stand beside each other: nobody wears two skirts.
    Tops and outerwear do not count: an open coat's halves look like two.
    """
    sure = [
        garment
        for garment in garments
        if garment.score >= SURE_GARMENT and FAMILY_OF[garment.category] in WHOLE
    ]
    return max(
        (
            _parts(one.box, other.box)
            for one, other in combinations(sure, 2)
            if FAMILY_OF[one.category] == FAMILY_OF[other.category]
        ),
        default=0.0,
    )


def _parts(one: Box, other: Box) -> float:
    """Return the ratio of two boxes' heights, 0 where one does not stand beside the other."""
    narrow = min(one[2] - one[0], other[2] - other[0])
    if min(one[2], other[2]) - max(one[0], other[0]) > BESIDE * narrow:
        return 0.0
    heights = sorted((one[3] - one[1], other[3] - other[1]))
    return heights[0] / max(heights[1], 1.0)


def main_face(faces: Sequence[Box]) -> Box | None:
    """Return the tallest face: whom the picture shows."""
    return max(faces, key=lambda face: face[3] - face[1], default=None)


def aside(garment: Garment, faces: Sequence[Box]) -> float:
    """Return how far beside the main person's face a garment is: 0 below it, 1 is someone else's.

    0 without a face.
    """
    face = main_face(faces)
    if face is None:
        return 0.0
    middle, height = (face[0] + face[2]) / 2, max(1.0, face[3] - face[1])
    away = max(garment.box[0] - middle, middle - garment.box[2], 0.0)
    return min(away / height / FAR_ASIDE, 1.0)


def head_room(faces: Sequence[Box], garments: Sequence[Garment], height: int) -> float:
    """Return how much room is above the main person's brow, in heights of the face.

    Without a face (a back, a cut-off head) what is above the highest garment, less the half
    face of a neck and chin, and with a face taken to be a thirteenth of the picture.
    """
    face = main_face(faces)
    if face is not None:
        return face[1] / max(1.0, face[3] - face[1])
    highest = min((garment.box[1] for garment in garments), default=0.0)
    return highest / (height / FACES_TALL) - 1.5


def body_room(faces: Sequence[Box], height: int) -> float | None:
    """Return the heights of the face from the brow to the picture's lower edge; None: no face."""
    face = main_face(faces)
    return None if face is None else (height - face[1]) / max(1.0, face[3] - face[1])
