"""From a garment's mask to the soft region that is drawn anew. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from shared.lab import ciede2000, srgb_to_lab
from shared.masks import Mask

Floats = NDArray[np.float32]
Pixels = NDArray[np.uint8]
Box = tuple[float, float, float, float]
"""x0, y0, x1, y1 in pixels."""

GROWTH: Final = 0.05
"""Added around the garment, as a share of the square root of its area."""
WIDE_GROWTH: Final = 0.15
"""The same where another garment takes its place, whose outline is not known."""
FEATHER: Final = 0.4
"""The part of the growth over which the new picture fades into the old one."""
SKIN_DISTANCE: Final = 9.0
"""CIEDE2000 to the face's median colour up to which a pixel is the person's skin."""


def grown(own: Mask, keep: Mask, *, faces: Sequence[Box], wide: bool) -> Floats:
    """Return (height, width) float32, 1 on the garment and fading to 0 a little outside of it.

    It is 0 where ``keep`` or a face is, and everywhere beyond the growth.
    """
    growth = max(4.0, (WIDE_GROWTH if wide else GROWTH) * float(np.sqrt(own.sum())))
    radius = max(1, round(FEATHER * growth / 2))
    allowed = ~keep
    for x0, y0, x1, y1 in faces:
        allowed[max(0, int(y0)) : int(np.ceil(y1)), max(0, int(x0)) : int(np.ceil(x1))] = False
    region = dilate(own, round(growth)) & allowed
    soft = box_mean(box_mean(region.astype(np.float32), radius), radius)
    # The fade stays on the region's side of what is kept.
    soft = np.clip(2 * soft - 1, 0, 1) if keep.any() or faces else soft
    soft[~allowed] = 0
    return soft.astype(np.float32)


def dilate(mask: Mask, radius: int) -> Mask:
    """Grow a mask by ``radius`` pixels to all sides."""
    return np.asarray(_window_sums(mask.astype(np.float64), radius) > 0.5)


def box_mean(values: Floats, radius: int) -> Floats:
    """Return means over squares of ``2 * radius + 1`` pixels; outside counts as 0."""
    side = 2 * radius + 1
    return (_window_sums(values.astype(np.float64), radius) / side**2).astype(np.float32)


def skin_of(pixels: Pixels, faces: Sequence[Box]) -> Mask:
    """Return where the colour is that of the first face: hands, neck, legs; empty without one."""
    if not faces:
        return np.zeros(pixels.shape[:2], bool)
    x0, y0, x1, y1 = faces[0]
    # The middle of a face: no hair, no ground behind it.
    rows = slice(max(0, int(y0 + 0.3 * (y1 - y0))), max(1, int(y0 + 0.75 * (y1 - y0))))
    columns = slice(max(0, int(x0 + 0.25 * (x1 - x0))), max(1, int(x0 + 0.75 * (x1 - x0))))
    sample = srgb_to_lab(pixels[rows, columns]).reshape(-1, 3)
    if not len(sample):
        return np.zeros(pixels.shape[:2], bool)
    apart = ciede2000(srgb_to_lab(pixels), np.median(sample, axis=0))
    return np.asarray(apart < SKIN_DISTANCE)


def _window_sums(values: NDArray[np.float64], radius: int) -> NDArray[np.float64]:
    for axis in (0, 1):
        pad = [(0, 0), (0, 0)]
        pad[axis] = (radius + 1, radius)
        sums = np.cumsum(np.pad(values, pad), axis=axis)
        length = sums.shape[axis]
        high = np.take(sums, range(2 * radius + 1, length), axis=axis)
        low = np.take(sums, range(length - 2 * radius - 1), axis=axis)
        values = high - low
    return values
