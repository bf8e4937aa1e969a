"""Which pixels of a garment are looked at, and how light the photo's white is."""

from __future__ import annotations

import math
from typing import Final

import numpy as np
import numpy.typing as npt

from shared.lab import LINEAR, LUMINANCE, linear_to_lab

Photo = npt.NDArray[np.uint8]
Mask = npt.NDArray[np.bool_]
Steps = npt.NDArray[np.uint8]

SAMPLE: Final = 20_000
"""Mask pixels looked at, or half as many: a regular grid over larger masks."""
_BORDER: Final = 0.02
"""Eroded from the mask's border, as a part of the square root of its area."""
_SURROUNDINGS: Final = 12.0
"""Range of lightness that the surroundings must show to tell anything of the exposure."""
_DULL_WHITE: Final = 90.0
_GOOD_WHITE: Final = 96.0
_MOST_GAIN: Final = 3.0


def _luminance_parts() -> npt.NDArray[np.uint16]:
    parts: npt.NDArray[np.uint16] = np.rint(LINEAR[:, None] * LUMINANCE * 4095).astype(np.uint16)
    return parts


def _steps_of_luminance() -> Steps:
    gray = np.repeat(np.arange(4097)[:, None] / 4095, 3, axis=1)
    return np.minimum(linear_to_lab(gray)[:, 0] * 2, 200).astype(np.uint8)


_PARTS: Final = _luminance_parts()
_STEPS: Final = _steps_of_luminance()


def lightness_steps(pixels: Photo) -> Steps:
    """Return CIELAB lightness in steps of 0.5 (0..200) of RGB pixels, shape (..., 3) to (...)."""
    red, green, blue = pixels[..., 0], pixels[..., 1], pixels[..., 2]
    luminance = _PARTS[:, 0][red] + _PARTS[:, 1][green] + _PARTS[:, 2][blue]
    steps: Steps = _STEPS[luminance]
    return steps


def sample(photo: Photo, mask: Mask, *, pixels: int = SAMPLE) -> tuple[Photo, Mask]:
    """Crop to the mask's box and keep a regular grid with about ``pixels`` mask pixels."""
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    if not len(rows):
        return photo[:0, :0], mask[:0, :0]
    box = np.s_[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    photo, mask = photo[box], mask[box]
    step = max(1, math.ceil(math.sqrt(np.count_nonzero(mask) / pixels)))
    return np.ascontiguousarray(photo[::step, ::step]), np.ascontiguousarray(mask[::step, ::step])


def erode(mask: Mask) -> Mask:
    """Take off the border, where masks are wrong and cloth meets skin and background.

    Straps and other thin garments lose less: never more than half of the pixels.
    """
    pixels = np.count_nonzero(mask)
    radius = max(1, round(_BORDER * float(np.sqrt(pixels))))
    while radius:
        inner = _shrink(_shrink(mask, radius).T, radius).T
        if np.count_nonzero(inner) >= pixels / 2:
            return inner
        radius //= 2
    return mask


def _shrink(mask: Mask, radius: int) -> Mask:
    """Keep the pixels whose ``radius`` neighbours above and below are in the mask too."""
    padded = np.pad(mask, ((radius, radius), (0, 0)))
    inner = mask.copy()
    for shift in range(2 * radius + 1):
        inner &= padded[shift : shift + len(mask)]
    return inner


def exposure_gain(photo: Photo, mask: Mask) -> float:
    """Return the factor on linear light that makes the photo's white white, 1 to 3.

    Only for photos where nothing is near white, and only where the surroundings of the garment
    show light and dark: a cut-out on a plain ground tells nothing of the exposure.
    """
    step = max(1, int(np.sqrt(mask.size / 5_000)))
    steps = lightness_steps(photo[::step, ::step])
    around = steps[~mask[::step, ::step]]
    if len(around) < 200 or _percentile(around, 0.95) - _percentile(around, 0.05) < _SURROUNDINGS:
        return 1.0
    white = _percentile(steps.ravel(), 0.99)
    if white >= _DULL_WHITE:
        return 1.0
    return float(min(_luminance(_GOOD_WHITE) / _luminance(white), _MOST_GAIN))


def _percentile(steps: Steps, part: float) -> float:
    below = np.cumsum(np.bincount(steps))
    return float(np.searchsorted(below, part * below[-1])) / 2


def _luminance(lightness: float) -> float:
    return max(((lightness + 16) / 116) ** 3, lightness / 903.3, 1e-3)
