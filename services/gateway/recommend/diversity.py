"""Choosing looks that are good and differ: maximal marginal relevance. Pure.

Carbonell and Goldstein, SIGIR 1998: each next look has the largest
``b * quality - (1 - b) * likeness``, likeness being to the most alike of those chosen.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

import numpy as np

from services.gateway.recommend.features import NONE, Features, Floats, Ints
from services.gateway.recommend.search import Pool

LOOKED_AT: Final = 600
"""The best looks of the pool that are chosen from."""

_SAME_ITEM, _SAME_COLOR, _SAME_KIND, _SAME_STYLE = 0.40, 0.20, 0.25, 0.15
"""Parts of likeness; they add up to 1."""


def choose(
    pool: Pool, features: Features, *, limit: int, balance: float, seen: Collection[int] = ()
) -> list[int]:
    """Return the rows of at most ``limit`` looks, best first.

    ``balance`` in [0, 1]: 1 looks at quality alone. ``seen``: items shown before, which count
    against a look as if it were chosen already.
    """
    places, value = pool.places[:LOOKED_AT], pool.value[:LOOKED_AT]
    if not len(value):
        return []
    quality = np.exp(value - value[0])
    likeness = _SAME_ITEM * np.isin(places, list(seen)).sum(1) / (places != NONE).sum(1)
    chosen: list[int] = []
    left = np.ones(len(value), bool)
    while left.any() and len(chosen) < limit:
        worth = np.where(left, balance * quality - (1 - balance) * likeness, -np.inf)
        best = int(worth.argmax())
        chosen.append(best)
        left &= ~_same_look(places, best)
        likeness = np.maximum(likeness, _likeness(features, places, best))
    return chosen


def _same_look(places: Ints, chosen: int) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Return (m,): the looks that differ from the chosen one by their outerwear at most."""
    inner = np.delete(places, 2, axis=1)
    return np.asarray((inner == inner[chosen]).all(1))


def _likeness(features: Features, places: Ints, chosen: int) -> Floats:
    """Return (m,) in [0, 1]: how alike each look is to the chosen one."""
    worn = places != NONE
    both = worn & worn[chosen]
    number = np.maximum(worn.sum(1), worn[chosen].sum())

    def part(values: Ints) -> Floats:
        told = np.where(worn, values[places], NONE)
        return np.asarray((both & (told == told[chosen]) & (told != NONE)).sum(1) / number)

    own = np.arange(len(features.items))
    return (
        _SAME_ITEM * part(own)
        + _SAME_COLOR * part(features.color)
        + _SAME_KIND * part(features.category)
        + _SAME_STYLE * part(features.style)
    )
