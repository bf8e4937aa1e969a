"""Cleans masks where they are small, before they are enlarged: specks are not garments."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

PART: Final = 0.08
"""Parts smaller than this share of the largest one are dropped."""
HOLE: Final = 0.02
"""Holes smaller than this share of the mask are filled."""


def clean(logits: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return (height, width) logits whose positive area has no specks and no small holes.

    Large parts stay: an arm or an open coat divides many a garment.
    """
    inside = logits > 0
    parts, sizes = _parts(inside)
    specks = (sizes < PART * sizes.max())[parts] & inside
    holes, sizes = _parts(~inside)
    at_border = np.unique(np.concatenate([holes[0], holes[-1], holes[:, 0], holes[:, -1]]))
    small = sizes < HOLE * inside.sum()
    small[at_border] = False
    filled = small[holes] & ~inside
    return np.where(specks | filled, -np.sign(logits), logits).astype(np.float32)


def _parts(mask: NDArray[np.bool_]) -> tuple[NDArray[np.int32], NDArray[np.intp]]:
    """Label the connected parts from 1; return the labels and each part's size, 0 for none."""
    parts, _ = ndimage.label(mask)
    sizes = np.bincount(parts.ravel())
    sizes[0] = 0
    return parts, sizes
