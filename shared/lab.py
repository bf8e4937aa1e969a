"""CIELAB (D65, 2°) of sRGB colours, and how far apart two colours look.

Sources: IEC 61966-2-1 (sRGB), CIE 15:2004 (CIELAB), Sharma, Wu, Dalal, "The CIEDE2000
Color-Difference Formula", Color Res. Appl. 30 (2005).
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

_TO_XYZ: Final = np.array(
    [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
)
# The white of (255, 255, 255) itself, so that it gets exactly a = b = 0.
_TO_XYZ_OVER_WHITE: Final = _TO_XYZ / _TO_XYZ.sum(axis=1, keepdims=True)
_EPSILON: Final = (6 / 29) ** 3


def _decode_gamma() -> Floats:
    encoded = np.arange(256) / 255
    linear: Floats = np.where(
        encoded <= 0.04045, encoded / 12.92, ((encoded + 0.055) / 1.055) ** 2.4
    )
    return linear


LINEAR: Final = _decode_gamma()
"""Linear light, 0..1, of an 8-bit sRGB value."""


LUMINANCE: Final = _TO_XYZ[1]
"""The part of each linear channel in the luminance Y."""


def srgb_to_lab(rgb: npt.NDArray[np.uint8]) -> Floats:
    """Return CIELAB, shape (..., 3): L 0..100, a and b, of 8-bit sRGB of the same shape."""
    return linear_to_lab(LINEAR[rgb])


def linear_to_lab(linear: Floats) -> Floats:
    """Return CIELAB of linear-light RGB, 0..1, shape (..., 3)."""
    red, green, blue = linear[..., 0], linear[..., 1], linear[..., 2]
    # Sums written out: a matrix product may round differently on another processor.
    x, y, z = (
        _compress(row[0] * red + row[1] * green + row[2] * blue) for row in _TO_XYZ_OVER_WHITE
    )
    return np.stack((116 * y - 16, 500 * (x - y), 200 * (y - z)), axis=-1)


def _compress(ratio: Floats) -> Floats:
    root: Floats = np.where(ratio > _EPSILON, np.cbrt(ratio), ratio * (841 / 108) + 4 / 29)
    return root


def encode_srgb(linear: Floats) -> npt.NDArray[np.uint8]:
    """Return 8-bit sRGB of linear-light RGB; what is outside 0..1 is clipped."""
    light = np.clip(linear, 0, 1)
    encoded = np.where(light <= 0.0031308, light * 12.92, 1.055 * light ** (1 / 2.4) - 0.055)
    rounded: npt.NDArray[np.uint8] = np.rint(encoded * 255).astype(np.uint8)
    return rounded


def lab_to_lch(lab: Floats) -> Floats:
    """Return lightness 0..100, chroma >= 0 and hue 0..360 degrees, shape (..., 3)."""
    lightness, a, b = lab[..., 0], lab[..., 1], lab[..., 2]
    return np.stack((lightness, np.hypot(a, b), np.degrees(np.arctan2(b, a)) % 360), axis=-1)


def ciede2000(first: Floats, second: Floats) -> Floats:
    """Return the CIEDE2000 difference of Lab colours, shapes (..., 3) that broadcast."""
    l1, a1, b1 = np.moveaxis(first, -1, 0)
    l2, a2, b2 = np.moveaxis(second, -1, 0)
    mean_chroma7 = ((np.hypot(a1, b1) + np.hypot(a2, b2)) / 2) ** 7
    stretch = 1.5 - 0.5 * np.sqrt(mean_chroma7 / (mean_chroma7 + 25.0**7))
    c1, c2 = np.hypot(a1 * stretch, b1), np.hypot(a2 * stretch, b2)
    h1 = np.degrees(np.arctan2(b1, a1 * stretch)) % 360
    h2 = np.degrees(np.arctan2(b2, a2 * stretch)) % 360
    coloured = c1 * c2 != 0
    turn = np.where(coloured, (h2 - h1 + 180) % 360 - 180, 0.0)
    hue_difference = 2 * np.sqrt(c1 * c2) * np.sin(np.radians(turn / 2))
    # The mean hue lies on the shorter way round; without a hue of one's own, on the other's.
    mean_hue = np.where(coloured, (h1 + turn / 2) % 360, h1 + h2)
    mean_lightness, mean_chroma = (l1 + l2) / 2, (c1 + c2) / 2
    weight_l = 1 + 0.015 * (mean_lightness - 50) ** 2 / np.sqrt(20 + (mean_lightness - 50) ** 2)
    weight_c = 1 + 0.045 * mean_chroma
    weight_h = 1 + 0.015 * mean_chroma * _hue_weight(mean_hue)
    dl, dc, dh = (l2 - l1) / weight_l, (c2 - c1) / weight_c, hue_difference / weight_h
    twist = -np.sin(np.radians(60 * np.exp(-(((mean_hue - 275) / 25) ** 2))))
    twist = twist * 2 * np.sqrt(mean_chroma**7 / (mean_chroma**7 + 25.0**7))
    difference: Floats = np.sqrt(dl**2 + dc**2 + dh**2 + twist * dc * dh)
    return difference


def _hue_weight(hue: Floats) -> Floats:
    weight: Floats = (
        1
        - 0.17 * np.cos(np.radians(hue - 30))
        + 0.24 * np.cos(np.radians(2 * hue))
        + 0.32 * np.cos(np.radians(3 * hue + 6))
        - 0.20 * np.cos(np.radians(4 * hue - 63))
    )
    return weight
