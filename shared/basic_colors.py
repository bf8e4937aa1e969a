"""The basic colour of any colour: one rule in LCh (CIELAB's lightness, chroma and hue).

Read the lists below from top to bottom, neutral, cool, warm: the first line that holds decides.
Every boundary is a plain number in lightness (0..100), chroma (0..134) and hue (degrees: red 40,
orange 73, yellow 103, green 136, cyan 196, blue 306, magenta 328). Hues turn through 360.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from shared.contracts.vocabulary import BASIC_COLORS
from shared.lab import Floats, lab_to_lch

Holds = npt.NDArray[np.bool_]
Rule = list[tuple[str, Holds]]

_INDEX: Final = {name: index for index, name in enumerate(BASIC_COLORS)}


def basic_of(lab: Floats) -> npt.NDArray[np.int64]:
    """Return the index in ``BASIC_COLORS`` of Lab colours, shape (..., 3) to (...)."""
    light, chroma, hue = np.moveaxis(lab_to_lch(lab), -1, 0)
    rule = [rule for part in (_neutral, _cool, _warm) for rule in part(light, chroma, hue)]
    found: npt.NDArray[np.int64] = np.select(
        [holds for _, holds in rule], [_INDEX[name] for name, _ in rule], -1
    )
    return found


def _within(hue: Floats, start: float | Floats, end: float | Floats) -> Holds:
    """Return where ``hue`` lies from ``start`` up to ``end``."""
    holds: Holds = (hue - start) % 360 < (end - start) % 360
    return holds


def _neutral(light: Floats, chroma: Floats, hue: Floats) -> Rule:
    """Too little chroma to have a hue. Cloth in the shade leans to blue, so blue needs more."""
    cold, warm = _within(hue, 220, 330), _within(hue, 40, 120)
    greenish = _within(hue, np.where(light < 78, 100, 118), 220)
    black = np.where(
        cold, np.minimum(5.3 + 0.4 * light, 8.7), 6.5 + 0.25 * np.maximum(12 - light, 0)
    )
    cream = np.where(light >= 98, 16, 5 + np.clip(light - 90, 0, 4))
    white = np.select([warm, _within(hue, 255, 325)], [cream, np.where(light < 88, 6.5, 8)], 5.5)
    gray = np.select(
        [light >= 85, greenish, cold, light >= 78],
        [
            5.5,
            np.select([light < 40, light < 60], [5.5, 6.5], 8.5),
            np.where(hue < 305, 10.5, 9),
            5,
        ],
        np.minimum(6.3, 5 + 0.4 * np.maximum(light - 24, 0)),
    )
    return [
        ("black", (light < 26.5) & np.less(chroma, black)),
        ("white", (light >= 85) & np.less(chroma, white)),
        ("gray", (light >= 24) & np.less(chroma, gray)),
    ]


def _cool(light: Floats, chroma: Floats, hue: Floats) -> Rule:
    """Yellow-green, green, blue-green, blue, navy, purple."""
    # CIELAB bends strong and dark blues towards purple, so blue reaches further there.
    blue_ends = 292 + np.maximum(0.22 * np.minimum(chroma, 70), np.where(light < 25, 14, 0))
    blue = _within(hue, 217, 360) & np.less(hue, blue_ends)
    ice = _within(hue, 185, 217) & (light >= 86) & np.less(chroma, np.where(hue < 200, 20, 33))
    navy = np.where(chroma < 62, 33 - 0.2 * np.maximum(chroma - 15, 0), 15)
    lime = _within(hue, 107.5, np.where(light < 88, 126, 130)) & (chroma >= 46) & (light >= 68)
    olive = _within(hue, np.where(light < 45, 100, 98), 113) & (light < 66)
    plum = _within(hue, 338, 344) & (light < 50) & (chroma < 60)
    return [
        ("yellow_green", lime),
        ("blue_green", _within(hue, np.where(light < 45, 172, 163), 217) & ~ice),
        ("green", _within(hue, np.where(light < 85, 113, 118), 185) | olive),
        ("navy", blue & np.less(light, navy)),
        ("blue", blue | ice),
        ("magenta", _within(hue, 322, 338) & (chroma >= 95)),
        ("pink", _within(hue, 329, 338) & (light >= 55)),
        ("purple", _within(hue, 290, 338) | plum),
    ]


def _warm(light: Floats, chroma: Floats, hue: Floats) -> Rule:
    """Magenta, pink, red, orange, brown, beige, yellow: what is left, hue 338 to 118."""
    rose = _within(hue, 338, 12) & (light >= np.where(chroma < 60, 46, 50))
    coral = _within(hue, 12, 40)
    coral &= light >= 46 + 0.5 * (hue - 12) + 0.25 * np.maximum(chroma - 40, 0)
    blush = _within(hue, 40, 50) & (light >= 72) & (chroma < 36)
    tomato = _within(hue, 36, np.where(light < 45, 45, 42.7)) & (chroma >= 50) & (light < 60)
    beige = np.select(
        [hue < 60, (light >= 90) & (hue >= 94), light >= 68, hue >= 80],
        [np.where(light >= 72, 24, 0), 24, 39, np.where(light >= 61, 34, 0)],
        0,
    )
    orange = (chroma >= np.where(light >= 70, 34, 55)) & (light >= 21 + hue / 2)
    return [
        ("pink", rose | coral | blush),
        ("brown", _within(hue, 338, 50) & np.less(chroma, np.minimum(25, 12 + 0.4 * light))),
        ("magenta", _within(hue, 338, 7)),
        ("red", _within(hue, 7, 36) | tomato),
        ("yellow", (hue >= 111) & (light >= 85) & (chroma >= 12)),
        ("beige", (hue >= 50) & np.less(chroma, beige)),
        ("yellow", (hue >= 82) & (light >= 62) & (chroma >= np.where(light < 74, 50, 20))),
        ("beige", (hue >= 50) & (light >= 85)),
        ("orange", (hue < 82) & orange),
        ("brown", _within(hue, 36, 118)),
    ]
