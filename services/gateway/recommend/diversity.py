"""Choosing looks that are good and differ: maximal marginal relevance. Pure.

Carbonell and Goldstein, SIGIR 1998: each next look has the largest
``b * quality - (1 - b) * likeness``, likeness being to the most alike of those chosen.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

import numpy as np

from services.gateway.recommend import outfit_ids
from services.gateway.recommend.domain import SLOTS
from services.gateway.recommend.features import NONE, Features, Floats, Ints
from services.gateway.recommend.search import Pool

LOOKED_AT: Final = 600
"""The best looks of the pool that are chosen from."""

_SAME_ITEM, _SAME_COLOR, _SAME_KIND, _SAME_STYLE = 0.40, 0.20, 0.25, 0.15
"""Parts of likeness; they add up to 1."""
_PARTS: Final = np.repeat([_SAME_ITEM, _SAME_COLOR, _SAME_KIND, _SAME_STYLE], len(SLOTS))


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
    worth = balance * np.exp(value - value[0])
    number = (places != NONE).sum(1)
    was_shown = np.zeros(len(features.items) + 1, bool)  # its last place is NONE's
    was_shown[list(seen)] = True
    likeness = _SAME_ITEM * was_shown[places].sum(1) / number
    told = _told(features, places)
    inner = outfit_ids.inner_numbers(places, features)
    chosen: list[int] = []
    left = np.ones(len(value), bool)
    while left.any():
        best = int(np.where(left, worth - (1 - balance) * likeness, -np.inf).argmax())
        chosen.append(best)
        if len(chosen) == limit:
            break
        left &= inner != inner[best]  # no two differ by their outerwear alone
        likeness = np.maximum(likeness, _likeness(told, number, best))
    return chosen


def _told(features: Features, places: Ints) -> Ints:
    """Return (m, 16): item, colour, category and style of each of ``SLOTS``; ``NONE``: not told."""
    return features.traits[:, places].swapaxes(0, 1).reshape(len(places), -1)


def _likeness(told: Ints, number: Ints, chosen: int) -> Floats:
    """Return (m,) in [0, 1]: how alike each look is to the chosen one."""
    same = (told == told[chosen]) & (told[chosen] != NONE)
    return np.asarray(same @ _PARTS / np.maximum(number, number[chosen]))
