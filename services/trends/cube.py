"""The cells, pairs and harmonies that looks stand in; pure numpy, many looks at once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import combinations
from typing import Final, NamedTuple, TypeVar

import numpy as np
import numpy.typing as npt

from services.trends.domain import Look
from shared.analytics.harmony import harmony_of
from shared.contracts.vocabulary import (
    ALL,
    BASIC_COLORS,
    CATEGORIES,
    FAMILY_OF,
    GROUPS,
    PATTERNS,
)

Ints = npt.NDArray[np.int64]


class CellKey(NamedTuple):
    """A cell of the weekly cube."""

    week: date
    pattern: str
    item: str
    """A category, a family of several (``GROUPS``), or ALL."""
    color: str
    style: str
    source: str


class PairKey(NamedTuple):
    """Two garments of different categories in one look; colours are both given or both ALL."""

    week: date
    item: str
    color: str
    other_item: str
    """Behind ``item`` in DeepFashion2's order."""
    other_color: str
    source: str


class HarmonyKey(NamedTuple):
    """A colour harmony in a week."""

    week: date
    harmony: str
    style: str
    source: str


Key = TypeVar("Key", CellKey, PairKey, HarmonyKey)


@dataclass(frozen=True)
class Counts:
    """What some looks add up to, or take away: looks by key."""

    cells: Counter[CellKey] = field(default_factory=Counter)
    pairs: Counter[PairKey] = field(default_factory=Counter)
    harmonies: Counter[HarmonyKey] = field(default_factory=Counter)

    def minus(self, other: Counts) -> Counts:
        """Return the differences, without those that are zero."""
        return Counts(
            cells=_difference(self.cells, other.cells),
            pairs=_difference(self.pairs, other.pairs),
            harmonies=_difference(self.harmonies, other.harmonies),
        )

    def plus(self, other: Counts) -> Counts:
        """Return the sums, without those that are zero."""
        return self.minus(Counts().minus(other))


# Sorted, so that cells that are in the order of their codes are in the order of their keys.
_ITEMS: Final = tuple(sorted((*CATEGORIES, *GROUPS, ALL)))
_COLORS: Final = tuple(sorted((*BASIC_COLORS, ALL)))
_PATTERNS: Final = tuple(sorted((*PATTERNS, ALL)))
_NONE: Final = -1
_CELLS: Final = len(_PATTERNS) * len(_ITEMS) * len(_COLORS)
_PLACE_OF_ITEM: Final = {item: place for place, item in enumerate(_ITEMS)}
_PLACE_OF_COLOR: Final = {color: place for place, color in enumerate(_COLORS)}
_PLACE_OF_PATTERN: Final[dict[str | None, int]] = {
    **{pattern: place for place, pattern in enumerate(_PATTERNS)},
    None: _NONE,
}
_FAMILY: Final = np.array(
    [_PLACE_OF_ITEM[FAMILY_OF[item]] if FAMILY_OF.get(item) in GROUPS else _NONE for item in _ITEMS]
)
_NAMES: Final = [
    (pattern, item, color) for pattern in _PATTERNS for item in _ITEMS for color in _COLORS
]
_RANK: Final = {item: rank for rank, item in enumerate(CATEGORIES)}
"""DeepFashion2's order."""


def count(looks: Sequence[Look]) -> Counts:
    """Return how many of ``looks`` stand in each cell, pair and harmony (rule 3)."""
    return Counts(cells=_cells(looks), pairs=_pairs(looks), harmonies=_harmonies(looks))


def _cells(looks: Sequence[Look]) -> Counter[CellKey]:
    worn = [
        (at, _PLACE_OF_ITEM[item], _PLACE_OF_COLOR[color], _PLACE_OF_PATTERN[pattern])
        for at, look in enumerate(looks)
        for item, color, pattern, _ in look.garments
    ]
    if not worn:
        return Counter()
    look, item, color, pattern = np.array(worn, np.int64).T
    codes = np.sort(_codes(look, item, color=color, pattern=pattern))
    codes = codes[np.diff(codes, prepend=_NONE) != 0]  # a look stands once; np.unique is slower
    weeks = sorted({look.week for look in looks})
    lots = sorted({(look.style, look.source) for look in looks})
    week = _places(weeks, (look.week for look in looks))
    lot = _places(lots, ((look.style, look.source) for look in looks))
    at, cell = np.divmod(codes, _CELLS)
    keys, numbers = np.unique((week[at] * _CELLS + cell) * len(lots) + lot[at], return_counts=True)
    cells, lot = np.divmod(keys, len(lots))
    week, cell = np.divmod(cells, _CELLS)
    names = (
        CellKey._make((weeks[a], *_NAMES[b], *lots[c]))
        for a, b, c in zip(week.tolist(), cell.tolist(), lot.tolist(), strict=True)
    )
    return Counter(dict(zip(names, numbers.tolist(), strict=True)))


def _places(known: Sequence[Hashable], values: Iterable[Hashable]) -> Ints:
    """Return where in ``known`` each of ``values`` is."""
    place = {value: at for at, value in enumerate(known)}
    return np.array([place[value] for value in values], np.int64)


def _codes(look: Ints, item: Ints, *, color: Ints, pattern: Ints) -> Ints:
    """Return look x cell of every garment at every level."""
    found = []
    every_item = np.full_like(look, _PLACE_OF_ITEM[ALL])
    every_color = np.full_like(look, _PLACE_OF_COLOR[ALL])
    every_pattern = np.full_like(look, _PLACE_OF_PATTERN[ALL])
    for at_item in (item, _FAMILY[item], every_item):
        for at_color in (color, every_color):
            for at_pattern in (pattern, every_pattern):
                cell = (at_pattern * len(_ITEMS) + at_item) * len(_COLORS) + at_color
                there = (at_item != _NONE) & (at_pattern != _NONE)
                found.append((look * _CELLS + cell)[there])
    return np.concatenate(found)


def _pairs(looks: Iterable[Look]) -> Counter[PairKey]:
    counts: Counter[PairKey] = Counter()
    for look in looks:
        worn = sorted({(_RANK[piece.item], piece.color) for piece in look.garments})
        found = set()
        for (one, color), (two, other) in combinations(worn, 2):
            if one != two:
                names = CATEGORIES[one], CATEGORIES[two]
                found.add(PairKey(look.week, names[0], color, names[1], other, look.source))
                found.add(PairKey(look.week, names[0], ALL, names[1], ALL, look.source))
        counts.update(found)
    return counts


def _harmonies(looks: Iterable[Look]) -> Counter[HarmonyKey]:
    counts: Counter[HarmonyKey] = Counter()
    for look in looks:
        harmony = harmony_of(piece.hex for piece in look.garments)
        if harmony is not None:
            counts[HarmonyKey(look.week, harmony, look.style, look.source)] += 1
    return counts


def _difference(one: Counter[Key], other: Counter[Key]) -> Counter[Key]:
    left = one.copy()
    left.subtract(other)
    for key in other:
        if not left[key]:
            del left[key]
    return left
