"""Reasons say only what is so, and each number in them is the trend table's."""

from __future__ import annotations

import random
from datetime import date, timedelta

import pytest

from services.gateway.chat.domain import Slots
from services.gateway.people.domain import Profile
from services.gateway.recommend.domain import (
    Outfit,
    main_color,
    reasons,
    styles_of,
    tip,
    traits,
    words_of,
)
from services.gateway.recommend.recommending import recommend
from services.gateway.recommend.rules import situation_of, table
from services.gateway.recommend.trending import TrendEvidence
from services.gateway.recommend.wording import particle, weeks_label
from shared.contracts.vocabulary import FAMILIES, KOREAN, OCCASIONS, SEASONS, WEATHERS, label
from tests.samples.catalog import TODAY, catalog, item, made_trend, no_trend
from tests.samples.shop import sample_catalog
from tests.unit.gateway.recommend.people import random_person, random_wish

BEIGE = ("trousers", "beige")
GROWING = made_trend({BEIGE: [20] * 12 + [40, 44, 50, 52]})
PAIR = catalog(item("top", "long_sleeved_shirt", "white"), item("below", "trousers", "beige"))


def only(shop=PAIR, trend=GROWING, profile: Profile | None = None, **wanted: object) -> Outfit:
    found = recommend(
        shop, Slots(**wanted), profile or Profile(), trend, today=TODAY, limit=1
    )  # fmt: skip
    return found.outfits[0]


def of_kind(outfit: Outfit, kind: str):
    return [reason for reason in outfit.reasons if reason.kind == kind]


def test_a_rise_is_told_with_its_count_weeks_growth_and_interval():
    (reason,) = of_kind(only(), "trend")
    assert reason.ko.startswith("지난 4주(10/19~11/15) 동안 베이지 바지가 186벌 보였고, 점유율은")
    assert reason.en.startswith("Beige trousers: 186 looks in the last 4 weeks (19 Oct–15 Nov), ")
    looks, growth = reason.cited
    assert (looks.measure, looks.value) == ("looks", 186)
    assert looks.series == {"item": "trousers", "color": "beige"}
    assert looks.weeks == tuple(date(2026, 10, 19) + timedelta(weeks=n) for n in range(4))
    row = next(row for row in GROWING.tables["item", "color"].rows if row.values == BEIGE)
    told = row.figures.growth_4w
    assert told is not None
    assert (growth.value, growth.low) == (round(told.value, 6), round(told.low, 6))
    assert growth.low is not None and growth.low > 0
    for text in (reason.ko, reason.en):
        assert f"{round(100 * growth.low):+d}%" in text


@pytest.mark.parametrize("weeks", [[20] * 16, [52] * 12 + [30, 24, 22, 20], [0] * 14 + [3, 4]])
def test_what_does_not_surely_rise_is_counted_and_no_more(weeks):
    (reason,) = of_kind(only(trend=made_trend({BEIGE: weeks})), "trend")
    assert [cited.measure for cited in reason.cited] == ["looks"]
    assert "%" not in reason.ko + reason.en


def test_weeks_of_long_ago_are_not_called_the_last_ones():
    old = TrendEvidence(GROWING.tables, TODAY + timedelta(days=90))
    (reason,) = of_kind(only(trend=old), "trend")
    assert reason.ko.startswith("2026년 10/19~11/15의 4주 동안")
    assert "in the 4 weeks 19 Oct 2026–15 Nov" in reason.en


def test_no_reason_is_false():
    shop, dice = sample_catalog(), random.Random(7)
    checked = set()
    for seed in range(50):
        wanted, profile = random_wish(dice), random_person(dice)
        found = recommend(shop, wanted, profile, GROWING, today=TODAY, seed=seed)
        for outfit in found.outfits:
            words = frozenset().union(*map(words_of, outfit.pieces))
            for reason in outfit.reasons:
                checked.add(reason.kind)
                assert _is_so(reason, outfit, wanted, profile, words), reason
    assert checked >= {"situation", "style", "trend", "palette", "taste", "harmony", "budget"}


def _is_so(reason, outfit, wanted, profile, words) -> bool:
    colors = {label(str(main_color(piece)), "ko") for piece in outfit.pieces}
    budget = wanted.budget if wanted.budget is not None else profile.budget
    if reason.kind == "situation":
        return bool(wanted.occasion or wanted.weather or wanted.season)
    if reason.kind == "style":
        return any(style in styles_of(p) for style in wanted.style for p in outfit.pieces)
    if reason.kind == "palette":
        return bool(wanted.personal_color or profile.seasons)
    if reason.kind == "taste":
        liked = {w for (_, w), weight in profile.tastes.items() if weight >= 0.6}
        said = reason.ko.removeprefix("좋아하시는 것: ").removesuffix(".").split(", ")
        return len(said) <= 3 and set(said) <= {KOREAN[word] for word in liked & words}
    if reason.kind == "harmony":
        return set(reason.ko.split(": ")[1].removesuffix(".").split(", ")) <= colors
    if reason.kind == "budget":
        return budget is not None and f"{outfit.total:,}원" in reason.ko
    return all(cited.value > 0 and len(cited.weeks) == 4 for cited in reason.cited)


def test_what_is_liked_most_is_named_and_no_more_than_three():
    shop = catalog(
        item("top", "long_sleeved_shirt", "white", pattern="striped", styles={"minimal": 1.0}),
        item("below", "trousers", "gray", pattern="checked", styles={"minimal": 1.0}),
    )
    tastes = {
        ("style", "minimal"): 0.9, ("color", "gray"): 0.7, ("pattern", "checked"): 0.75,
        ("pattern", "striped"): 0.8, ("item", "trousers"): 0.65, ("color", "white"): 0.5,
    }  # fmt: skip
    (reason,) = of_kind(only(shop, profile=Profile(tastes=tastes)), "taste")
    assert reason.ko == "좋아하시는 것: 미니멀, 줄무늬, 회색."
    assert reason.en == "What you like: minimal, striped, gray."
    del tastes["color", "gray"]
    (reason,) = of_kind(only(shop, profile=Profile(tastes=tastes)), "taste")
    assert reason.en == "What you like: minimal, striped, trousers."


@pytest.mark.parametrize("tastes", [{("pattern", "solid"): 1.0}, {("color", "white"): 0.5}])
def test_no_plain_pattern_and_nothing_learned_weakly_is_told_as_liked(tastes):
    assert not of_kind(only(profile=Profile(tastes=tastes)), "taste")


def test_every_reason_and_tip_is_in_both_languages():
    outfit = only(occasion=("work",))
    assert len(reasons(outfit, "ko")) == len(reasons(outfit, "en")) >= 3
    assert all(any("가" <= letter <= "힣" for letter in text) for text in reasons(outfit, "ko"))
    assert all(text.isascii() or "–" in text for text in reasons(outfit, "en"))
    assert "벨트" in str(tip(outfit, "ko"))
    assert "belt" in str(tip(outfit, "en"))


def test_a_tip_is_about_what_is_worn():
    shop, dice = sample_catalog(), random.Random(11)
    families = {word: rule.has for rule in table().tip for word in (rule.ko,)}
    for seed in range(25):
        found = recommend(shop, random_wish(dice), Profile(), no_trend(), today=TODAY, seed=seed)
        for outfit in found.outfits:
            if outfit.tip is not None:
                words = frozenset().union(*map(words_of, outfit.pieces))
                assert set(families[outfit.tip.ko]) <= words


def test_the_table_of_rules_speaks_the_vocabulary():
    known = {*KOREAN, *FAMILIES}
    ids = [rule.id for rule in (*table().rule, *table().look)]
    assert len(ids) == len(set(ids))
    for rule in table().rule:
        words = (*rule.category, *rule.family, *rule.color, *rule.pattern, *rule.style)
        assert set(words) <= known, rule.id
        assert set(rule.occasion) <= set(OCCASIONS), rule.id
        assert set(rule.weather) <= set(WEATHERS), rule.id
        assert set(rule.season) <= set(SEASONS), rule.id
        assert rule.occasion or rule.weather or rule.season, rule.id
        assert not rule.never or rule.effect < 0, rule.id
    assert {o for rule in table().rule for o in rule.occasion} == set(OCCASIONS)
    assert {w for rule in table().rule for w in rule.weather} == set(WEATHERS)


@pytest.mark.parametrize(
    ("wanted", "never"),
    [
        ({"occasion": ("interview",)}, {"shorts", "sling", "vest"}),
        ({"weather": ("cold",)}, {"shorts", "sling", "sling_dress"}),
        ({"weather": ("hot",)}, {"long_sleeved_outwear"}),
        ({"season": ("winter",)}, {"shorts", "vest_dress"}),
        ({"occasion": ("sport",)}, {"skirt", "dress"}),
    ],
)
def test_what_nobody_wears_then_is_not_shown(wanted, never):
    for seed in range(10):
        found = recommend(
            sample_catalog(), Slots(**wanted), Profile(), no_trend(), today=TODAY, seed=seed
        )
        assert len(found.outfits) == 3
        for outfit in found.outfits:
            assert not {w for piece in outfit.pieces for w in words_of(piece)} & never


def test_in_winter_there_is_a_coat_and_in_summer_none():
    january, july = date(2027, 1, 15), date(2027, 7, 15)

    def coats(today: date) -> int:
        found = recommend(sample_catalog(), Slots(), Profile(), no_trend(), today=today, limit=6)
        return sum("outer" in words_of(p) for outfit in found.outfits for p in outfit.pieces)

    assert coats(january) >= 4
    assert coats(july) <= 1


BARE = {
    "short_sleeved_shirt", "vest", "sling", "short_sleeved_dress", "vest_dress", "sling_dress",
}  # fmt: skip


def shown(today: date, **wanted: object) -> list[Outfit]:
    return [
        outfit
        for seed in range(8)
        for outfit in recommend(
            sample_catalog(), Slots(**wanted), Profile(), no_trend(), today=today, seed=seed
        ).outfits
    ]


@pytest.mark.parametrize("today", [date(2026, 10, 10), date(2026, 11, 22), date(2027, 4, 10)])
def test_on_cool_days_nobody_is_left_bare_without_a_layer(today):
    for outfit in shown(today):
        words = {piece.category for piece in outfit.pieces}
        assert "long_sleeved_outwear" in words or not words & BARE


@pytest.mark.parametrize("wanted", [{"season": ("summer",)}, {"weather": ("hot",)}])
def test_a_season_that_is_said_comes_before_todays(wanted):
    for outfit in shown(date(2026, 11, 22), **wanted):
        words = {piece.category for piece in outfit.pieces}
        assert "long_sleeved_outwear" not in words
        assert words & BARE


@pytest.mark.parametrize(
    ("today", "season"),
    [
        (date(2026, 2, 28), "winter"), (date(2026, 3, 1), "spring"), (date(2026, 5, 31), "spring"),
        (date(2026, 6, 1), "summer"), (date(2026, 9, 1), "autumn"), (date(2026, 12, 1), "winter"),
    ],
)  # fmt: skip
def test_todays_season_holds_where_neither_season_nor_weather_is_said(today, season):
    assert situation_of(Slots(), today).season == (season,)
    assert situation_of(Slots(weather=("rain",)), today).season == (season,)
    assert situation_of(Slots(season=("spring",)), today).season == ("spring",)
    assert situation_of(Slots(weather=("hot",)), today).season == ()


def test_todays_season_is_no_reason():
    for outfit in shown(date(2026, 11, 22)):
        assert not of_kind(outfit, "situation")


def test_liking_a_look_is_about_what_its_pieces_are():
    outfit = only()
    assert set(traits(outfit)) == {
        ("item", "long_sleeved_shirt"), ("item", "trousers"), ("color", "white"),
        ("color", "beige"), ("pattern", "solid"),
    }  # fmt: skip


def test_korean_particles_follow_the_last_syllable():
    assert [particle(word, ("이", "가")) for word in ("바지", "빨강", "Nike", "")] == [
        "가", "이", "가", "가",
    ]  # fmt: skip


def test_one_week_is_called_one():
    week = (date(2026, 11, 9),)
    assert weeks_label(week, "en", recent=True) == "the last week (9 Nov–15 Nov)"
    assert weeks_label(week, "ko", recent=True) == "지난 1주(11/9~11/15)"
