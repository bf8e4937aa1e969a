"""The cells, pairs and harmonies that looks stand in; pure numpy, many looks at once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
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


_ITEMS: Final = (*CATEGORIES, *GROUPS, ALL)
_COLORS: Final = (*BASIC_COLORS, ALL)
_PATTERNS: Final = (*PATTERNS, ALL)
_NONE: Final = -1
_CELLS: Final = len(_PATTERNS) * len(_ITEMS) * len(_COLORS)
_PLACE_OF_ITEM: Final = {item: place for place, item in enumerate(_ITEMS)}
_PLACE_OF_COLOR: Final = {color: place for place, color in enumerate(_COLORS)}
_PLACE_OF_PATTERN: Final[dict[str | None, int]] = {
    **{pattern: place for place, pattern in enumerate(_PATTERNS)},
    None: _NONE,
}
_FAMILY: Final = np.array(
    [_PLACE_OF_ITEM[FAMILY_OF[item]] if FAMILY_OF[item] in GROUPS else _NONE for item in CATEGORIES]
)
_NAMES: Final = [
    (pattern, item, color) for pattern in _PATTERNS for item in _ITEMS for color in _COLORS
]


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
    strata = sorted({(look.week, look.style, look.source) for look in looks})
    place = {stratum: at for at, stratum in enumerate(strata)}
    stratum = np.array([place[look.week, look.style, look.source] for look in looks], np.int64)
    keys, numbers = np.unique(
        stratum[codes // _CELLS] * _CELLS + codes % _CELLS, return_counts=True
    )
    return Counter(
        {
            _key(strata[key // _CELLS], key % _CELLS): number
            for key, number in zip(keys.tolist(), numbers.tolist(), strict=True)
        }
    )


def _codes(look: Ints, item: Ints, *, color: Ints, pattern: Ints) -> Ints:
    """Return look x cell of every garment at every level."""
    found = []
    everything = np.full_like(look, 1)
    for at_item in (item, _FAMILY[item], everything * (len(_ITEMS) - 1)):
        for at_color in (color, everything * (len(_COLORS) - 1)):
            for at_pattern in (pattern, everything * (len(_PATTERNS) - 1)):
                cell = (at_pattern * len(_ITEMS) + at_item) * len(_COLORS) + at_color
                there = (at_item != _NONE) & (at_pattern != _NONE)
                found.append((look * _CELLS + cell)[there])
    return np.concatenate(found)


def _key(stratum: tuple[date, str, str], cell: int) -> CellKey:
    week, style, source = stratum
    return CellKey._make((week, *_NAMES[cell], style, source))


def _pairs(looks: Iterable[Look]) -> Counter[PairKey]:
    counts: Counter[PairKey] = Counter()
    for look in looks:
        worn = sorted({(_PLACE_OF_ITEM[piece.item], piece.color) for piece in look.garments})
        found = set()
        for (one, color), (two, other) in combinations(worn, 2):
            if one != two:
                names = _ITEMS[one], _ITEMS[two]
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
