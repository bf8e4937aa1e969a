"""The tones of one garment: which pixels are one cloth under light and shade.

Light and shade scale a cloth's linear light, and with it CIELAB's a, b and L + 16 alike. So
a / (L + 16) and b / (L + 16) stay what they are, and pixels that agree in them may be one
cloth. They are two (white with black stripes) where the lightness has two separate peaks, or
where neighbouring pixels jump between light and dark all over the garment, which no fold does.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from shared.lab import Floats

Ints = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

LEVELS: Final = 51
"""Lightness is counted in steps of 2, L 0..100."""
_SAME_CLOTH: Final = 7.0
"""Distance in (a, b), at the darker one's lightness, up to which shade explains a difference."""
_STRONG: Final = 0.015
"""Strong colours drift more in shade and sun: the distance allowed grows so much a unit of C."""
_BLUE_SHADE: Final = 0.6
"""Shadows under the open sky turn blue: a darker pixel's lack of yellow counts less."""
_LEADERS: Final = 48
"""Names that may start a cloth: the most frequent ones; the rest join the nearest of these."""
_ONE_CLOTH: Final = 10
"""Levels from the 5th to the 95th percentile below which nothing is cut."""
_DEEP: Final = 0.35
"""A valley this low, as a part of the lower of its two peaks, parts two cloths."""
_LAG: Final = 0.012
"""How far apart neighbours are, as a part of the square root of the garment's area."""
_JUMP: Final = 10
"""Levels between neighbours that make a jump."""
_SPRINKLED: Final = 0.38
"""Jumps, as a part of what chance would give, from which light and dark are a pattern."""


@dataclass(frozen=True)
class Tone:
    """One cloth: the lightness levels ``low`` <= level < ``high`` of one chromatic group."""

    group: int
    low: int
    high: int
    pixels: int
    mixed: bool
    """Woven or printed finely with another tone: pixels between the two are of neither."""


def group_names(counts: Ints, lab: Floats) -> npt.NDArray[np.int16]:
    """Return for every name the chromatic group of its pixels, 0 the most frequent name's.

    ``counts`` (names,) are pixels a name, ``lab`` (names, 3) their mean colour.
    """
    used = np.flatnonzero(counts)
    used = used[np.argsort(-counts[used], kind="stable")]
    first = lab[used]
    apart = _shade_distance(first[:, None], first[None, :_LEADERS])
    near = apart[:_LEADERS] <= _SAME_CLOTH
    leaders: list[int] = []
    for name, row in enumerate(near):
        if not row[leaders].any():
            leaders.append(name)
    groups = np.zeros(len(counts), np.int16)
    groups[used] = apart[:, leaders].argmin(axis=1)
    return groups


def _shade_distance(first: Floats, second: Floats) -> Floats:
    """Return how far two Lab colours are from being one cloth in different light."""
    height, other = first[..., 0] + 16, second[..., 0] + 16
    darker = np.minimum(height, other)
    a = (second[..., 1] / other - first[..., 1] / height) * darker
    b = (second[..., 2] / other - first[..., 2] / height) * darker
    bluer_below = (b < 0) == (height >= other)
    b = np.where(bluer_below, b * _BLUE_SHADE, b)
    chroma = np.hypot(first[..., 1] + second[..., 1], first[..., 2] + second[..., 2]) / 2
    distance: Floats = np.hypot(a, b) / (1 + _STRONG * chroma)
    return distance


def split_groups(groups: Ints, levels: Ints, inside: Mask) -> list[Tone]:
    """Return the tones of a garment, the largest first.

    ``groups`` and ``levels`` (height, width) are each pixel's chromatic group and its
    lightness level; only pixels ``inside`` count.
    """
    code = groups * LEVELS + levels
    kinds = int(groups.max()) + 1
    histogram = np.bincount(code[inside], minlength=kinds * LEVELS).reshape(kinds, LEVELS)
    jumps = _neighbours(code, inside, kinds=kinds)
    tones: list[Tone] = []
    for group in np.flatnonzero(histogram.sum(axis=1)):
        for low, high, mixed in _cut(histogram[group], jumps[group], 0, LEVELS):
            pixels = int(histogram[group, low:high].sum())
            tones.append(Tone(int(group), low, high, pixels, mixed))
    return sorted(tones, key=lambda tone: -tone.pixels)


def _neighbours(code: Ints, inside: Mask, *, kinds: int) -> Ints:
    """Count neighbours of one group by the levels of both: (kinds, LEVELS, LEVELS)."""
    lag = max(1, round(_LAG * float(np.sqrt(np.count_nonzero(inside)))))
    pairs: list[Ints] = []
    for here, there in ((np.s_[lag:], np.s_[:-lag]), (np.s_[:, lag:], np.s_[:, :-lag])):
        both = np.flatnonzero(inside[here] & inside[there])
        one, other = code[here].ravel()[both], code[there].ravel()[both]
        same = one // LEVELS == other // LEVELS
        pairs.append(one[same] * LEVELS + other[same] % LEVELS)
    counted = np.bincount(np.concatenate(pairs), minlength=kinds * LEVELS * LEVELS)
    return counted.reshape(kinds, LEVELS, LEVELS)


def _cut(histogram: Ints, jumps: Ints, low: int, high: int) -> list[tuple[int, int, bool]]:
    """Return the stretches of lightness that are cloths of their own."""
    counts = histogram[low:high].astype(np.float64)
    below = np.cumsum(counts)
    if below[-1] == 0 or np.diff(np.searchsorted(below, [0.05 * below[-1], 0.95 * below[-1]])) < (
        _ONE_CLOTH
    ):
        return [(low, high, False)]
    valley, depth = _valley(counts, low=low)
    if depth < _DEEP:
        cut = low + valley
        return [*_cut(histogram, jumps, low, cut), *_cut(histogram, jumps, cut, high)]
    cut = low + _otsu(counts)
    if _mixing(histogram, jumps, low, cut, high) > _SPRINKLED:
        return [(low, cut, True), (cut, high, True)]
    return [(low, high, False)]


def _valley(counts: Floats, *, low: int) -> tuple[int, float]:
    """Return the level between two peaks where fewest pixels are, and its depth, 0 the deepest.

    The peaks must be 22 in L apart, or 28 where both are light: white in shade is still white.
    """
    smooth = np.convolve(counts, [0.06, 0.24, 0.4, 0.24, 0.06], "same")
    level = np.arange(len(smooth))
    before = np.maximum.accumulate(smooth)
    after = np.maximum.accumulate(smooth[::-1])[::-1]
    peak_before = np.maximum.accumulate(np.where(smooth == before, level, 0))
    peak_after = np.minimum.accumulate(np.where(smooth == after, level, len(level))[::-1])[::-1]
    below = np.cumsum(counts) / counts.sum()
    fair = (below >= 0.06) & (below <= 0.94)
    fair &= peak_after - peak_before >= np.where(peak_before + low < 30, 11, 14)
    depth = np.where(fair, smooth / np.maximum(np.minimum(before, after), 1e-9), 1.0)
    best = int(depth.argmin())
    return best, float(depth[best])


def _otsu(counts: Floats) -> int:
    """Return the level that parts the counts into the two tightest halves (Otsu 1979)."""
    weight = np.cumsum(counts)[:-1]
    moment = np.cumsum(counts * np.arange(len(counts)))
    rest = counts.sum() - weight
    means = moment[:-1] / np.maximum(weight, 1e-9)
    other_means = (moment[-1] - moment[:-1]) / np.maximum(rest, 1e-9)
    return int((weight * rest * (means - other_means) ** 2).argmax()) + 1


def _mixing(histogram: Ints, jumps: Ints, low: int, cut: int, high: int) -> float:
    """Return how often neighbours jump across ``cut``, as a part of what chance would give.

    1: light and dark are sprinkled, 0: they are two areas.
    """
    dark, light = np.arange(low, cut), np.arange(cut, high)
    far = light[None] - dark[:, None] >= _JUMP
    across = jumps[low:cut, cut:high] + jumps[cut:high, low:cut].T
    chance = 2 * (np.outer(histogram[low:cut], histogram[cut:high]) * far).sum()
    chance = chance / histogram[low:high].sum() ** 2
    neighbours = jumps[low:high, low:high].sum()
    return float((across * far).sum() / max(neighbours, 1) / max(chance, 1e-9))
