"""A garment cut out of its photo, in the size that the network reads.

Pure: numpy and Pillow. Training and serving both come through here.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from PIL import Image

Photo = npt.NDArray[np.uint8]
Mask = npt.NDArray[np.bool_]
Cover = npt.NDArray[np.float32]

LEAST_PIXELS: Final = 1_500
"""Mask pixels from which a pattern can be told; nothing smaller was ever labelled."""
CELL: Final = 32
"""The network's coarsest stride: sides are multiples of it."""
_AREA: Final = 224 * 224
"""Pixels of the input whatever the garment's shape: trousers need no empty square around them."""
_SHORTEST, _LONGEST = 3 * CELL, 16 * CELL


@dataclass(frozen=True, eq=False)
class Cutout:
    """``pixels`` (height, width, 3) uint8 RGB, ``cover`` (height, width): part that is garment."""

    pixels: Photo
    cover: Cover


def cut_out(photo: Photo, mask: Mask) -> Cutout | None:
    """Return the garment under ``mask`` (height, width), its surroundings in its mean colour.

    None where the mask has fewer than ``LEAST_PIXELS`` pixels.
    """
    if np.count_nonzero(mask) < LEAST_PIXELS:
        return None
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    window = np.s_[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    crop, inside = photo[window], mask[window]
    cloth = crop[inside]
    # The mean, so that the garment's outline is no edge of its own; some pixels tell it.
    mean = cloth[:: 1 + len(cloth) // 20_000].mean(axis=0)
    filled = np.where(inside[..., None], crop, mean.astype(np.uint8))
    box = input_size(*inside.shape)[::-1]
    pixels = Image.fromarray(filled).resize(box, Image.Resampling.BICUBIC, reducing_gap=2.0)
    share = Image.fromarray(inside.astype(np.uint8) * 255).resize(box, Image.Resampling.BOX)
    return Cutout(np.asarray(pixels), np.asarray(share, np.float32) / 255)


def input_size(height: int, width: int) -> tuple[int, int]:
    """Return the input's height and width for a garment of this size, about the same shape."""
    scale = math.sqrt(_AREA / (height * width))
    sides = (round(side * scale / CELL) * CELL for side in (height, width))
    tall, wide = (min(max(side, _SHORTEST), _LONGEST) for side in sides)
    return tall, wide
