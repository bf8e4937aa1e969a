"""Whatever few things a shop has and whatever is wished for: every look holds every limit."""

from __future__ import annotations

import random
from collections.abc import Iterator
from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from services.gateway.catalog.domain import Catalog, Item
from services.gateway.recommend.domain import main_color, slot_of, words_of
from services.gateway.recommend.recommending import recommend
from services.gateway.recommend.rules import situation_of, table
from services.gateway.recommend.titles import words_in
from services.gateway.recommend.wishes import Limits
from shared.contracts.vocabulary import FAMILY_OF
from tests.samples.catalog import TODAY, made_catalog, no_trend
from tests.unit.gateway.recommend.people import random_person, random_wish

WORN = ({"top", "bottom"}, {"top", "bottom", "outer"}, {"dress"}, {"dress", "outer"})


def looks(items: tuple[Item, ...]) -> Iterator[tuple[Item, ...]]:
    """Yield everything that can be worn together."""
    for number in (1, 2, 3):
        for pieces in combinations(items, number):
            slots = [slot_of(piece.category) for piece in pieces]
            if len(set(slots)) == len(slots) and set(slots) in WORN:
                yield pieces


def may_be_worn(pieces: tuple[Item, ...], wanted, profile) -> bool:
    """Say by plain words, piece by piece, whether a look holds every limit."""
    limits = Limits.of(wanted, profile)
    situation = situation_of(wanted, TODAY)
    for piece in pieces:
        words = words_of(piece)
        asked = not words.isdisjoint(wanted.item)
        if not piece.available or not (words | words_in(piece.title)).isdisjoint(limits.avoid):
            return False
        if limits.genders and piece.gender not in (*limits.genders, "any"):
            return False
        unmanly = FAMILY_OF[piece.category] in ("dress", "skirt") or piece.category == "sling"
        if limits.genders == ("men",) and unmanly and piece.gender != "men" and not asked:
            return False
        never = (r for r in table().rule if r.never and r.weight(situation) == 1)
        if not asked and any(rule.is_about(piece) for rule in never):
            return False
    if limits.budget is not None and sum(piece.price for piece in pieces) > limits.budget:
        return False
    return len({piece.gender for piece in pieces} - {"any"}) <= 1 and _has_asked(pieces, wanted)


def _has_asked(pieces: tuple[Item, ...], wanted) -> bool:
    def colored(piece: Item) -> bool:
        return not wanted.color or main_color(piece) in wanted.color

    def patterned(piece: Item) -> bool:
        return not wanted.pattern or piece.pattern in wanted.pattern

    if not wanted.item:
        return any(map(colored, pieces)) and any(map(patterned, pieces))
    named = [piece for piece in pieces if not words_of(piece).isdisjoint(wanted.item)]
    return any(colored(piece) and patterned(piece) for piece in named)


@given(size=st.integers(0, 18), seed=st.integers(0, 2**20))
def test_the_search_finds_what_trying_everything_finds(size, seed):
    dice = random.Random(seed)
    wanted, profile = random_wish(dice), random_person(dice)
    shop: Catalog = made_catalog(size, seed=seed)
    good = {
        frozenset(piece.item_id for piece in pieces)
        for pieces in looks(shop.items)
        if may_be_worn(pieces, wanted, profile)
    }
    found = recommend(shop, wanted, profile, no_trend(), today=TODAY, seed=seed)
    shown = {frozenset(piece.item_id for piece in look.pieces) for look in found.outfits}
    assert shown <= good
    assert bool(shown) == bool(good)
    assert (len(shown) < 3) == (found.why_few is not None)
