"""What is trending, as the page shows it before any script runs."""

from __future__ import annotations

from datetime import date
from urllib.parse import quote

import pytest

from services.gateway.keys import create_key
from tests.samples import street

pytestmark = pytest.mark.integration


@pytest.fixture
def counted(house):
    """A house with two years of looks: beige rises, pink falls."""
    with house.database.transaction() as session:
        street.fill(session, last=date(2026, 9, 7))
    return house


def test_a_house_without_photos_says_how_to_begin(house):
    browser = house.stranger()
    for path in ("/", "/trends"):
        assert "mapsi ingest FOLDER" in browser.get(path, params={"lang": "en"}).text
        assert "mapsi ingest 폴더" in browser.get(path, params={"lang": "ko"}).text


def test_the_first_page_shows_what_rises_with_its_interval(counted):
    page = counted.stranger().get("/?lang=en").text
    assert "beige trousers" in page and "pink trousers" in page
    assert "in four weeks" in page and "95% certain" in page
    assert page.index(">Rising<") < page.index("beige trousers") < page.index(">Falling<")
    korean = counted.stranger().get("/?lang=ko").text
    assert "베이지 바지" in korean and "4주 동안" in korean and "상승" in korean


def test_the_filters_are_in_the_address(counted):
    browser = counted.stranger()
    page = browser.get("/trends?lang=en&by=color&item=skirt&weeks=26").text
    assert '<option value="skirt" selected>' in page
    assert '<option value="color" selected>' in page
    assert '<option value="26" selected>' in page
    assert 'data-query="by=color&amp;weeks=26&amp;item=skirt"' in page


def test_an_address_that_makes_no_sense_is_told_and_not_an_error(counted):
    browser = counted.stranger()
    for query in ("item=hat", "weeks=0", "weeks=x", "by=shoe", "color=" + quote('"><b>')):
        page = browser.get(f"/trends?lang=en&{query}")
        assert page.status_code == 200, query
        assert 'role="alert"' in page.text and "<b>" not in page.text
        assert "beige trousers" in page.text


def test_a_filter_that_nothing_passes_says_so(counted):
    page = counted.stranger().get("/trends?lang=en&source=nowhere").text
    assert "No look passes these filters" in page


def test_the_heat_map_tells_its_week_and_leads_to_the_one_before(counted):
    browser = counted.stranger()
    page = browser.get("/trends?lang=en").text
    assert "week of 2026-09-07" in page
    assert "week=2026-08-31#heat" in page
    earlier = browser.get("/trends?lang=en&week=2026-08-31").text
    assert "week of 2026-08-31" in earlier and "week=2026-09-07#heat" in earlier


def test_a_view_can_be_shared_with_its_curves(counted):
    page = counted.stranger().get("/trends?pick=skirt~pink&pick=skirt~black&pick=no~thing").text
    assert 'data-picks="skirt~pink|skirt~black"' in page


def test_who_is_signed_in_can_take_the_figures_along_and_save_views(counted):
    assert "/v1/trends/export" not in counted.stranger().get("/trends").text
    browser = counted.stranger()
    browser.post("/session", data={"key": create_key(counted.database, "boss", "user")})
    page = browser.get("/trends?item=skirt&color=pink").text
    assert 'id="save"' in page and 'id="watch"' in page
    for told in ("csv", "xlsx", "parquet"):
        file = browser.get(f"/v1/trends/export?by=item%2Ccolor&item=skirt&format={told}&lang=ko")
        assert file.status_code == 200
        assert f"item=skirt&amp;color=pink&amp;format={told}" in page


def test_a_house_may_keep_its_trend_to_itself(open_house):
    house = open_house(public_trends=False)
    for path in ("/", "/trends"):
        assert "Sign in to see the trend" in house.stranger().get(f"{path}?lang=en").text


def test_no_page_is_large(counted):
    for path in ("/", "/trends?weeks=104"):
        assert len(counted.stranger().get(path).content) < 200_000
