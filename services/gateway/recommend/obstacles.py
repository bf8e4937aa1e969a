"""Which wish stands in the way where there are few outfits, and what would help. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from services.gateway.chat.domain import Slots
from services.gateway.recommend import obstacle_texts
from services.gateway.recommend.domain import SLOTS, Obstacle, ObstacleKind, Situation
from services.gateway.recommend.features import NONE, Features
from services.gateway.recommend.search import Hunt, Pool, Width, search
from services.gateway.recommend.wishes import Constraint, Limits
from shared.contracts.vocabulary import BASIC_COLORS

SEARCHED: Final = 99
"""Outfits that are counted at most."""

_WIDE: Final = Width(pieces=64, thrifty=32)
_INNER: Final = [SLOTS.index(slot) for slot in ("top", "bottom", "dress")]
_STEP: Final = 1_000
"""KRW that a budget is told in."""
_STRETCH: Final = 1.5
"""A budget is the first thing to give way as long as it grows by no more than this."""
_EASIEST: Final[tuple[Constraint, ...]] = (
    "color", "pattern", "budget", "rules", "avoid", "stock", "gender", "item",
)  # fmt: skip
_KINDS: Final[dict[Constraint, ObstacleKind]] = {
    "stock": "stock", "avoid": "avoid", "gender": "gender", "rules": "occasion",
    "budget": "budget", "item": "item", "color": "color", "pattern": "pattern",
}  # fmt: skip
_INSTEAD: Final = 3
"""Other colours that are named."""


@dataclass(frozen=True, eq=False)
class Search:
    """The wish that found few, and how to search without one of its limits."""

    features: Features
    wanted: Slots
    limits: Limits
    situation: Situation
    hunt: Callable[[frozenset[Constraint], str | None], Hunt]

    def pool(self, dropped: Constraint) -> Pool:
        """Return the looks without this limit."""
        return search(self.hunt(frozenset((dropped,)), None), _WIDE)

    def sparing(self, word: str) -> Pool:
        """Return the looks where this one word were not avoided."""
        return search(self.hunt(frozenset(), word), _WIDE)

    def cheapest(self, number: int) -> int | None:
        """Return the KRW from which there are ``number`` looks, in whole thousands."""
        hunt = self.hunt(frozenset(("budget",)), None)
        price = self.features.price.astype(float)
        pool = search(replace(hunt, unary=-price, bare=0.0, matched=False), _WIDE)
        totals = np.where(pool.places == NONE, 0, self.features.price[pool.places]).sum(1)
        cheapest_first = np.argsort(totals, kind="stable")
        found: set[tuple[int, ...]] = set()
        for row in cheapest_first:
            found.add(_inner(pool, row))
            if len(found) == number:
                return -(-int(totals[row]) // _STEP) * _STEP
        return None


def obstacle(search: Search, *, found: int, enough: int) -> Obstacle:
    """Return which limit is in the way: the easiest to give up that is enough, or helps most."""
    if not len(search.features.items):
        return _empty()
    helped: dict[Constraint, int] = {}
    for name in _easiest(search, enough):
        helped[name] = _distinct(search.pool(name))
        if helped[name] >= enough:
            return _told(search, name, found=found, relaxed=helped[name], enough=enough)
    best = max(helped, key=lambda name: helped[name], default=None)
    if best is None or helped[best] <= found:
        return _all_of_them(found)
    return _told(search, best, found=found, relaxed=helped[best], enough=enough)


def _easiest(search: Search, enough: int) -> list[Constraint]:
    """Return the limits that hold, the easiest to give up first."""
    held = [name for name in _EASIEST if _holds(search, name)]
    limit = search.limits.budget
    if limit is not None and len(held) > 1:
        budget = search.cheapest(enough)
        if budget is not None and budget <= _STRETCH * limit:
            held.sort(key=lambda name: name != "budget")
    return held


def _distinct(pool: Pool) -> int:
    """Return how many looks differ by more than their outerwear; ``SEARCHED`` at most."""
    found: set[tuple[int, ...]] = set()
    for row in range(len(pool)):
        found.add(_inner(pool, row))
        if len(found) == SEARCHED:
            break
    return len(found)


def _inner(pool: Pool, row: int) -> tuple[int, ...]:
    return tuple(pool.places[row, _INNER].tolist())


def _holds(search: Search, name: Constraint) -> bool:
    wanted, limits, situation = search.wanted, search.limits, search.situation
    said = {
        "color": wanted.color,
        "pattern": wanted.pattern,
        "item": wanted.item,
        "budget": limits.budget is not None,
        "avoid": limits.avoid,
        "gender": limits.genders,
        "rules": situation.occasion or not situation.assumed,
        "stock": not search.features.available.all(),
    }
    return bool(said[name])


def _told(search: Search, name: Constraint, *, found: int, relaxed: int, enough: int) -> Obstacle:
    words = _words(search, name)
    if name == "avoid":
        words, relaxed = _spare(search, words, relaxed=relaxed, enough=enough)
    said = obstacle_texts.told(name, words, search.wanted, limit=search.limits.budget)
    few = obstacle_texts.few(found)
    number = min(relaxed, enough)
    budget = search.cheapest(number) if name == "budget" else None
    if budget is not None:
        more = obstacle_texts.budget_from(budget, number)
    else:
        more = obstacle_texts.more(name, relaxed, _instead(search, name), most=SEARCHED)
    return Obstacle(
        kind=_KINDS[name],
        words=words,
        found=found,
        relaxed=relaxed,
        budget=budget,
        ko=f"{said['ko']} {few['ko']} {more['ko']}",
        en=f"{few['en']} {said['en']}. {more['en']}",
    )


def _spare(
    search: Search, words: tuple[str, ...], *, relaxed: int, enough: int
) -> tuple[tuple[str, ...], int]:
    """Return the one avoided word that stands in the way, and the looks without it; or all."""
    for word in words if len(words) > 1 else ():
        number = _distinct(search.sparing(word))
        if number >= enough:
            return (word,), number
    return words, relaxed


def _words(search: Search, name: Constraint) -> tuple[str, ...]:
    wanted, limits, situation = search.wanted, search.limits, search.situation
    if name == "rules":
        weather = () if situation.assumed else (wanted.weather or wanted.season)
        return (*situation.occasion, *weather)
    found: dict[Constraint, tuple[str, ...]] = {
        "color": wanted.color,
        "pattern": wanted.pattern,
        "item": wanted.item,
        "avoid": tuple(sorted(limits.avoid)),
        "gender": limits.genders,
    }
    return found.get(name, ())


def _instead(search: Search, name: Constraint) -> tuple[tuple[str, int], ...]:
    """Return the colours that there are instead, with the pieces in them, most first."""
    if name != "color":
        return ()
    hunt = search.hunt(frozenset(("color",)), None)
    such = hunt.allowed.copy()
    for ask in hunt.asked:
        such &= ask.mask
    colors = search.features.color[such]
    counts = np.bincount(colors[colors != NONE], minlength=len(BASIC_COLORS))
    order = sorted(range(len(counts)), key=lambda at: (-counts[at], at))
    return tuple((BASIC_COLORS[at], int(counts[at])) for at in order[:_INSTEAD] if counts[at])


def _all_of_them(found: int) -> Obstacle:
    few = obstacle_texts.few(found)
    return Obstacle(
        kind="none",
        words=(),
        found=found,
        relaxed=found,
        budget=None,
        ko=f"말씀하신 것을 모두 맞추면 {few['ko']} 두 가지 이상을 함께 바꿔 보세요.",
        en=f"{few['en']} that meets all of it. Try changing two wishes or more together.",
    )


def _empty() -> Obstacle:
    return Obstacle(
        kind="empty",
        words=(),
        found=0,
        relaxed=0,
        budget=None,
        ko="아직 상품이 없습니다. 관리자가 상점 피드를 등록하면 코디를 추천해 드립니다.",
        en="There are no items yet. Outfits come as soon as an admin has registered a shop's feed.",
    )
