"""The basic colour of any colour: one rule in LCh (CIELAB's lightness, chroma and hue).

Read `_RULE` from top to bottom: the first line that holds decides. Every boundary is a plain
number in L (0..100), C (0..134) and h (degrees: red 40, yellow 103, green 136, cyan 196,
blue 306, magenta 328).
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from services.color.lab import Floats, lab_to_lch
from shared.contracts.vocabulary import BASIC_COLORS

Holds = npt.NDArray[np.bool_]

_INDEX: Final = {name: index for index, name in enumerate(BASIC_COLORS)}


def basic_of(lab: Floats) -> npt.NDArray[np.int64]:
    """Return the index in ``BASIC_COLORS`` of Lab colours, shape (..., 3) to (...)."""
    lightness, chroma, hue = np.moveaxis(lab_to_lch(lab), -1, 0)
    rule = [*_neutral(lightness, chroma, hue), *_cool(lightness, chroma, hue)]
    rule += _warm(lightness, chroma, hue)
    return np.select([holds for _, holds in rule], [_INDEX[name] for name, _ in rule], -1)


def _within(hue: Floats, start: float | Floats, end: float | Floats) -> Holds:
    """Return where ``hue`` lies from ``start`` up to ``end``, turning through 360."""
    holds: Holds = (hue - start) % 360 < (end - start) % 360
    return holds


def _neutral(L: Floats, C: Floats, h: Floats) -> list[tuple[str, Holds]]:  # noqa: N803
    """Too little chroma to have a hue. Blue and green need more of it than brown and pink."""
    cold = _within(h, 220, 330)  # shadows and black cloth lean to blue in photos
    warm = np.where(L < 78, np.minimum(6.3, 5 + 0.4 * np.maximum(L - 24, 0)), 5.0)
    green = np.where(L < 40, 5.5, np.where(L < 60, 6.5, 8.5))
    blue = np.where(h < 305, 10.5, 9.0)
    gray = np.select([_within(h, np.where(L < 78, 100, 118), 220), cold], [green, blue], warm)
    dark = np.where(cold, np.minimum(5.3 + 0.4 * L, 8.7), 6.5 + 0.25 * np.maximum(12 - L, 0))
    cream = np.where(L >= 98, 16.0, 5 + np.clip(L - 90, 0, 4))
    pale = np.select([_within(h, 40, 120), cold], [cream, 8.5], 5.5)
    return [
        ("black", (L < 26.5) & (C < dark)),
        ("white", (L >= 85) & (C < pale)),
        ("gray", (L >= 24) & (C < np.where(L < 85, gray, 5.5))),
    ]


def _cool(L: Floats, C: Floats, h: Floats) -> list[tuple[str, Holds]]:  # noqa: N803
    """Yellow-green, green, blue-green, blue, navy, purple."""
    # CIELAB bends strong blues towards purple, so blue reaches further the stronger it is.
    blue = _within(h, 217, 360) & (h < 292 + np.maximum(0.22 * np.minimum(C, 70), np.where(L < 25, 14, 0)))
    ice = _within(h, 185, 217) & (L >= 86) & (C < np.where(h < 200, 20, 33))
    plum = _within(h, 338, 344) & (L < 50) & (C < 60)
    navy = np.where(C < 62, 33 - 0.2 * np.maximum(C - 15, 0), 15)
    return [
        ("yellow_green", _within(h, 107.5, np.where(L < 88, 126, 130)) & (C >= 46) & (L >= 68)),
        ("blue_green", _within(h, np.where(L < 45, 172, 163), 217) & ~ice),
        ("green", _within(h, np.where(L < 85, 113, 118), 180)),
        ("green", _within(h, np.where(L < 45, 100, 98), 113) & (L < 66)),
        ("navy", blue & (L < navy)),
        ("blue", blue | ice),
        ("magenta", _within(h, 322, 338) & (C >= 95)),
        ("pink", _within(h, 329, 338) & (L >= 55)),
        ("purple", _within(h, 290, 338) | plum),
    ]


def _warm(L: Floats, C: Floats, h: Floats) -> list[tuple[str, Holds]]:  # noqa: N803
    """Magenta, pink, red, orange, brown, beige, yellow."""
    beige = np.select(
        [_within(h, 50, 60), (L >= 90) & _within(h, 94, 113), L >= 68, _within(h, 80, 113)],
        [np.where(L >= 72, 24.0, 0.0), 24.0, 39.0, np.where(L >= 61, 34.0, 0.0)],
        0.0,
    )
    return [
        ("pink", _within(h, 338, 12) & (L >= np.where(C < 60, 46, 50))),
        ("pink", _within(h, 12, 40) & (L >= 46 + 0.5 * (h - 12) + 0.25 * np.maximum(C - 40, 0))),
        ("pink", _within(h, 40, 50) & (L >= 72) & (C < 36)),
        ("brown", _within(h, 338, 50) & (C < np.minimum(25, 12 + 0.4 * L))),
        ("magenta", _within(h, 338, 7)),
        ("red", _within(h, 7, 36)),
        ("red", _within(h, 36, np.where(L < 45, 45, 42.7)) & (C >= 50) & (L < 60)),
        ("yellow", _within(h, 111, 118) & (L >= 85) & (C >= 12)),
        ("beige", _within(h, 50, 118) & (C < beige)),
        ("yellow", _within(h, 82, 118) & (C >= np.where(L < 74, 50, 20)) & (L >= 62)),
        ("beige", _within(h, 50, 118) & (L >= 85)),
        ("orange", _within(h, 36, 82) & (C >= np.where(L >= 70, 34, 55)) & (L >= 21 + h / 2)),
        ("brown", _within(h, 36, 118)),
    ]
