"""What an item is: the feed decides the family, the photo the rest."""

from __future__ import annotations

import pytest

from services.ingestion.shop.choosing import choose
from services.ingestion.shop.declared import declared, declared_color, declared_pattern
from services.ingestion.shop.offers import Offer
from services.ingestion.shop.sample.articles import articles
from shared.contracts.vocabulary import FAMILIES
from tests.samples import wardrobe

OUTFIT = wardrobe.analysis(b"a photo of a whole outfit")


def offer(title, **said):
    return Offer(
        id="1", title=title, link="https://s.example/1", image_link="https://s.example/1.jpg",
        price=1000, availability="in_stock", **said,
    )  # fmt: skip


@pytest.mark.parametrize("language", ["ko", "en"])
def test_every_title_of_the_sample_shop_leaves_its_category_possible(language):
    for article in articles():
        told = declared(offer(article.title(language)))
        assert article.category in told.categories, article.title(language)


@pytest.mark.parametrize(
    ("title", "categories"),
    [
        ("셔츠 원피스", FAMILIES["dress"]),
        ("Shirt dress", FAMILIES["dress"]),
        ("화이트 민소매 원피스", ("vest_dress",)),
        ("Satin slip dress", ("sling_dress",)),
        ("반팔 티셔츠", ("short_sleeved_shirt",)),
        ("Dress shirt, long sleeves", ("long_sleeved_shirt",)),
        ("후드 집업", ("long_sleeved_outwear",)),
        ("T-shirt with skirt print", FAMILIES["top"]),
        ("데님 반바지", ("shorts",)),
        ("Denim shorts", ("shorts",)),
        ("short-sleeved cardigan", ("short_sleeved_outwear",)),
        ("레이스 끈나시", ("sling",)),
        ("Leather belt", ()),
        ("가죽 벨트", ()),
    ],
)
def test_the_last_noun_decides_and_sleeves_narrow_it(title, categories):
    assert declared(offer(title)).categories == categories


def test_the_shops_type_and_googles_number_go_before_the_title():
    told = declared(offer("멋진 봄 신상", product_type="여성 > 하의 > 플리츠 스커트"))
    assert told.categories == ("skirt",)
    assert declared(offer("Wow", google_product_category="204")).categories == ("trousers",)
    path = "Apparel & Accessories > Clothing > Dresses"
    assert declared(offer("Shirt", google_product_category=path)).categories == FAMILIES["dress"]


def test_on_a_photo_of_an_outfit_the_item_is_the_garment_that_the_shop_sells():
    found = choose(offer("슬림 팬츠"), OUTFIT)
    assert (found.category, found.garment) == ("trousers", 1)
    assert found.colors[0].basic == "black"
    assert choose(offer("옥스퍼드 셔츠"), OUTFIT).garment == 0


def test_where_feed_and_photo_disagree_the_feed_decides_and_it_is_noted():
    found = choose(offer("울 재킷"), OUTFIT)
    assert found.category == "long_sleeved_outwear"
    assert found.note is not None
    assert "photo: long_sleeved_shirt" in found.note


def test_a_feed_that_says_nothing_leaves_it_to_the_photo():
    found = choose(offer("멋진 봄 신상"), OUTFIT)
    assert found.category in ("long_sleeved_shirt", "trousers")
    assert found.note is None


def test_without_an_analysis_a_plain_word_and_the_feeds_colour_are_enough():
    found = choose(offer("네이비 치마", color="네이비", pattern="체크"), None)
    assert (found.category, found.garment, found.pattern) == ("skirt", None, "checked")
    assert found.colors[0].basic == "navy"
    assert choose(offer("티셔츠"), None).category is None


@pytest.mark.parametrize(
    ("word", "basic"),
    [("Navy/White", "navy"), ("다크 그레이", "gray"), ("오렌지", "orange"), ("올리브", "green")],
)
def test_the_first_colour_that_a_shop_names_counts(word, basic):
    color = declared_color(offer("x", color=word))
    assert color is not None
    assert color.basic == basic


def test_a_pattern_is_told_by_its_attribute_or_the_title():
    assert declared_pattern(offer("스트라이프 셔츠")) == "striped"
    assert declared_pattern(offer("셔츠", pattern="Polka dots")) == "dotted"
    assert declared_pattern(offer("셔츠")) is None
