"""Clothes are as formal as the occasion asks for, and nothing easy is told as neat."""

from __future__ import annotations

from datetime import date

import pytest

from services.gateway.catalog.domain import Item
from services.gateway.chat.domain import Slots
from services.gateway.people.domain import Profile
from services.gateway.recommend.domain import Outfit
from services.gateway.recommend.formality import formality_of, formality_table
from services.gateway.recommend.recommending import recommend
from services.gateway.recommend.rules import situation_of, speaking_for
from shared.contracts.vocabulary import CATEGORIES, OCCASIONS
from tests.samples.catalog import TODAY, item, no_trend
from tests.samples.shop import sample_catalog

EASY = 0.25
"""Sweat, T-shirts, shorts."""
STREET = Profile(tastes={("style", "street"): 0.8, ("style", "casual"): 0.6})


def titled(title: str, category: str = "trousers") -> float:
    return formality_of(item("one", category, "gray", title=title))


def outfits(
    occasion: str, gender: str, profile: Profile | None = None, today: date = TODAY
) -> list[Outfit]:
    wanted = Slots(occasion=(occasion,), gender=(gender,))
    who = profile or Profile()
    return [
        outfit
        for seed in range(4)
        for outfit in recommend(
            sample_catalog(), wanted, who, no_trend(), today=today, seed=seed
        ).outfits
    ]


@pytest.mark.parametrize(
    ("easy", "formal"),
    [
        ("스웨트 조거 팬츠", "슬림 슬랙스"),
        ("오버핏 티셔츠", "옥스퍼드 셔츠"),
        ("무지 반팔 티", "린넨 셔츠"),
        ("후드 집업", "니트 가디건"),
        ("트랙 재킷", "울 재킷"),
        ("데님 재킷", "싱글 블레이저"),
        ("기모 맨투맨", "기모 슬랙스"),
        ("와이드 점프수트", "투버튼 수트"),
        ("SWEAT JOGGER", "Wide slacks"),
        ("Graphic T-shirt", "Oxford shirt"),
        ("Sweatshirt", "Sweater"),
        ("Track jacket", "Tweed jacket"),
    ],
)
def test_a_title_tells_how_formal_a_piece_is(easy, formal):
    assert titled(easy) < titled(formal)


@pytest.mark.parametrize("title", ["티어드 스커트", "빈티지 스커트", "Tiered skirt", "Committee"])
def test_a_word_within_a_word_tells_nothing(title):
    assert titled(title, "skirt") == formality_table().plain["skirt"]


def test_one_article_is_as_formal_in_both_languages():
    korean, english = sample_catalog().items, sample_catalog("en").items
    for one, other in zip(korean, english, strict=True):
        assert formality_of(one) == formality_of(other), one.title


def test_the_table_names_every_category_and_occasion():
    table = formality_table()
    assert set(table.plain) == set(CATEGORIES)
    assert sorted(code.occasion for code in table.dress_code) == sorted(OCCASIONS)
    assert all(code.least < code.most for code in table.dress_code)


@pytest.mark.parametrize("gender", ["men", "women"])
@pytest.mark.parametrize("occasion", ["interview", "wedding", "work"])
def test_nothing_easy_is_worn_where_people_dress_up_whatever_they_like(occasion, gender):
    for profile in (Profile(), STREET):
        for outfit in outfits(occasion, gender, profile):
            assert min(map(formality_of, outfit.pieces)) > EASY, outfit.pieces


@pytest.mark.parametrize("gender", ["men", "women"])
def test_a_stranger_on_a_date_wears_no_sweat(gender):
    for outfit in outfits("date", gender):
        assert min(map(formality_of, outfit.pieces)) > EASY


@pytest.mark.parametrize("gender", ["men", "women"])
def test_sport_is_done_in_what_is_made_for_it(gender):
    for outfit in outfits("sport", gender):
        assert max(map(formality_of, outfit.pieces)) <= EASY


def _told(piece: Item, occasion: str) -> bool:
    return speaking_for([piece], situation_of(Slots(occasion=(occasion,)), TODAY)) is not None


@pytest.mark.parametrize("occasion", ["interview", "wedding", "work", "date"])
def test_no_jogger_or_t_shirt_is_told_as_dressed(occasion):
    for piece in sample_catalog().items:
        if formality_of(piece) <= EASY:
            assert not _told(piece, occasion), piece.title


def test_slacks_are_not_told_as_easy_to_move_in():
    slacks = item("one", "trousers", "black", title="와이드 슬랙스")
    jogger = item("two", "trousers", "black", title="조거 팬츠")
    assert _told(jogger, "sport") and not _told(slacks, "sport")
    assert _told(slacks, "interview") and not _told(jogger, "interview")
