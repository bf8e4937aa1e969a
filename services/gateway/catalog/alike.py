"""Items that look alike: by how the garment looks and by its colour, exactly. Pure numpy.

likeness = cosine of the embeddings - COLOR_WEIGHT * min(CIEDE2000, FAR) / FAR - a little where
the category differs. docs/shop-feed.md says how the weight was chosen.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
import numpy.typing as npt

from services.gateway.catalog.domain import Catalog, Item, Vector
from shared.contracts.garments import Color
from shared.contracts.vocabulary import CATEGORIES, FAMILY_OF
from shared.lab import ciede2000, srgb_to_lab

COLOR_WEIGHT: Final = 1.0
FAR: Final = 40.0
"""CIEDE2000 from which colours are simply different."""
OTHER_CATEGORY: Final = 0.1
_UNKNOWN_LOOK: Final = 0.0
"""The cosine where one of the two has no embedding: that of strangers."""
_FIRST: Final = 256

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Alike:
    """An item and how alike it is: 1 is the same garment, 0 and less are strangers."""

    item: Item
    likeness: float


@dataclass(frozen=True, eq=False)
class Shelf:
    """A catalogue's items as arrays, to be searched."""

    items: tuple[Item, ...]

    @cached_property
    def looks(self) -> Vector:
        """Embeddings (n, size); zeros where an item has none."""
        size = next((len(i.embedding) for i in self.items if i.embedding is not None), 1)
        rows = np.zeros((len(self.items), size), np.float32)
        for row, item in zip(rows, self.items, strict=True):
            if item.embedding is not None and len(item.embedding) == size:
                row[:] = item.embedding
        return rows

    @cached_property
    def lab(self) -> Floats:
        """The largest colour of each item in CIELAB (n, 3); nan where it is not known."""
        codes = b"".join(
            bytes.fromhex(item.colors[0].hex[1:]) if item.colors else b"\0\0\0"
            for item in self.items
        )
        lab: Floats = srgb_to_lab(np.frombuffer(codes, np.uint8).reshape(-1, 3)).astype(float)
        lab[[not item.colors for item in self.items]] = np.nan
        return lab

    @cached_property
    def categories(self) -> npt.NDArray[np.int64]:
        """Index in ``CATEGORIES`` of each item."""
        return np.array([CATEGORIES.index(item.category) for item in self.items], np.int64)

    @cached_property
    def available(self) -> npt.NDArray[np.bool_]:
        """Which are in stock."""
        return np.array([item.available for item in self.items], bool)


@dataclass(frozen=True, eq=False)
class Wanted:
    """A garment that alike items are looked for."""

    category: str
    colors: Sequence[Color] = ()
    embedding: Vector | None = None

    @classmethod
    def like(cls, item: Item) -> Wanted:
        """Return what an item looks like."""
        return cls(item.category, item.colors, item.embedding)


def alike(
    catalog: Catalog, wanted: Wanted, *, limit: int, without: Collection[str] = ()
) -> tuple[Alike, ...]:
    """Return up to ``limit`` items of the garment's family, the most alike first.

    Those in stock come before all others. ``without``: ids of items that are left out.
    """
    shelf = shelf_of(catalog)
    members = [
        CATEGORIES.index(c) for c in CATEGORIES if FAMILY_OF[c] == FAMILY_OF[wanted.category]
    ]
    kin = np.isin(shelf.categories, members)
    found: list[Alike] = []
    for part in (kin & shelf.available, kin & ~shelf.available):
        places = np.flatnonzero(part)
        missing = limit - len(found)
        if missing > 0 and len(places):
            best = _best(shelf, wanted, places, missing + len(without))
            new = [Alike(shelf.items[at], score) for at, score in best]
            found += [one for one in new if one.item.item_id not in without][:missing]
    return tuple(found)


def shelf_of(catalog: Catalog) -> Shelf:
    """Return a catalogue's arrays, made once for each catalogue."""
    shelf: Shelf | None = catalog.__dict__.get("_shelf")
    if shelf is None:
        shelf = Shelf(catalog.items)
        catalog.__dict__["_shelf"] = shelf  # frozen for everybody else
    return shelf


def _best(
    shelf: Shelf, wanted: Wanted, places: npt.NDArray[np.int64], limit: int
) -> list[tuple[int, float]]:
    """Return the places of the most alike items and how alike they are.

    Colour and category only take away from the cosine: an item whose cosine is below the worst
    of the best is none of them, and its colour need not be compared.
    """
    cosine = _cosines(shelf, wanted, places)
    order = np.argsort(-cosine, kind="stable")
    first = order[: max(_FIRST, limit)]
    scores = cosine[first] - _penalty(shelf, wanted, places[first])
    if len(first) < len(order):
        worst = np.sort(scores)[-min(limit, len(scores))]
        rest = order[len(first) :][cosine[order[len(first) :]] >= worst]
        scores = np.concatenate([scores, cosine[rest] - _penalty(shelf, wanted, places[rest])])
        first = np.concatenate([first, rest])
    ranked = sorted(zip(-scores, places[first].tolist(), strict=True))[:limit]
    return [(at, float(-score)) for score, at in ranked]


def _cosines(shelf: Shelf, wanted: Wanted, places: npt.NDArray[np.int64]) -> Floats:
    if wanted.embedding is None or len(wanted.embedding) != shelf.looks.shape[1]:
        return np.full(len(places), _UNKNOWN_LOOK)
    cosines: Floats = (shelf.looks @ wanted.embedding)[places].astype(float)
    return cosines


def _penalty(shelf: Shelf, wanted: Wanted, places: npt.NDArray[np.int64]) -> Floats:
    other = shelf.categories[places] != CATEGORIES.index(wanted.category)
    penalty: Floats = OTHER_CATEGORY * other.astype(float)
    if wanted.colors:
        code = np.frombuffer(bytes.fromhex(wanted.colors[0].hex[1:]), np.uint8)
        apart = ciede2000(shelf.lab[places], srgb_to_lab(code[None])[0])
        far = np.minimum(np.nan_to_num(apart, nan=FAR / 2), FAR) / FAR
        penalty = penalty + COLOR_WEIGHT * far
    return penalty
