"""Outfits: what they are made of, what they never hold, and that they are what was asked for."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from services.gateway.catalog.domain import Catalog, Item
from services.gateway.chat.domain import Slots
from services.gateway.people.domain import Profile
from services.gateway.recommend.domain import Recommendation, main_color, slot_of, words_of
from services.gateway.recommend.outfit_ids import pieces_of
from services.gateway.recommend.recommending import recommend
from services.gateway.recommend.titles import words_in
from shared.contracts.vocabulary import FAMILY_OF, STYLES, WORN_BELOW
from tests.samples.catalog import TODAY, catalog, color, item, made_catalog, made_trend, no_trend
from tests.samples.shop import sample_catalog
from tests.unit.gateway.recommend.people import random_person, random_wish

PEOPLE = {"sample": 40, "made": 20}
TREND = made_trend({("trousers", "beige"): [20] * 8 + [20, 20, 24, 26, 40, 44, 50, 52]})


def ask(shop: Catalog, wanted: Slots | None = None, profile: Profile | None = None, **more):
    """Recommend with what is usual in these tests."""
    return recommend(
        shop, wanted or Slots(), profile or Profile(), more.pop("trend", TREND),
        today=TODAY, **more,
    )  # fmt: skip


def pieces(found: Recommendation) -> list[Item]:
    return [piece for outfit in found.outfits for piece in outfit.pieces]


@pytest.fixture(scope="module", params=["sample", "made"])
def answers(request) -> list[tuple[Slots, Profile, Recommendation]]:
    """What people were recommended, each with a wish of their own."""
    shop = made_catalog(120) if request.param == "made" else sample_catalog()
    dice = random.Random(20261122)
    found = []
    for number in range(PEOPLE[request.param]):
        wanted, profile = random_wish(dice), random_person(dice)
        found.append((wanted, profile, ask(shop, wanted, profile, seed=number)))
    return found


def test_what_people_avoid_is_on_none_of_their_pieces(answers):
    shown = 0
    for wanted, profile, found in answers:
        for piece in pieces(found):
            avoided = profile.avoid | set(wanted.avoid)
            assert words_of(piece).isdisjoint(avoided)
            assert words_in(piece.title).isdisjoint(avoided)
            shown += 1
    assert shown > len(answers)


def test_everybody_gets_three_outfits_or_hears_why_not(answers):
    for wanted, _, found in answers:
        assert len(found.outfits) == 3 or found.why_few is not None, wanted
        if found.why_few is not None:
            assert found.why_few.found == len(found.outfits)
            assert all(len(text) > 10 for text in (found.why_few.ko, found.why_few.en))


def test_a_budget_is_never_exceeded(answers):
    held = 0
    for wanted, profile, found in answers:
        budget = wanted.budget if wanted.budget is not None else profile.budget
        for outfit in found.outfits:
            assert outfit.total == sum(piece.price for piece in outfit.pieces)
            assert budget is None or outfit.total <= budget
            held += budget is not None
    assert held > len(answers) / 10


def test_outfits_can_be_worn(answers):
    for _, _, found in answers:
        for outfit in found.outfits:
            slots = [slot_of(piece.category) for piece in outfit.pieces]
            assert sorted(slots) == sorted(set(slots))
            assert set(slots) - {"outer"} in ({"top", "bottom"}, {"dress"})
            assert len({piece.gender for piece in outfit.pieces} - {"any"}) <= 1
            assert all(piece.available for piece in outfit.pieces)


def test_what_is_asked_for_is_in_the_look(answers):
    for wanted, _, found in answers:
        for outfit in found.outfits:
            assert any(_is_item(piece, wanted) for piece in outfit.pieces)
            if not wanted.item:
                assert any(not wanted.color or main_color(p) in wanted.color for p in outfit.pieces)
                assert any(not wanted.pattern or p.pattern in wanted.pattern for p in outfit.pieces)


def test_people_are_recommended_clothes_made_for_them(answers):
    for wanted, profile, found in answers:
        genders = wanted.gender or ((profile.gender,) if profile.gender else ())
        if genders and "any" not in genders:
            assert {piece.gender for piece in pieces(found)} <= {*genders, "any"}


def test_no_two_outfits_of_an_answer_are_the_same(answers):
    for _, _, found in answers:
        inner = [
            frozenset(p.item_id for p in outfit.pieces if slot_of(p.category) != "outer")
            for outfit in found.outfits
        ]
        assert len(set(inner)) == len(inner)


def test_the_same_seed_gives_the_same_outfits_whatever_the_catalogues_order():
    shop = made_catalog(200)
    turned = Catalog(tuple(reversed(shop.items)), "turned")
    for seed in range(5):
        first = ask(shop, seed=seed, limit=5)
        again = ask(turned, seed=seed, limit=5)
        assert [o.outfit_id for o in first.outfits] == [o.outfit_id for o in again.outfits]


def test_the_same_wish_is_answered_anew_where_the_trend_or_the_person_is_another():
    shop = made_catalog(120)
    known = Profile(tastes={("color", "red"): 1.0, ("style", "street"): 1.0})
    first, again = ask(shop), ask(shop)
    assert first is again
    assert ask(shop, trend=no_trend()).outfits[0].reasons != first.outfits[0].reasons
    assert ask(shop, None, known) != first
    assert ask(shop, Slots(avoid=("dress",))) != first
    assert ask(shop) == first


def test_another_seed_shows_a_stranger_something_else():
    shop = made_catalog(200)
    shown = {o.outfit_id for seed in range(6) for o in ask(shop, seed=seed).outfits}
    assert len(shown) >= 12


def test_an_outfits_id_names_its_pieces():
    shop = made_catalog(120)
    for outfit in ask(shop, limit=6).outfits:
        found = pieces_of(outfit.outfit_id, shop)
        assert found is not None
        assert {piece.item_id for piece in found} == {piece.item_id for piece in outfit.pieces}
        assert pieces_of(outfit.outfit_id, catalog(*shop.items[:1])) is None


def test_what_was_shown_before_is_not_shown_again():
    shop = made_catalog(120)
    seen: list[str] = []
    for _ in range(6):
        found = [outfit.outfit_id for outfit in ask(shop, seen=seen).outfits]
        assert len(found) == 3
        assert not set(found) & set(seen)
        seen += found


def test_one_piece_of_a_look_can_be_changed_while_the_others_stay():
    shop = made_catalog(240)
    before = next(o for o in ask(shop, limit=8).outfits if len(o.pieces) >= 2)
    stays = [p for p in before.pieces if slot_of(p.category) != "bottom"][:1]
    after = ask(shop, Slots(color=("navy",)), keep=[stays[0].item_id])
    assert after.outfits
    for outfit in after.outfits:
        assert stays[0].item_id in {piece.item_id for piece in outfit.pieces}


def test_a_strangers_first_looks_differ():
    found = ask(made_catalog(240), limit=4).outfits
    ids = [piece.item_id for outfit in found for piece in outfit.pieces]
    assert len(ids) == len(set(ids))
    assert len({piece.category for outfit in found for piece in outfit.pieces}) >= 4


def test_a_taste_moves_what_is_shown():
    shop = made_catalog(240)
    tastes = {("color", "green"): 0.9, ("color", "black"): -0.9, ("style", "vintage"): 0.9}

    def greens(profile):
        shown = [p for seed in range(8) for p in pieces(ask(shop, None, profile, seed=seed))]
        return sum(main_color(piece) == "green" for piece in shown) / len(shown)

    assert greens(Profile(tastes=tastes)) > 2 * greens(Profile())


def test_a_style_that_is_asked_for_is_what_is_shown():
    shop = made_catalog(400)
    shown = pieces(ask(shop, Slots(style=("minimal",)), limit=4))
    assert sum(piece.styles["minimal"] for piece in shown) / len(shown) > 0.6


def test_a_growing_colour_is_preferred_to_one_that_does_not_move():
    trend = made_trend({("trousers", "navy"): [20] * 12 + [40, 44, 50, 52]})
    shop = catalog(
        item("top", "long_sleeved_shirt", "white"),
        item("navy", "trousers", "navy"),
        item("black", "trousers", "black"),
    )
    known = Profile(tastes={("style", name): 1.0 for name in STYLES})
    for seed in range(5):
        best = ask(shop, None, known, seed=seed, trend=trend).outfits[0]
        assert {piece.item_id for piece in best.pieces} == {"top", "navy"}


def test_a_red_stripe_of_a_tenth_counts_as_red_and_one_of_less_does_not():
    plain = item("below", "trousers", "black")
    striped = (
        item("shows", "long_sleeved_shirt", color("white", 0.89), color("red", 0.11)),
        item("hidden", "long_sleeved_shirt", color("white", 0.95), color("red", 0.05)),
    )
    found = ask(catalog(plain, *striped), Slots(avoid=("red",)))
    assert {piece.item_id for piece in pieces(found)} == {"below", "hidden"}


@pytest.mark.parametrize("title", ["블랙 데님 팬츠", "Jeans, Black", "검은 바지"])
def test_what_the_shop_calls_black_is_not_shown_to_who_avoids_black(title):
    shop = catalog(
        item("top", "long_sleeved_shirt", "white"),
        item("below", "trousers", "navy", title=title),
    )
    assert ask(shop).outfits
    assert not ask(shop, Slots(avoid=("black",))).outfits
    assert ask(shop, Slots(avoid=("blue",))).outfits


def test_who_avoids_bottoms_is_shown_dresses_only():
    found = ask(made_catalog(120), Slots(avoid=("bottom",)))
    assert len(found.outfits) == 3
    assert not {FAMILY_OF[piece.category] for piece in pieces(found)} & {*WORN_BELOW, "top"}


def test_men_are_shown_no_dress_that_a_shop_calls_anyones_unless_they_ask():
    shop = made_catalog(240)
    anyones = Catalog(tuple(replace(one, gender="any") for one in shop.items), "anyones")
    shown = pieces(ask(anyones, Slots(gender=("men",)), limit=6))
    assert not {"dress", "skirt"} & {FAMILY_OF[piece.category] for piece in shown}
    assert ask(anyones, Slots(gender=("men",), item=("dress",))).outfits


def test_without_trends_there_are_outfits_and_no_number_in_their_reasons():
    found = ask(made_catalog(120), trend=no_trend())
    assert len(found.outfits) == 3
    for outfit in found.outfits:
        assert not any(reason.cited or reason.kind == "trend" for reason in outfit.reasons)


def _is_item(piece: Item, wanted: Slots) -> bool:
    if not wanted.item:
        return True
    return (
        not words_of(piece).isdisjoint(wanted.item)
        and (not wanted.color or main_color(piece) in wanted.color)
        and (not wanted.pattern or piece.pattern in wanted.pattern)
    )
