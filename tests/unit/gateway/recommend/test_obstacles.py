"""Where few outfits are found, people hear which wish is in the way and what would help."""

from __future__ import annotations

from dataclasses import replace

import pytest

from services.gateway.chat.domain import Slots
from services.gateway.people.domain import Profile
from services.gateway.recommend.domain import Obstacle
from services.gateway.recommend.recommending import recommend
from tests.samples.catalog import TODAY, catalog, item, no_trend

TOPS = [
    item(f"top {color}", "long_sleeved_shirt", color, price=30_000)
    for color in ("white", "black", "navy", "gray")
]
BOTTOMS = [item(f"below {color}", "trousers", color, price=40_000) for color in ("black", "beige")]
DRESSES = [
    item(color, "long_sleeved_dress", color, price=price, gender="women")
    for color, price in (("blue", 60_000), ("red", 140_000), ("navy", 151_500))
]
SHOP = catalog(*TOPS, *BOTTOMS, *DRESSES)


def why(shop=SHOP, profile: Profile | None = None, **wanted: object) -> Obstacle:
    found = recommend(shop, Slots(**wanted), profile or Profile(), no_trend(), today=TODAY)
    assert found.why_few is not None
    assert found.why_few.found == len(found.outfits) < 3
    return found.why_few


def enough(shop=SHOP, profile: Profile | None = None, **wanted: object) -> int:
    slots = Slots(**wanted)
    return len(recommend(shop, slots, profile or Profile(), no_trend(), today=TODAY).outfits)


def test_a_budget_that_is_too_small_is_named_with_the_one_that_is_enough():
    told = why(item=("dress",), budget=100_000)
    assert (told.kind, told.found, told.budget) == ("budget", 1, 152_000)
    assert "100,000원 안에서는 ‘원피스’가 든 코디가 1개뿐입니다. 152,000원부터 3개" in told.ko
    assert told.en.startswith("There is only 1 outfit with “dress” within 100,000 won.")
    assert enough(item=("dress",), budget=told.budget) == 3


def test_a_budget_of_the_person_counts_as_one_that_was_said():
    told = why(profile=Profile(budget=20_000))
    assert (told.kind, told.budget) == ("budget", 70_000)


def test_a_colour_that_is_not_there_is_named_with_those_that_are():
    told = why(item=("trousers",), color=("yellow",))
    assert (told.kind, told.words) == ("color", ("yellow",))
    assert "‘노랑 바지’가 든 코디가 없습니다. 다른 색까지 보면 (검정 1, 베이지 1) 8개" in told.ko
    assert "In other colours (black 1, beige 1) there are 8." in told.en


def test_what_is_avoided_is_named_where_nothing_else_is_left():
    told = why(profile=Profile(avoid=frozenset(("dress", "bottom"))))
    assert (told.kind, told.words) == ("avoid", ("bottom",))
    assert "피하시는 하의를 빼면 코디가 없습니다" in told.ko


def test_where_each_avoided_word_alone_is_too_much_all_are_named():
    avoided = frozenset(("dress", "trousers", "top"))
    told = why(catalog(*TOPS, *BOTTOMS), profile=Profile(avoid=avoided))
    assert (told.kind, told.words) == ("avoid", ("dress", "top", "trousers"))


def test_who_asks_for_what_they_avoid_hears_that_they_avoid_it():
    told = why(item=("trousers",), profile=Profile(avoid=frozenset(("trousers",))))
    assert told.kind == "avoid"


def test_what_is_sold_out_is_named():
    empty = catalog(*(replace(one, available=False) for one in SHOP.items))
    assert why(empty).kind == "stock"


def test_what_is_made_for_others_is_named():
    told = why(item=("dress",), gender=("men",))
    assert (told.kind, told.words) == ("gender", ("men",))


def test_an_occasion_that_rules_all_out_is_named():
    shorts = catalog(*TOPS, *(item(str(n), "shorts", "black") for n in range(3)))
    told = why(shorts, occasion=("interview",))
    assert (told.kind, told.words) == ("occasion", ("interview",))
    assert "면접에 맞추면" in told.ko


def test_an_item_no_shop_has_is_named():
    told = why(item=("skirt",))
    assert (told.kind, told.words) == ("item", ("skirt",))


def test_two_wishes_that_are_each_in_the_way_are_both_to_be_changed():
    told = why(item=("skirt",), budget=10_000)
    assert told.kind == "none"
    assert "두 가지" in told.ko


def test_without_items_an_admin_is_told_what_to_do():
    told = why(catalog())
    assert told.kind == "empty"
    assert "피드" in told.ko


def test_two_outfits_are_enough_for_who_wants_two():
    found = recommend(
        SHOP, Slots(item=("dress",), budget=140_000), Profile(), no_trend(), today=TODAY, limit=2
    )
    assert len(found.outfits) == 2
    assert found.why_few is None


@pytest.mark.parametrize("budget", [69_000, 70_000, 100_000, 139_000])
def test_the_budget_that_is_told_is_enough_indeed(budget):
    found = recommend(SHOP, Slots(budget=budget), Profile(), no_trend(), today=TODAY)
    if found.why_few is not None:
        assert found.why_few.budget is not None
        assert enough(budget=found.why_few.budget) == 3
        assert enough(budget=found.why_few.budget - 1_000) < 3
