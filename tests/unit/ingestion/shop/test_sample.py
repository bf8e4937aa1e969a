"""The made-up shop is whole: every article can be offered, drawn and told from the others."""

from __future__ import annotations

import numpy as np
import pytest

from services.ingestion.shop.lines import feed_lines
from services.ingestion.shop.offers import read_offer
from services.ingestion.shop.sample.articles import DYES, articles
from services.ingestion.shop.sample.drawing import draw_photo
from services.ingestion.shop.sample.feed import row_of, write_shop
from services.ingestion.shop.sample.shapes import page_of, shape_of
from shared.contracts.vocabulary import CATEGORIES, GENDERS, PATTERNS, STYLES
from shared.imaging import decode

ARTICLES = {article.article_id: article for article in articles()}


def test_it_sells_enough_of_everything():
    sold = articles()
    assert len(ARTICLES) == len(sold) >= 96
    for name, values in (("category", CATEGORIES), ("pattern", PATTERNS), ("gender", GENDERS)):
        assert {getattr(article, name) for article in sold} == set(values)
    assert {article.style for article in sold} == set(STYLES)
    assert all(article.sale is None or article.sale < article.price for article in sold)
    assert all((article.second is None) == (article.pattern == "solid") for article in sold)


@pytest.mark.parametrize("language", ["ko", "en"])
def test_every_article_can_be_offered_under_a_title_of_its_own(language):
    rows = [row_of(article, language=language) for article in articles()]
    offers = [read_offer(row, where="x", local=True) for row in rows]
    assert len({offer.title for offer in offers}) == len(ARTICLES)


def test_every_cut_lies_on_the_page():
    for article in articles():
        shape = shape_of(article.cut, article.category)
        scale, (x, y) = page_of(shape)
        for part in shape.parts:
            assert len(part.outline) > 2
            for px, py in part.outline:
                assert abs(px - x) * scale <= 46
                assert abs(py - y) * scale <= 58


@pytest.mark.parametrize("article_id", ["LONG-SLEEVED-SHIRT-020", "SKIRT-083", "TROUSERS-078"])
def test_a_photo_shows_the_articles_colour_and_is_always_the_same(article_id):
    article = ARTICLES[article_id]
    data = draw_photo(article)
    pixels = decode(data, name=article_id).pixels
    assert pixels.shape == (800, 640, 3)
    middle = pixels[330:500, 240:300].reshape(-1, 3).mean(axis=0)
    dye = np.frombuffer(bytes.fromhex(DYES[article.color][0][1:]), np.uint8)
    assert np.abs(middle - dye).max() < 45
    assert draw_photo(article) == data


def test_the_feed_and_its_photos_lie_side_by_side(tmp_path):
    sold = articles()[:2]
    drawn = []
    feed = write_shop(tmp_path, language="ko", sold=sold, progress=drawn.append)
    lines = list(feed_lines(feed, name="feed", form=None))
    assert [line.fields["id"] for line in lines] == [article.article_id for article in sold]
    assert all((tmp_path / line.fields["image_link"]).exists() for line in lines)
    assert drawn == [1, 1]
