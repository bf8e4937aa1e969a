"""A line of a feed is taken as Google Merchant's specification writes it, or refused with a fix."""

from __future__ import annotations

import unicodedata
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.ingestion.shop.offers import ChildrensError, id_of, read_offer
from services.ingestion.shop.refusals import FeedError

GOOD = {
    "id": "A1",
    "title": "네이비 울 블레이저",
    "link": "https://shop.example/a1",
    "image_link": "https://shop.example/a1.jpg",
    "price": "145000 KRW",
    "availability": "in_stock",
}


def read(**said):
    return read_offer({**GOOD, **said}, where="feed.tsv line 2", local=False)


def refused(**said):
    with pytest.raises(FeedError) as error:
        read(**said)
    assert "feed.tsv line 2" in error.value.text
    assert error.value.text != error.value.text_ko
    return error.value


def test_what_google_documents_is_read():
    offer = read(
        sale_price="116,000 KRW",
        sale_price_effective_date="2026-03-01T00:00+0900/2026-03-31T23:59+0900",
        gender="Male",
        age_group="adult",
        brand="Mapsi",
        item_group_id="A",
        updated="2026-03-02T09:00:00Z",
        expiration_date="2026-12-31",
        availability="in stock",
    )
    assert (offer.price, offer.sale_price, offer.gender) == (145000, 116000, "men")
    assert offer.sale_from == datetime(2026, 2, 28, 15, tzinfo=UTC)
    assert offer.expires == datetime(2026, 12, 31, tzinfo=UTC)
    assert offer.availability == "in_stock"


@pytest.mark.parametrize(
    ("text", "price"),
    [("39000 KRW", 39000), ("39,000 krw", 39000), ("39000.00 KRW", 39000), ("39000KRW", 39000)],
)
def test_prices_in_won_are_read_however_they_are_written(text, price):
    assert read(price=text).price == price


@pytest.mark.parametrize(
    ("said", "reason", "fix"),
    [
        ({"price": "39 USD"}, "other_currency", "KRW"),
        ({"price": "39000"}, "bad_price", "39000 KRW"),
        ({"price": "-5 KRW"}, "bad_price", "39000 KRW"),
        ({"price": "0 KRW"}, "bad_price", "39000 KRW"),
        ({"price": "99999999999 KRW"}, "bad_price", "39000 KRW"),
        ({"sale_price": "150000 KRW"}, "sale_not_lower", "correct it"),
        ({"availability": "maybe"}, "bad_word", "in_stock"),
        ({"gender": "cat"}, "bad_word", "female"),
        ({"age_group": "old"}, "bad_word", "adult"),
        ({"link": "javascript:alert(1)"}, "bad_link", "https"),
        ({"image_link": "photos/a.jpg"}, "bad_link", "https"),
        ({"link": 'https://shop.example/"><script>'}, "bad_link", "https"),
        ({"title": "  "}, "missing", "fill it in"),
        ({"id": "x" * 101}, "too_long", "100"),
        ({"updated": "yesterday"}, "bad_date", "2026-03-01"),
        ({"sale_price": "1 KRW", "sale_price_effective_date": "2026-03-01"}, "bad_period", "/"),
        ({"brand": {"a": 1}}, "unreadable", "text"),
    ],
)
def test_what_cannot_be_is_refused_with_field_and_fix(said, reason, fix):
    error = refused(**said)
    assert error.reason == reason
    assert next(iter(said)) in error.text or "sale" in error.text
    assert fix in error.text


def test_childrens_clothes_are_left_out_and_no_fault():
    with pytest.raises(ChildrensError):
        read(age_group="kids")


def test_a_price_of_the_content_api_is_read():
    assert read(price={"value": "39000", "currency": "KRW"}).price == 39000


def test_marks_that_turn_the_direction_of_writing_are_taken_out():
    assert read(title="shirt \u202e oot \u2066").title == "shirt oot"


def test_a_sale_as_dear_as_the_price_is_none():
    assert read(sale_price="145000 KRW").sale_price is None


def test_only_a_feed_on_disk_may_name_photos_beside_it():
    offer = read_offer({**GOOD, "image_link": "photos/a.jpg"}, where="x", local=True)
    assert offer.image_link == "photos/a.jpg"


def test_anything_that_is_said_otherwise_changes_the_fingerprint():
    one = read()
    assert one.fingerprint == read().fingerprint
    assert one.fingerprint != read(price="144000 KRW").fingerprint
    assert one.declared == read(price="144000 KRW").declared
    assert one.declared != read(color="red").declared


TEXTS = st.one_of(st.text(max_size=60), st.integers(), st.none(), st.booleans(), st.floats())


@given(st.dictionaries(st.sampled_from([*GOOD, "sale_price", "gender", "updated"]), TEXTS))
def test_no_line_does_worse_than_to_be_refused(said):
    id_of({**GOOD, **said})
    try:
        offer = read(**said)
    except (FeedError, ChildrensError):
        return
    assert offer.price > 0
    assert not any(unicodedata.category(sign) in ("Cc", "Cs") for sign in offer.title)
