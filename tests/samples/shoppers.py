"""Simulated shoppers: each has a hidden taste, is shown looks, and says which they like.

A shopper's taste is a weight for each style, colour, category and pattern; a look is worth the mean
over its pieces, and liked where it is among the best ``LIKED`` of all looks that can be made of
the catalogue. One answer in ``SLIPS`` is given wrongly.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

import numpy as np

from services.gateway.catalog.domain import Catalog, Item
from services.gateway.chat.domain import Slots
from services.gateway.people.book import profile_of
from services.gateway.people.domain import Profile, Trait
from services.gateway.people.learning import Known, learned, signals_of_look
from services.gateway.recommend.domain import Outfit, slot_of, traits
from services.gateway.recommend.recommending import recommend
from services.gateway.recommend.trending import TrendEvidence
from shared.contracts.vocabulary import BASIC_COLORS, CATEGORIES, PATTERNS, STYLES

LIKED: Final = 0.1
SLIPS: Final = 20
FEEDBACKS: Final = 10
_NOW: Final = datetime(2026, 11, 22, tzinfo=UTC)
_LOOKS: Final = 1_500

Pieces = Sequence[Item]


@dataclass
class Shopper:
    """Somebody whose taste nobody knows, and what is learned of it."""

    taste: dict[Trait, float]
    threshold: float
    dice: random.Random
    known: dict[Trait, Known] = field(default_factory=dict)
    seen: list[str] = field(default_factory=list)

    @property
    def profile(self) -> Profile:
        """What is known of the shopper by now."""
        return profile_of(self.known.values(), {}, _NOW)

    def likes(self, pieces: Pieces) -> bool:
        """Tell whether a look truly pleases."""
        return worth(pieces, self.taste) >= self.threshold

    def answer(self, outfit: Outfit) -> None:
        """Say whether a look pleases, mostly rightly; it is learned from."""
        liked = self.likes(outfit.pieces)
        if self.dice.randrange(SLIPS) == 0:
            liked = not liked
        signals = signals_of_look(traits(outfit), self.profile.tastes, liked=liked)
        for signal in signals:
            trait = (signal.kind, signal.value)
            self.known[trait] = learned(self.known.get(trait), signal, _NOW)


def shopper(catalog: Catalog, seed: int) -> Shopper:
    """Return a shopper with a taste drawn by ``seed``."""
    dice = random.Random(seed)
    taste: dict[Trait, float] = {}
    for kind, words, weight in (
        ("style", STYLES, 1.0), ("color", BASIC_COLORS, 1.0),
        ("item", CATEGORIES, 0.7), ("pattern", PATTERNS, 0.5),
    ):  # fmt: skip
        taste |= {(kind, word): weight * dice.gauss(0, 1) for word in words}
    looks = [worth(random_look(catalog, dice), taste) for _ in range(_LOOKS)]
    return Shopper(taste, float(np.quantile(looks, 1 - LIKED)), dice)


def worth(pieces: Pieces, taste: dict[Trait, float]) -> float:
    """Return what a look is worth to a taste."""
    return sum(_worth(piece, taste) for piece in pieces) / len(pieces)


def random_look(catalog: Catalog, dice: random.Random) -> list[Item]:
    """Return any look that can be made of what is in stock."""
    by_slot: dict[str, list[Item]] = {"top": [], "bottom": [], "outer": [], "dress": []}
    for item in catalog.items:
        if item.available:
            by_slot[slot_of(item.category)].append(item)
    inner = ("dress",) if dice.random() < 0.3 else ("top", "bottom")
    outer = ("outer",) if dice.random() < 0.4 else ()
    return [dice.choice(by_slot[slot]) for slot in (*outer, *inner)]


def taught(
    who: Shopper, catalog: Catalog, trend: TrendEvidence, *, feedbacks: int = FEEDBACKS
) -> Shopper:
    """Show looks one after the other, each time asking whether it pleases."""
    for number in range(feedbacks):
        found = _recommended(who, catalog, trend, seed=number, limit=1)
        who.seen += [outfit.outfit_id for outfit in found]
        who.answer(found[0])
    return who


def hits(who: Shopper, catalog: Catalog, trend: TrendEvidence) -> float:
    """Return which part of the three best new looks the shopper likes."""
    found = _recommended(who, catalog, trend, seed=FEEDBACKS, limit=3)
    return sum(who.likes(outfit.pieces) for outfit in found) / len(found)


def popular_looks(catalog: Catalog, trend: TrendEvidence, *, number: int = 3) -> list[list[Item]]:
    """Return the looks of what is worn most: the baseline, the same for everybody.

    Each piece counts by the looks of its item and colour; no piece is shown twice.
    """

    def counted(item: Item) -> int:
        seen = trend.seen(item=item.category, color=item.colors[0].basic)
        return seen.looks if seen else 0

    left = sorted((i for i in catalog.items if i.available), key=lambda i: (-counted(i), i.item_id))
    looks = []
    for _ in range(number):
        best = {slot: [i for i in left if slot_of(i.category) == slot] for slot in
                ("top", "bottom", "dress")}  # fmt: skip
        choices = [[best["top"][0], best["bottom"][0]], [best["dress"][0]]]
        look = max(choices, key=lambda pieces: sum(map(counted, pieces)) / len(pieces))
        looks.append(look)
        left = [item for item in left if item not in look]
    return looks


def mean_over(number: int, measure: Callable[[int], float]) -> float:
    """Return the mean of ``measure`` over so many seeds."""
    return sum(measure(seed) for seed in range(number)) / number


def _worth(piece: Item, taste: dict[Trait, float]) -> float:
    colors = sum(taste["color", color.basic] * color.share for color in piece.colors)
    styles = sum(taste["style", style] * share for style, share in piece.styles.items())
    pattern = taste["pattern", piece.pattern] if piece.pattern else 0.0
    return colors + styles + pattern + taste["item", piece.category]


def _recommended(
    who: Shopper, catalog: Catalog, trend: TrendEvidence, *, seed: int, limit: int
) -> tuple[Outfit, ...]:
    found = recommend(
        catalog, Slots(), who.profile, trend,
        today=_NOW.date(), limit=limit, seed=seed, seen=who.seen,
    )  # fmt: skip
    return found.outfits
