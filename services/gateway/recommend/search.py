"""Finding the best looks without trying all: the best pieces by slot, their pairs, outerwear. Pure.

Of each slot the ``pieces`` that speak most for themselves are taken (and the cheapest, and those
that are asked for); of all their pairs the best, with every piece's best partners; and to these
pairs and to the dresses the outerwear.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np

from services.gateway.recommend.domain import SLOTS, Slot
from services.gateway.recommend.features import NONE, Bools, Features, Floats, Ints
from services.gateway.recommend.matching import totals
from services.gateway.recommend.wishes import Ask


@dataclass(frozen=True)
class Width:
    """How much is tried."""

    pieces: int = 48
    """Of a slot, by what speaks for them."""
    thrifty: int = 12
    """More of a slot that leave room in the budget."""
    partners: int = 4
    """Each piece's best pairs that go on."""
    pairs: int = 96
    """The best pairs of all that go on, beside."""


WIDTH: Final = Width()
_ROOM: Final = 0.5
"""Part of the budget that a thrifty piece takes at most."""


@dataclass(frozen=True, eq=False)
class Pool:
    """m looks."""

    places: Ints
    """(m, 4): the item of each of ``SLOTS``, or ``NONE``."""
    value: Floats
    """(m,): what speaks for it."""

    def __len__(self) -> int:
        return len(self.value)


@dataclass(frozen=True, eq=False)
class Hunt:
    """What is searched for."""

    features: Features
    allowed: Bools
    asked: list[Ask]
    unary: Floats
    """(n,)"""
    budget: int | None
    bare: float = 0.0
    """What is said of a look without outerwear."""
    matched: bool = True
    """Pieces should go together; else they need only be for the same people."""


@dataclass(frozen=True, eq=False)
class _Base:
    """b looks without outerwear, of one slot or two."""

    tried: dict[Slot, Ints]
    """The items of each slot that are tried."""
    at: dict[Slot, Ints]
    """(b,): which of them."""
    own: Floats
    """(b,): what speaks for the pieces, added up."""
    fits: Floats
    """(b,): what is said of top and bottom together; 0 for a dress."""

    @cached_property
    def worn(self) -> dict[Slot, Ints]:
        """(b,): the item of each slot."""
        return {slot: self.tried[slot][at] for slot, at in self.at.items()}

    def __len__(self) -> int:
        return len(self.own)


def search(hunt: Hunt, width: Width = WIDTH) -> Pool:
    """Return looks, best first; those of a wide search are the best there are."""
    slots = {slot: _pieces(hunt, slot, width) for slot in SLOTS}
    pools = []
    for base in (_pairs(hunt, slots["top"], slots["bottom"], width), _alone(hunt, slots["dress"])):
        if len(base):
            pools.append(_finished(hunt, base))
        if len(base) and len(slots["outer"]):
            pools.append(_layered(hunt, base, slots["outer"], width))
    return _ranked(pools)


def _pieces(hunt: Hunt, slot: Slot, width: Width) -> Ints:
    """Return the items of a slot that are tried, in the catalogue's order."""
    features = hunt.features
    all_of = features.by_slot[SLOTS.index(slot)]
    all_of = all_of[hunt.allowed[all_of]]
    if len(all_of) <= width.pieces:
        return all_of
    value = hunt.unary[all_of]
    groups = [all_of[_best(value, width.pieces)]]
    for ask in hunt.asked:
        wished = all_of[ask.mask[all_of]]
        groups.append(wished[_best(hunt.unary[wished], width.pieces)])
    if hunt.budget is not None:
        thrifty = all_of[features.price[all_of] <= _ROOM * hunt.budget]
        groups.append(thrifty[_best(hunt.unary[thrifty], width.thrifty)])
        groups.append(all_of[_best(-features.price[all_of].astype(float), width.thrifty)])
        for ask in hunt.asked:
            wished = all_of[ask.mask[all_of]]
            cheap = _best(-features.price[wished].astype(float), width.thrifty)
            groups.append(wished[cheap])
    return np.unique(np.concatenate(groups))


def _pairs(hunt: Hunt, tops: Ints, bottoms: Ints, width: Width) -> _Base:
    own = hunt.unary[tops][:, None] + hunt.unary[bottoms]
    found = _fit(hunt, tops, bottoms)
    value = own / 2 + found
    if hunt.budget is not None:
        price = hunt.features.price
        cost = price[tops][:, None] + price[bottoms]
        value = np.where(cost <= hunt.budget, value, -np.inf)
    kept = _promising(value, width)
    if hunt.asked:
        met = np.ones(value.shape, bool)
        for ask in hunt.asked:
            met &= ask.mask[tops][:, None] | ask.mask[bottoms]
        # Pairs that lack what is asked for wait for outerwear that has it.
        kept = np.union1d(
            _promising(np.where(met, value, -np.inf), width),
            _promising(np.where(met, -np.inf, value), width),
        )
    top, bottom = np.divmod(kept, max(1, len(bottoms)))
    return _Base(
        tried={"top": tops, "bottom": bottoms},
        at={"top": top, "bottom": bottom},
        own=own[top, bottom],
        fits=found[top, bottom],
    )


def _alone(hunt: Hunt, dresses: Ints) -> _Base:
    number = len(dresses)
    return _Base(
        tried={"dress": dresses},
        at={"dress": np.arange(number)},
        own=hunt.unary[dresses],
        fits=np.zeros(number),
    )


def _finished(hunt: Hunt, base: _Base) -> Pool:
    """Return the looks that have what is asked for without outerwear."""
    value = base.own / len(base.worn) + base.fits + hunt.bare
    places = _places(base.worn)
    if hunt.budget is None and not hunt.asked:
        return Pool(places, value)
    good = np.ones(len(base), bool)
    if hunt.budget is not None:
        good &= _price(hunt, base) <= hunt.budget
    for ask in hunt.asked:
        good &= _has(ask, base)
    return Pool(places[good], value[good])


def _layered(hunt: Hunt, base: _Base, outer: Ints, width: Width) -> Pool:
    """Return the looks with their best outerwear; means over pieces, and over pairs of them."""
    number = len(base.worn)
    found = base.fits[:, None]
    for slot, at in base.at.items():
        found = found + _fit(hunt, base.tried[slot], outer)[at]
    pairs = number * (number + 1) / 2
    value = (base.own[:, None] + hunt.unary[outer]) / (number + 1) + found / pairs
    if hunt.budget is not None:
        cost = _price(hunt, base)[:, None] + hunt.features.price[outer]
        value[cost > hunt.budget] = -np.inf
    for ask in hunt.asked:
        value[~(_has(ask, base)[:, None] | ask.mask[outer])] = -np.inf
    kept = _promising(value, width)
    row, column = np.divmod(kept, len(outer))
    worn = {slot: places[row] for slot, places in base.worn.items()}
    return Pool(_places({**worn, "outer": outer[column]}), value[row, column])


def _fit(hunt: Hunt, first: Ints, second: Ints) -> Floats:
    found = totals(hunt.features, first, second)
    return found if hunt.matched else np.where(np.isfinite(found), 0.0, -np.inf)


def _promising(value: Floats, width: Width) -> Ints:
    """Return flat indices: every row's and column's best and the best of all, where finite."""
    flat = value.reshape(-1)
    if not len(flat):
        return np.zeros(0, np.int64)
    rows, columns = value.shape
    kept = np.zeros(value.shape, bool)
    few = min(width.partners, columns)
    kept[np.arange(rows)[:, None], np.argpartition(-value, few - 1, axis=1)[:, :few]] = True
    few = min(width.partners, rows)
    kept[np.argpartition(-value, few - 1, axis=0)[:few], np.arange(columns)] = True
    kept.reshape(-1)[_best(flat, width.pairs)] = True
    return np.flatnonzero(kept & np.isfinite(value))


def _best(value: Floats, number: int) -> Ints:
    if len(value) <= number:
        return np.arange(len(value))
    return np.argpartition(-value, number - 1)[:number]


def _price(hunt: Hunt, base: _Base) -> Ints:
    """Return (b,): KRW."""
    return np.asarray(sum(hunt.features.price[places] for places in base.worn.values()))


def _has(ask: Ask, base: _Base) -> Bools:
    """Return (b,): whether one of the pieces is what is asked for."""
    return np.asarray(np.logical_or.reduce([ask.mask[places] for places in base.worn.values()]))


def _places(worn: dict[Slot, Ints]) -> Ints:
    """Return (m, 4): the items as they stand in a pool."""
    places = np.full((len(next(iter(worn.values()))), len(SLOTS)), NONE, np.int64)
    for slot, items in worn.items():
        places[:, SLOTS.index(slot)] = items
    return places


def _ranked(pools: list[Pool]) -> Pool:
    nothing = Pool(np.zeros((0, len(SLOTS)), np.int64), np.zeros(0))
    places = np.concatenate([pool.places for pool in (nothing, *pools)])
    value = np.concatenate([pool.value for pool in (nothing, *pools)])
    order = np.argsort(-value, kind="stable")
    return Pool(places[order], value[order])
