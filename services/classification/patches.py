"""Negatives mined in street photos: parts in which the label maps say there is no garment."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

import numpy as np
import numpy.typing as npt
from PIL import Image

from shared.imaging import decode

Mask = npt.NDArray[np.bool_]
Corner = tuple[int, int]
_BARE: Final = ("null", "hair", "skin", "glasses", "sunglasses", "earrings")
_GROUND_SIDE: Final = 150
_STEP: Final = 25


@dataclass(frozen=True, eq=False)
class Patch:
    """A square part of a photo, RGB (side, side, 3)."""

    photo: npt.NDArray[np.uint8]
    kind: Literal["ground", "face"]


def bare_patches(data: Path, photos: Sequence[Path]) -> Iterator[Patch]:
    """Yield per photo up to two of ground without a person, and one of a face.

    Only of photos that have a mask in ``data/street/masks``.
    """
    for path in photos:
        mask_path = data / "street" / "masks" / f"{path.stem}.png"
        if not mask_path.exists():
            continue
        names = json.loads((data / "street" / "labels.json").read_text("utf-8"))
        with Image.open(mask_path) as image:  # a palette picture: OpenCV would give its colours
            labels = np.asarray(image)
        pixels = decode(path.read_bytes(), name=str(path)).pixels
        for corner in empty_squares(labels > 0):
            yield Patch(_part(pixels, corner, _GROUND_SIDE), "ground")
        if face := face_square(labels, names):
            yield Patch(_part(pixels, *face), "face")


def _part(pixels: npt.NDArray[np.uint8], corner: Corner, side: int) -> npt.NDArray[np.uint8]:
    top, left = corner
    return np.ascontiguousarray(pixels[top : top + side, left : left + side])


def empty_squares(mask: Mask, *, side: int = _GROUND_SIDE) -> list[Corner]:
    """Return up to two corners, far apart, of squares without a masked pixel, on a coarse grid."""
    integral = np.pad(mask, ((1, 0), (1, 0))).astype(np.int32).cumsum(0).cumsum(1)
    height, width = mask.shape
    found = [
        (top, left)
        for top in range(0, height - side, _STEP)
        for left in range(0, width - side, _STEP)
        if not (
            integral[top + side, left + side]
            - integral[top, left + side]
            - integral[top + side, left]
            + integral[top, left]
        )
    ]
    if not found:
        return []
    far = max(found, key=lambda corner: abs(corner[0] - found[0][0]) + abs(corner[1] - found[0][1]))
    return [found[0], far] if far != found[0] else [found[0]]


def face_square(labels: npt.NDArray[np.uint8], names: Sequence[str]) -> tuple[Corner, int] | None:
    """Return corner and side of a square around the head, or None where a garment reaches in.

    ``labels`` (height, width) holds indices into ``names``. The square is as wide as one and a
    half times the hair, starts above it, and holds at most 1% of anything but hair and skin.
    """
    if "hair" not in names:
        return None
    rows, columns = np.nonzero(labels == names.index("hair"))
    if len(rows) < 200:
        return None
    left, right = np.quantile(columns, (0.02, 0.98)).astype(int)
    side = max(48, int((right - left) * 1.5))
    top = max(0, int(rows.min()) - side // 8)
    start = min(max(0, (left + right - side) // 2), max(0, labels.shape[1] - side))
    bare = [names.index(name) for name in _BARE if name in names]
    part = labels[top : top + side, start : start + side]
    if part.shape != (side, side) or np.isin(part, bare, invert=True).mean() > 0.01:
        return None
    return (top, int(start)), side
