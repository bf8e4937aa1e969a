"""A catalogue as arrays, made once for each of its versions. Pure."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import blake2b
from threading import Lock
from typing import Any, Final, TypeVar

import numpy as np
import numpy.typing as npt

from services.gateway.catalog.domain import Catalog, Item
from services.gateway.recommend.domain import SLOTS, slot_of, words_of
from services.gateway.recommend.palette import season_fits
from services.gateway.recommend.titles import words_in
from shared.analytics.harmony import lch
from shared.contracts.vocabulary import BASIC_COLORS, CATEGORIES, GENDERS, PATTERNS, STYLES

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

NONE: Final = -1
"""In an array of indices: not told."""
_GRAY: Final = (60.0, 0.0, 0.0)
_KEPT: Final = 8
_LATELY: Final = 4_000_000
"""Numbers that are kept of what was computed lately, beside one catalogue."""
_Made = TypeVar("_Made")


class Lately:
    """What was computed lately, by all it depends on; safe in any thread."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._lock = Lock()
        self._made: OrderedDict[Hashable, Any] = OrderedDict()

    def of(self, *key: Hashable, make: Callable[[], _Made]) -> _Made:
        """Return what ``make`` returns or returned for ``key``; nobody may change it."""
        with self._lock:
            if key in self._made:
                self._made.move_to_end(key)
                found: _Made = self._made[key]
                return found
        made = make()
        with self._lock:
            self._made[key] = made
            while len(self._made) > self._most:
                self._made.popitem(last=False)
        return made


@dataclass(frozen=True, eq=False)
class Features:
    """n items; every array's first axis is n, in the catalogue's order."""

    items: tuple[Item, ...]
    slot: Ints
    """Index in ``SLOTS``."""
    category: Ints
    color: Ints
    """Of the largest part; ``NONE``: no colour was seen."""
    shares: Floats
    """(n, 16): of the surface, by basic colour; adds up to 1 where a colour was seen."""
    pattern: Ints
    styles: Floats
    """(n, 6): probabilities; even where none is told."""
    style: Ints
    """The likeliest."""
    lch: Floats
    """(n, 3): lightness, chroma, hue in degrees, of the largest part."""
    seasons: Floats
    """(n, 4): fit with each season's palette, in [0, 1], of all colours by share."""
    gender: Ints
    """Index in ``GENDERS``."""
    price: Ints
    available: Bools
    words: dict[str, Bools]
    """(n,) by vocabulary word: it is true of the item."""
    called: dict[str, Bools]
    """(n,) by colour or pattern: the item's title names it."""
    lot: npt.NDArray[np.uint64]
    """A number drawn from the item's id: what chance is made of, whatever the order."""
    computed: dict[str, Any] = field(default_factory=dict)
    """What others have computed of these arrays, to be kept as long as they are."""

    @cached_property
    def lately(self) -> Lately:
        """What is computed again and again: of an occasion, a style, a seed."""
        return Lately(max(16, _LATELY // max(1, len(self.items))))

    @cached_property
    def by_slot(self) -> tuple[Ints, ...]:
        """For each of ``SLOTS`` the places of its items, in order."""
        return tuple(np.flatnonzero(self.slot == at) for at in range(len(SLOTS)))

    @cached_property
    def traits(self) -> Ints:
        """(4, n + 1): each item itself, its colour, category, style; in the last place ``NONE``."""
        own = np.arange(len(self.items))
        told = np.array([own, self.color, self.category, self.style])
        return np.pad(told, ((0, 0), (0, 1)), constant_values=NONE)

    def having(self, names: Iterable[str]) -> Bools:
        """Return (n,) whether any of the words is true of the item."""
        return self._any(self.words, names)

    def named(self, names: Iterable[str]) -> Bools:
        """Return (n,) whether the title has any of the words."""
        return self._any(self.called, names)

    def _any(self, by_word: dict[str, Bools], names: Iterable[str]) -> Bools:
        found = np.zeros(len(self.items), bool)
        for name in names:
            if name in by_word:
                found |= by_word[name]
        return found


class _Kept:
    """The arrays of the last few catalogues."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._features: OrderedDict[int, tuple[Catalog, Features]] = OrderedDict()

    def of(self, catalog: Catalog) -> Features:
        """Return the arrays; the catalogue is kept with them, so that its id stays its own."""
        with self._lock:
            found = self._features.get(id(catalog))
            if found is None:
                found = (catalog, _features(catalog.items))
                self._features[id(catalog)] = found
                while len(self._features) > _KEPT:
                    self._features.popitem(last=False)
            self._features.move_to_end(id(catalog))
            return found[1]


_kept = _Kept()


def features_of(catalog: Catalog) -> Features:
    """Return the arrays of a catalogue."""
    return _kept.of(catalog)


def _features(items: tuple[Item, ...]) -> Features:
    colors = [item.colors[0] if item.colors else None for item in items]
    styles = _styles(items)
    return Features(
        items=items,
        slot=_indices((slot_of(item.category) for item in items), SLOTS),
        category=_indices((item.category for item in items), CATEGORIES),
        color=_indices((color.basic if color else None for color in colors), BASIC_COLORS),
        shares=_shares(items),
        pattern=_indices((item.pattern for item in items), PATTERNS),
        styles=styles,
        style=np.where([bool(item.styles) for item in items], styles.argmax(1), NONE),
        lch=np.array([lch(c.hex) if c else _GRAY for c in colors], np.float64).reshape(-1, 3),
        seasons=season_fits(items),
        gender=_indices((item.gender for item in items), GENDERS),
        price=np.array([item.price for item in items], np.int64),
        available=np.array([item.available for item in items], bool),
        words=_by_word([words_of(item) for item in items]),
        called=_by_word([words_in(item.title) for item in items]),
        lot=np.array([_lot(item.item_id) for item in items], np.uint64),
    )


def _indices(values: Iterable[str | None], names: Sequence[str]) -> Ints:
    place = {name: at for at, name in enumerate(names)}
    return np.array([place.get(value or "", NONE) for value in values], np.int64)


def _shares(items: Sequence[Item]) -> Floats:
    place = {name: at for at, name in enumerate(BASIC_COLORS)}
    shares = np.zeros((len(items), len(BASIC_COLORS)))
    for at, item in enumerate(items):
        for color in item.colors:
            shares[at, place[color.basic]] += color.share
    total = shares.sum(1, keepdims=True)
    np.divide(shares, total, out=shares, where=total > 0)
    return shares


def _styles(items: Sequence[Item]) -> Floats:
    told = [[item.styles.get(name, 0.0) for name in STYLES] for item in items]
    styles = np.array(told, np.float64).reshape(-1, len(STYLES))
    total = styles.sum(1, keepdims=True)
    even = np.full_like(styles, 1 / len(STYLES))
    np.divide(styles, total, out=even, where=total > 0)
    return even


def _by_word(said: Sequence[frozenset[str]]) -> dict[str, Bools]:
    found: dict[str, Bools] = {}
    for at, words in enumerate(said):
        for word in words:
            found.setdefault(word, np.zeros(len(said), bool))[at] = True
    return found


def _lot(item_id: str) -> int:
    return int.from_bytes(blake2b(item_id.encode(), digest_size=8).digest(), "big")
