"""The size of a garment, and where the pieces stand on the page. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median
from typing import Final

from shared.contracts.garments import Garment
from shared.contracts.vocabulary import FAMILY_OF

USUAL_HEIGHT: Final = {
    "short_sleeved_shirt": 62.0,
    "long_sleeved_shirt": 64.0,
    "short_sleeved_outwear": 64.0,
    "long_sleeved_outwear": 78.0,
    "vest": 58.0,
    "sling": 52.0,
    "shorts": 38.0,
    "trousers": 96.0,
    "skirt": 58.0,
    "short_sleeved_dress": 95.0,
    "long_sleeved_dress": 98.0,
    "vest_dress": 95.0,
    "sling_dress": 95.0,
}
"""Centimetres from hem to shoulder or waist, from common size charts; a start, not a measure."""

_READING_ORDER: Final = ("outer", "dress", "top", "trousers", "skirt", "shorts")


@dataclass(frozen=True)
class Piece:
    """A garment to be laid out; centimetres."""

    category: str
    width: float
    height: float
    finest: float
    """Pixels a centimetre up to which its photo is sharp enough."""


@dataclass(frozen=True)
class Slot:
    """Where a garment stands; pixels of the page."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class Area:
    """The part of the page for garments; pixels. Under each garment stays room for a caption."""

    x: float
    y: float
    width: float
    height: float
    gap: float
    caption: float
    narrowest: float
    """Width of a column at least, so that a caption fits."""


def centimetre(garments: Sequence[Garment]) -> float:
    """Return the photo's pixels a centimetre, told by all of its garments' usual heights.

    Garments of one photo so keep their true proportions to each other; between photos the
    sizes are as true as the usual heights are.
    """
    return median(_height(garment) / USUAL_HEIGHT[garment.category] for garment in garments)


def measure(garment: Garment, *, pixels_per_cm: float, sharp: float) -> Piece:
    """Return the garment's size; it may be shown ``sharp`` times its size in the photo.

    A size far from the usual (a garment half hidden, a child) is drawn towards it.
    """
    usual = USUAL_HEIGHT[garment.category]
    height = min(max(_height(garment) / pixels_per_cm, 0.6 * usual), 1.4 * usual)
    scale = height / _height(garment)
    width = max(1.0, garment.box[2] - garment.box[0]) * scale
    return Piece(garment.category, width, height, sharp / scale)


def _height(garment: Garment) -> float:
    """Return the box's height in pixels, 1 at least: a box may be drawn around nothing."""
    return max(1.0, garment.box[3] - garment.box[1])


def arrange(pieces: Sequence[Piece], area: Area) -> tuple[Slot, ...]:
    """Lay the pieces out in columns, all at one scale, as large as the area allows.

    Outerwear stands left, then dresses, then tops above what is worn below. Of all ways to cut
    that order into columns the one with the largest scale is taken. The tallest column starts
    at the area's upper edge; the others stand at its middle.
    """
    order = sorted(range(len(pieces)), key=lambda at: _reading_rank(pieces[at]))
    finest = min(piece.finest for piece in pieces)
    columns = max(_cuts(order), key=lambda cut: _scale(cut, pieces, area))
    scale = min(finest, _scale(columns, pieces, area))
    widths = [_column_width(column, pieces, area, scale) for column in columns]
    heights = [_column_height(column, pieces, area, scale) for column in columns]
    space = (area.width - sum(widths)) / (len(columns) + 1)
    slots: dict[int, Slot] = {}
    left = area.x + space
    for column, width, height in zip(columns, widths, heights, strict=True):
        top = area.y + (max(heights) - height) / 2
        slots |= _stack(column, pieces, area, scale=scale, start=(left + width / 2, top))
        left += width + space
    return tuple(slots[at] for at in range(len(pieces)))


def _reading_rank(piece: Piece) -> int:
    return _READING_ORDER.index(FAMILY_OF[piece.category])


def _cuts(order: Sequence[int]) -> Iterator[list[list[int]]]:
    """Yield every way to cut ``order`` into runs."""
    for bits in range(2 ** (len(order) - 1)):
        ends = [at + 1 for at in range(len(order) - 1) if bits >> at & 1]
        yield [list(order[a:b]) for a, b in pairwise([0, *ends, len(order)])]


def _scale(columns: list[list[int]], pieces: Sequence[Piece], area: Area) -> float:
    """Return the pixels a centimetre at which ``columns`` fill the area's height or width."""
    room = min(
        (area.height - len(column) * area.caption - (len(column) - 1) * area.gap)
        / sum(pieces[at].height for at in column)
        for column in columns
    )
    low, high = 0.0, max(room, 0.0)
    for _ in range(24):  # widths grow with the scale, but not below the narrowest column
        middle = (low + high) / 2
        used = sum(_column_width(column, pieces, area, middle) for column in columns)
        fits = used + (len(columns) - 1) * area.gap <= area.width
        low, high = (middle, high) if fits else (low, middle)
    return low


def _column_width(column: list[int], pieces: Sequence[Piece], area: Area, scale: float) -> float:
    return max(area.narrowest, *(pieces[at].width * scale for at in column))


def _column_height(column: list[int], pieces: Sequence[Piece], area: Area, scale: float) -> float:
    garments = sum(pieces[at].height * scale for at in column)
    return garments + len(column) * area.caption + (len(column) - 1) * area.gap


def _stack(
    column: list[int],
    pieces: Sequence[Piece],
    area: Area,
    *,
    scale: float,
    start: tuple[float, float],
) -> dict[int, Slot]:
    """Stack a column's pieces; ``start`` is the middle of its upper edge."""
    centre, top = start
    slots: dict[int, Slot] = {}
    for at in column:
        width, height = pieces[at].width * scale, pieces[at].height * scale
        slots[at] = Slot(centre - width / 2, top, width, height)
        top += height + area.caption + area.gap
    return slots


@dataclass(frozen=True)
class Swatch:
    """A colour of the palette row."""

    name: str
    name_ko: str
    hex: str


def palette(garments: Sequence[Garment], *, most: int = 5) -> tuple[Swatch, ...]:
    """Return the look's colours, the largest first: by mask area times share, each name once."""
    weights: dict[str, float] = {}
    swatches: dict[str, Swatch] = {}
    for garment in garments:
        for color in garment.colors:
            weights[color.name] = weights.get(color.name, 0.0) + garment.area * color.share
            swatches.setdefault(color.name, Swatch(color.name, color.name_ko, color.hex))
    ranked = sorted(swatches, key=lambda name: (-weights[name], name))
    return tuple(swatches[name] for name in ranked[:most])
