"""The colour harmony of a look, by the hues of its garments in CIE LCh(ab), D65.

A garment is *neutral* where chroma C* < 20 or lightness L* < 20 (black, white, grey, beige, the
darkest navy), else it has a hue. Hues of a look are put together where neighbours on the circle
are at most 30 degrees apart. Then, in this order:

- ``neutral``: no garment has a hue; ``neutral_accent``: exactly one has, beside neutral ones;
- ``monochrome``: all hues within 20 degrees; ``analogous``: within 60;
- ``complementary``: two groups, 150 to 210 degrees apart;
- ``triadic``: three groups, each 90 to 150 degrees from the next;
- ``other``: none of these.

The names are J. Itten's (The Art of Color, 1961); degrees are ours, wide enough for the hue error
of street photos. A look of one garment has no harmony.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import pairwise
from math import atan2, cbrt, degrees, hypot
from typing import Final

HARMONIES: Final = (
    "neutral",
    "neutral_accent",
    "monochrome",
    "analogous",
    "complementary",
    "triadic",
    "other",
)

HARMONY_LABELS: Final = {
    "neutral": {"en": "neutrals only", "ko": "무채색"},
    "neutral_accent": {"en": "neutrals and an accent", "ko": "무채색 + 포인트"},
    "monochrome": {"en": "monochrome", "ko": "모노크롬"},
    "analogous": {"en": "analogous", "ko": "유사색"},
    "complementary": {"en": "complementary", "ko": "보색"},
    "triadic": {"en": "triadic", "ko": "삼색 배색"},
    "other": {"en": "other", "ko": "기타"},
}

NEUTRAL_CHROMA: Final = 20.0
NEUTRAL_LIGHTNESS: Final = 20.0
NEIGHBOURS: Final = 30.0
MONOCHROME: Final = 20.0
ANALOGOUS: Final = 60.0
OPPOSITE: Final = (150.0, 210.0)
THIRD: Final = (90.0, 150.0)

_WHITE: Final = (0.95047, 1.0, 1.08883)
_TO_XYZ: Final = (
    (0.4124564, 0.3575761, 0.1804375),
    (0.2126729, 0.7151522, 0.0721750),
    (0.0193339, 0.1191920, 0.9503041),
)


@lru_cache(maxsize=65_536)
def lch(hex_color: str) -> tuple[float, float, float]:
    """Return lightness 0..100, chroma and hue in degrees [0, 360) of ``#rrggbb``."""
    linear = [_linear(int(hex_color[at : at + 2], 16) / 255) for at in (1, 3, 5)]
    x, y, z = (
        _cube_root(sum(part * light for part, light in zip(row, linear, strict=True)) / white)
        for row, white in zip(_TO_XYZ, _WHITE, strict=True)
    )
    a, b = 500 * (x - y), 200 * (y - z)
    return 116 * y - 16, hypot(a, b), degrees(atan2(b, a)) % 360


def harmony_of(hexes: Iterable[str]) -> str | None:
    """Return the harmony of a look whose garments have these colours; None: fewer than two."""
    colors = [lch(color) for color in hexes]
    if len(colors) < 2:
        return None
    hues = [
        hue
        for lightness, chroma, hue in colors
        if chroma >= NEUTRAL_CHROMA and lightness >= NEUTRAL_LIGHTNESS
    ]
    if not hues:
        return "neutral"
    return "neutral_accent" if len(hues) == 1 else _of_hues(sorted(hues))


def _of_hues(hues: Sequence[float]) -> str:
    gaps = _gaps(hues)
    span = 360 - max(gaps)
    if span <= MONOCHROME:
        return "monochrome"
    if span <= ANALOGOUS:
        return "analogous"
    between = _gaps(_centres(hues, gaps))
    if len(between) == 2 and OPPOSITE[0] <= between[0] <= OPPOSITE[1]:
        return "complementary"
    if len(between) == 3 and all(THIRD[0] <= gap <= THIRD[1] for gap in between):
        return "triadic"
    return "other"


def _gaps(hues: Sequence[float]) -> list[float]:
    """Return the degrees from each of the sorted hues to the next one, around the circle."""
    following = [*hues[1:], hues[0] + 360]
    return [after - hue for hue, after in zip(hues, following, strict=True)]


def _centres(hues: Sequence[float], gaps: Sequence[float]) -> list[float]:
    """Return the middle of each group of neighbouring hues, sorted."""
    first = hues[(gaps.index(max(gaps)) + 1) % len(hues)]  # behind the widest gap
    turned = sorted((hue - first) % 360 for hue in hues)
    groups = [[turned[0]]]
    for before, hue in pairwise(turned):
        if hue - before > NEIGHBOURS:
            groups.append([])
        groups[-1].append(hue)
    return sorted((first + sum(group) / len(group)) % 360 for group in groups)


def _linear(value: float) -> float:
    return value / 12.92 if value <= 0.04045 else float(((value + 0.055) / 1.055) ** 2.4)


def _cube_root(value: float) -> float:
    return cbrt(value) if value > 216 / 24389 else (24389 / 27 * value + 16) / 116
