"""What the second stage is shown of a candidate: a square around it, its mask, where it sits."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Mask = NDArray[np.bool_]
Floats = NDArray[np.float32]

SIDE: Final = 160
"""Side of the square, in pixels."""
LONG_SIDE: Final = 512
"""Photos are first made this small; masks are compared at this size too."""
MARGIN: Final = 0.15
"""Of the box's longer side, around it: what a garment lies on tells what it is."""
OUTSIDE: Final = (124, 116, 104)
"""ImageNet's mean colour, where the square leaves the photo."""
HEIGHTS: Final = (0.01, 0.10, 0.25, 0.50, 0.75, 0.90, 0.99)
WIDTHS: Final = (0.02, 0.50, 0.98)
BANDS: Final = 10
OTHER_PERSON: Final = 0.22
"""Garments further apart sideways, in heights of the tallest, are two people's."""
PLACE_SIZE: Final = len(HEIGHTS) + len(WIDTHS) + 4 + BANDS


@dataclass(frozen=True)
class Framing:
    """How the square is laid; training varies it."""

    margin: float = MARGIN
    rotation: float = 0.0
    """Radians."""
    shift: tuple[float, float] = (0.0, 0.0)
    """Right and down, of the square's side."""
    mirrored: bool = False


def shrink(image: Image.Image) -> Image.Image:
    """Return an RGB image whose long side is at most ``LONG_SIDE``."""
    scale = min(1.0, LONG_SIDE / max(image.size))
    size = max(1, round(image.width * scale)), max(1, round(image.height * scale))
    return image if size == image.size else image.resize(size, Image.Resampling.BILINEAR)


def cut_out(
    image: Image.Image, mask: Mask, framing: Framing = Framing()
) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Return the square (SIDE, SIDE, 3) and its mask (SIDE, SIDE), 0 to 255.

    ``mask`` is (height, width) of ``image`` and has at least one pixel.
    """
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    box = columns[0], rows[0], columns[-1] + 1, rows[-1] + 1
    side = max(box[2] - box[0], box[3] - box[1]) * (1 + 2 * framing.margin)
    centre = (
        (box[0] + box[2]) / 2 + framing.shift[0] * side,
        (box[1] + box[3]) / 2 + framing.shift[1] * side,
    )
    matrix = _output_to_input(centre, side / SIDE, framing)
    size, transform, bilinear = (SIDE, SIDE), Image.Transform.AFFINE, Image.Resampling.BILINEAR
    square = image.transform(size, transform, matrix, bilinear, fillcolor=OUTSIDE)
    inside = Image.fromarray(mask.astype(np.uint8) * 255)
    return np.asarray(square), np.asarray(inside.transform(size, transform, matrix, bilinear))


def _output_to_input(
    centre: tuple[float, float], scale: float, framing: Framing
) -> tuple[float, float, float, float, float, float]:
    """Return Pillow's affine coefficients: from a pixel of the square to one of the photo."""
    cosine, sine = np.cos(framing.rotation) * scale, np.sin(framing.rotation) * scale
    across = -1.0 if framing.mirrored else 1.0
    half = SIDE / 2
    return (
        cosine * across, -sine, centre[0] - (cosine * across - sine) * half,
        sine * across, cosine, centre[1] - (sine * across + cosine) * half,
    )  # fmt: skip


class Wearers:
    """Who wears what in a photo: garments whose middles are near each other sideways."""

    def __init__(self, worn: Sequence[Mask]) -> None:
        self._worn = worn
        self._middles = [_middle(mask) for mask in worn]
        rows = np.flatnonzero(np.logical_or.reduce(worn).any(axis=1)) if worn else np.zeros(1)
        self._reach = OTHER_PERSON * float(rows[-1] - rows[0] + 1)

    def of(self, mask: Mask) -> Mask:
        """Return all that the wearer of ``mask`` has on, it included."""
        middle = _middle(mask)
        near = (
            other
            for other, its in zip(self._worn, self._middles, strict=True)
            if abs(its - middle) <= self._reach
        )
        return np.logical_or.reduce([mask, *near])


def _middle(mask: Mask) -> float:
    return float(_quantiles(mask.sum(axis=0), (0.5,))[0])


def place_on_person(mask: Mask, person: Mask) -> Floats:
    """Measure where on its wearer a garment sits: (PLACE_SIZE,) in heights of the person.

    ``person``: all that is worn, (height, width) like ``mask``. In this order: the quantiles
    ``HEIGHTS`` of the garment's rows below the person's top; the quantiles ``WIDTHS`` of its
    columns right of the person's middle; its area in person heights squared, as a share of the
    person and of its own box; the person's share of the photo's height; the garment's greatest
    width in each tenth of the person.
    """
    top, bottom = _quantiles(person.sum(axis=1), (0.005, 0.995))
    middle = _quantiles(person.sum(axis=0), (0.5,))[0]
    height = max(8.0, float(bottom - top + 1))
    widths = mask.sum(axis=1).astype(np.float32)
    rows, columns = _quantiles(widths, HEIGHTS), _quantiles(mask.sum(axis=0), WIDTHS)
    area = float(mask.sum())
    box = (rows[-1] - rows[0] + 1) * (columns[-1] - columns[0] + 1)
    return np.concatenate(
        [
            (rows - top) / height,
            (columns - middle) / height,
            [area / height**2, area / person.sum(), area / max(1.0, box), height / len(mask)],
            _greatest_by_band(widths, top, height) / height,
        ]
    ).astype(np.float32)


def mirrored_place(place: Floats) -> Floats:
    """Return what ``place_on_person`` measures on the photo seen in a mirror."""
    turned = place.copy()
    columns = slice(len(HEIGHTS), len(HEIGHTS) + len(WIDTHS))
    turned[columns] = -place[columns][::-1]
    return turned


def _quantiles(counts: NDArray[np.generic], shares: tuple[float, ...]) -> Floats:
    summed = np.cumsum(counts, dtype=np.float64)
    return np.searchsorted(summed / summed[-1], shares).astype(np.float32)


def _greatest_by_band(widths: Floats, top: float, height: float) -> Floats:
    edges = np.clip((top + height * np.arange(BANDS + 1) / BANDS).astype(int), 0, len(widths))
    greatest = [
        widths[start : max(stop, start + 1)].max() if start < len(widths) else 0.0
        for start, stop in itertools.pairwise(edges)
    ]
    return np.array(greatest, np.float32)
