"""The colours of one garment, from its pixels alone: pure numpy.

photo + mask ─▶ crop, sample, erode ─▶ name every pixel (24-bit table) ─▶ cloths (tones.py)
─▶ a representative colour of each ─▶ name, basic colour, hex, share
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from services.color.names import ColorNames
from services.color.sampling import (
    Mask,
    Photo,
    Steps,
    erode,
    exposure_gain,
    lightness_steps,
    sample,
)
from services.color.tones import Ints, Tone, group_names, split_groups
from shared.contracts.garments import Color
from shared.lab import LINEAR, Floats, ciede2000, encode_srgb, lab_to_lch, linear_to_lab

Table = npt.NDArray[np.uint16]

MAX_COLORS: Final = 5
LEAST_SHARE: Final = 0.04
"""Smaller colours are buttons, seams and noise."""
_ALIKE: Final = 10.0
"""CIEDE2000 distance up to which tones of one basic colour are one entry; sun and shade of one
cloth always are."""
_MINOR_SKIN: Final = 0.12
_LIT: Final = 0.3
"""How far above the middle of its lightness light cloth is judged, as a quantile."""
_LANES: Final = 8
_PIECE: Final = 32_768
_LANE: Final = np.tile(np.arange(_LANES, dtype=np.uint16), _PIECE // _LANES)


def palette(photo: Photo, mask: Mask, *, names: ColorNames, table: Table) -> tuple[Color, ...]:
    """Return up to 5 colours of the garment, the largest share first.

    ``photo`` (height, width, 3) uint8 RGB, ``mask`` (height, width) bool, ``table`` the
    nearest name of every RGB colour (see ``table.py``). Shares are parts of the deciding pixels
    and add up to at most 1. An empty mask has no colours.
    """
    crop, area = sample(photo, mask)
    if not area.any():
        return ()
    cloth = _Cloth(crop, area, names=names, table=table)
    least = LEAST_SHARE * np.count_nonzero(cloth.inside)
    tones = [tone for tone in cloth.tones() if tone.pixels >= least]
    linear = np.array([cloth.representative(tone) for tone in tones])
    return _entries(tones, np.minimum(linear * exposure_gain(photo, mask), 1), cloth, names)


def name_counts(pixels: Photo, table: Table, *, names: int) -> Ints:
    """Count the nearest names of all ``pixels``, shape (..., 3) uint8 RGB, one by one."""
    flat = pixels.reshape(-1, 3)
    counts = np.zeros((_LANES, names), np.int64)
    # Pieces that stay in the processor's cache are worth a quarter of the time.
    for start in range(0, len(flat), _PIECE):
        named = table.take(pack(flat[start : start + _PIECE]), mode="clip")
        # Equal neighbours would wait for each other's count; in lanes of their own they do not.
        lanes = named + _LANE[: len(named)] * np.uint16(names)
        counts += np.bincount(lanes, minlength=counts.size).reshape(counts.shape)
    total: Ints = counts.sum(axis=0)
    return total


def pack(pixels: Photo) -> Ints:
    """Return R + 256 G + 65536 B of RGB pixels, shape (..., 3) to (n,): the table's index."""
    flat = np.ascontiguousarray(pixels).reshape(-1)
    packed = np.empty(len(flat) // 3, np.int64)
    if len(packed) > 2:
        # Eight bytes from every third place on, of which the lower three are one pixel.
        words = np.ndarray(len(packed) - 2, "<i8", flat, strides=(3,))
        np.bitwise_and(words, 0xFFFFFF, out=packed[:-2])
    packed[-2:] = flat.reshape(-1, 3)[-2:] @ np.array([1, 256, 65536])
    return packed


def _entries(
    tones: list[Tone], linear: Floats, cloth: _Cloth, names: ColorNames
) -> tuple[Color, ...]:
    """Name the tones; those that a person would call the same are one entry."""
    total = np.count_nonzero(cloth.inside)
    lab = linear_to_lab(linear)
    found: dict[int, float] = {}
    named = names.describe(lab)
    for index, tone in enumerate(tones):
        name, basic = named[index]
        for known in found:
            shaded = tones[known].group == tone.group and not tone.mixed
            alike = shaded or ciede2000(lab[known], lab[index]) < _ALIKE
            if (named[known][1] == basic and alike) or named[known][0] == name:
                found[known] += tone.pixels / total
                break
        else:
            found[index] = tone.pixels / total
    colors = [
        _color(names, named[index], linear=linear[index], share=share)
        for index, share in sorted(found.items(), key=lambda item: -item[1])
    ]
    return tuple(colors[:MAX_COLORS])


def _color(names: ColorNames, named: tuple[int, str], *, linear: Floats, share: float) -> Color:
    index, basic = named
    return Color(
        name=names.english[index],
        name_ko=names.korean[index],
        basic=basic,
        hex="#" + encode_srgb(linear).tobytes().hex(),
        share=int(share * 10_000) / 10_000,  # cut, not rounded: shares must not exceed 1
    )


class _Cloth:
    """The sampled pixels of one garment and what is known of each."""

    def __init__(self, crop: Photo, area: Mask, *, names: ColorNames, table: Table) -> None:
        self.crop = crop
        named = table.take(pack(crop), mode="clip").reshape(area.shape)
        self.steps: Steps = lightness_steps(crop)
        self.inside = _without_skin(erode(area), area, names.skin[named])
        self.groups = self._group(named, len(names.english))

    def _group(self, named: Table, names: int) -> Ints:
        """Return the chromatic group of every pixel."""
        places = np.flatnonzero(self.inside)
        inside = named.ravel()[places]
        counts = np.bincount(inside, minlength=names)
        channels = (self.crop[..., channel].ravel()[places] for channel in range(3))
        light = [np.bincount(inside, LINEAR.take(part), minlength=names) for part in channels]
        mean = np.stack(light, axis=1) / np.maximum(counts, 1)[:, None]
        groups: Ints = group_names(counts, linear_to_lab(mean)).take(named).astype(np.int64)
        return groups

    def tones(self) -> list[Tone]:
        return split_groups(self.groups, self.steps >> 2, self.inside)

    def representative(self, tone: Tone) -> Floats:
        """Return the linear RGB that a person would pick for the tone.

        Cloth is judged by its lit parts where it is light, and by its depths where it is black
        or gray-black, so that neither shadow nor sheen decides. Of two finely mixed tones only
        the far ends are cloth: what lies between is both at once.
        """
        member = self.inside & (self.groups == tone.group)
        member &= (self.steps >= 4 * tone.low) & (self.steps < 4 * tone.high)
        places = np.flatnonzero(member)
        pixels, steps = self.crop.reshape(-1, 3)[places], self.steps.ravel()[places]
        below = np.cumsum(np.bincount(steps))
        if tone.mixed:
            return _mean_light(pixels, steps, below, 0.3 if tone.low == 0 else 0.7)
        middle = _mean_light(pixels, steps, below, 0.5)
        lightness, chroma, _ = lab_to_lch(linear_to_lab(middle))
        if lightness < 38 and chroma < 14:
            return _mean_light(pixels, steps, below, 0.33)
        if lightness > 45:
            lit = 0.5 + _LIT * min(float(lightness - 45) / 20, 1)
            return _mean_light(pixels, steps, below, lit)
        return middle


def _mean_light(pixels: Photo, steps: Steps, below: Ints, quantile: float) -> Floats:
    """Return the mean linear RGB of the pixels about that quantile of lightness."""
    low, high = np.searchsorted(below, np.array([quantile - 0.15, quantile + 0.15]) * below[-1])
    band = pixels[np.flatnonzero((steps >= low) & (steps <= high))]
    mean: Floats = LINEAR.take(band).mean(axis=0)
    return mean


def _without_skin(inner: Mask, area: Mask, skin: Mask) -> Mask:
    """Leave out skin that reaches in from the border, where it is clearly the smaller part."""
    rim = area & ~inner
    inside = float((skin & inner).sum() / inner.sum())
    outside = float((skin & rim).sum() / max(int(rim.sum()), 1))
    if 0 < inside < _MINOR_SKIN and outside > 2 * inside + 0.05:
        return inner & ~skin
    return inner
