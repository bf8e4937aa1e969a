"""An outfit's name: opaque, the same for the same pieces, and enough to find them again. Pure.

Within one catalogue, looks are told apart by numbers, which are found faster than names.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from typing import Final

import numpy as np

from services.gateway.catalog.domain import Catalog, Item
from services.gateway.recommend.domain import SLOTS
from services.gateway.recommend.features import NONE, Features, Ints, features_of

_DIGEST: Final = 9
"""Bytes of each item's hash, no two items of a shop alike by chance."""
_LENGTH: Final = 12
"""Letters that these bytes make."""
_KEPT: Final = 1 << 17
"""Items whose hashes, and looks whose numbers are kept."""
_PLACES: Final = "places by token"
_LOOKS: Final = "looks by name"
_TOP, _DRESS = SLOTS.index("top"), SLOTS.index("dress")
_MOST: Final = 3
LETTERS: Final = r"^(?:[A-Za-z0-9_-]{12}){1,3}$"
"""What an outfit's id looks like."""


def outfit_id_of(pieces: Iterable[Item]) -> str:
    """Return the id of an outfit of these pieces, in whatever order."""
    return "".join(sorted(_token(piece.item_id) for piece in pieces))


def pieces_of(outfit_id: str, catalog: Catalog) -> tuple[Item, ...] | None:
    """Return an outfit's pieces; None: one of them is no longer in the catalogue."""
    places = places_of(outfit_id, features_of(catalog))
    return None if places is None else tuple(catalog.items[place] for place in places)


def places_of(outfit_id: str, features: Features) -> tuple[int, ...] | None:
    """Return the places of an outfit's pieces; None: one of them is no longer there."""
    tokens = [outfit_id[at : at + _LENGTH] for at in range(0, len(outfit_id), _LENGTH)]
    known = _places(features)
    if not 1 <= len(tokens) <= _MOST or not all(token in known for token in tokens):
        return None
    return tuple(known[token] for token in tokens)


def number_of(places: Sequence[int], features: Features) -> int | None:
    """Return a look's number; None: nobody can wear these pieces together."""
    slots = [int(features.slot[place]) for place in places]
    if len(set(slots)) < len(slots) or {_TOP, _DRESS} <= set(slots):
        return None
    row = np.full((1, len(SLOTS)), NONE)
    row[0, slots] = places
    return int(numbers(row, features)[0])


@dataclass(frozen=True)
class Known:
    """A look by its name."""

    places: tuple[int, ...]
    number: int | None


def known_looks(names: Iterable[str], features: Features) -> list[Known]:
    """Return the looks whose pieces are still there."""
    kept: dict[str, Known] = features.computed.setdefault(_LOOKS, {})
    if len(kept) > _KEPT:
        kept.clear()
    found = []
    for name in names:
        look = kept.get(name)
        if look is None:
            places = places_of(name, features)
            if places is None:
                continue
            look = kept[name] = Known(places, number_of(places, features))
        found.append(look)
    return found


def numbers(places: Ints, features: Features) -> Ints:
    """Return (m,): a number for each look of (m, 4) places, its own."""
    outer = places[:, SLOTS.index("outer")] + 1
    return inner_numbers(places, features) * (len(features.items) + 1) + outer


def inner_numbers(places: Ints, features: Features) -> Ints:
    """Return (m,): a number for each look, the same for those that differ by their outerwear."""
    above = np.maximum(places[:, _TOP], places[:, _DRESS]) + 1
    return above * (len(features.items) + 1) + places[:, SLOTS.index("bottom")] + 1


def _places(features: Features) -> dict[str, int]:
    if _PLACES not in features.computed:
        tokens = {_token(item.item_id): place for place, item in enumerate(features.items)}
        features.computed[_PLACES] = tokens
    found: dict[str, int] = features.computed[_PLACES]
    return found


@lru_cache(maxsize=_KEPT)
def _token(item_id: str) -> str:
    digest = blake2b(item_id.encode(), digest_size=_DIGEST).digest()
    return base64.urlsafe_b64encode(digest).decode()
