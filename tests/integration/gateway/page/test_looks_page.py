"""The lookbook's page before any script runs: filters out of its address, and who may look."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tests.samples import lookbook

pytestmark = pytest.mark.integration


@pytest.fixture
def street(house):
    """A house with 24 looks of these weeks."""
    lookbook.fill(house.database, house.context.storage, last=datetime.now(UTC))
    return house


def test_the_filters_are_in_the_address_and_go_to_the_api(street):
    page = (
        street.stranger().get("/looks?lang=en&item=skirt&color=beige&weeks=26&source=street").text
    )
    for name in ("skirt", "beige", "26", "street"):
        assert f'<option value="{name}" selected>' in page
    query = "kind=street&amp;item=skirt&amp;color=beige&amp;source=street&amp;weeks=26"
    assert f'data-query="{query}"' in page
    assert 'aria-label="Without: skirt"' in page


def test_each_kind_has_its_own_filters_and_words(street):
    browser = street.stranger()
    drawn = browser.get("/looks?lang=ko&kind=drawn").text
    assert "나를 위해 만든 그림" in drawn and 'id="source"' not in drawn
    assert "그림을 그리는 모델이 없어서" in drawn  # nobody draws in this house
    assert 'id="source"' in browser.get("/looks?lang=ko").text


@pytest.mark.parametrize("query", ["item=hat", "kind=shop", "weeks=0", "color=%22%3E%3Cb%3E"])
def test_an_address_that_makes_no_sense_is_told_once_and_not_an_error(street, query):
    page = street.stranger().get(f"/looks?lang=en&{query}")
    assert page.status_code == 200
    assert page.text.count('role="alert"') == 1 and "<b>" not in page.text
    assert 'data-query="kind=street&amp;weeks=52"' in page.text


def test_every_page_leads_to_it(street):
    for path in ("/", "/chat", "/trends", "/looks"):
        assert 'href="/looks?lang=ko"' in street.stranger().get(f"{path}?lang=ko").text


def test_who_must_sign_in_is_told(open_house):
    page = open_house(guests=False).stranger().get("/looks?lang=en").text
    assert "Sign in to see the lookbook" in page and "gallery" not in page
