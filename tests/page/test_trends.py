"""What is trending, walked through as a newcomer and as a merchandiser would."""

from __future__ import annotations

import pytest

from tests.page.looking import fits, is_accessible, sign_in

pytestmark = pytest.mark.page
WORDS = {
    "ko": {
        "rising": "오르는 것",
        "beige": "베이지 바지",
        "all": "트렌드 모두 보기",
        "saved": "내 보기",
        "no_photo": "사진이 남아 있지 않습니다",
    },
    "en": {
        "rising": "Rising",
        "beige": "beige trousers",
        "all": "All trends",
        "saved": "my view",
        "no_photo": "No photo of this time is kept",
    },
}
ALERTS = {"ko": ("분홍 치마", "따로 알리지 않고"), "en": ("pink skirt", "nobody is told")}
"""What is said of an alert that tells nobody."""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_newcomer_sees_at_once_what_is_trending(open_page, look, scheme):
    words, page = WORDS[look[0]], open_page(*look, color_scheme=scheme)
    page.goto("/")
    assert page.get_by_role("heading", name=words["rising"]).is_visible()
    first = page.locator(".mover").first
    assert words["beige"] in first.inner_text() and "95%" in first.inner_text()
    fits(page)
    is_accessible(page)
    page.get_by_role("link", name=words["all"]).click()
    page.wait_for_url("**/trends*")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_curves_are_compared_and_the_address_keeps_them(open_page, look, scheme):
    page = open_page(*look, color_scheme=scheme)
    page.goto("/trends?weeks=26")
    page.wait_for_selector("#chart canvas")
    assert page.locator("#legend li").count() == 2
    page.locator('.pick[value="skirt~pink"]').check()
    page.locator("#legend li").nth(2).wait_for()
    fits(page)
    is_accessible(page)
    page.reload()
    page.locator("#legend li").nth(2).wait_for()
    assert page.locator('.pick[value="skirt~pink"]').is_checked()


def test_a_fifth_curve_is_refused_kindly(open_page):
    page = open_page("en")
    picks = "&".join(f"pick={item}~beige" for item in ("trousers", "skirt"))
    page.goto(f"/trends?{picks}&pick=skirt~pink&pick=skirt~black")
    page.locator("#legend li").nth(3).wait_for()
    page.locator('.pick[value="trousers~black"]').click()
    assert "Four curves" in page.locator("#chart-state").inner_text()
    assert not page.locator('.pick[value="trousers~black"]').is_checked()
    page.get_by_role("button", name="Take black skirt out").click()
    page.locator("#legend li").nth(3).wait_for(state="detached")


def test_the_numbers_of_the_curves_are_there_for_who_cannot_see_them(open_page, look):
    page = open_page(*look)
    page.goto("/trends?weeks=12&pick=trousers~beige")
    page.locator("#chart-numbers summary").click()
    rows = page.locator("#chart-numbers tbody tr")
    assert rows.count() >= 12 + 7
    assert "%" in rows.first.inner_text()


def test_filters_lead_to_an_address_that_can_be_shared(open_page, look):
    page = open_page(*look)
    page.goto("/trends")
    page.select_option("#by", "color")
    page.select_option("#item", "skirt")
    page.locator(".filters button").click()
    page.wait_for_url("**item=skirt*")
    assert page.locator("#rows tbody tr").count() == 5


def test_the_heat_map_is_walked_by_arrow_keys_and_opens_the_photos(open_page, look):
    page = open_page(*look)
    page.goto("/trends")
    first = page.locator(".heat button").first
    first.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowDown")
    name = page.evaluate("document.activeElement.dataset.name")
    assert name and name != first.get_attribute("data-name")
    page.keyboard.press("Enter")
    page.locator("#drawer[open]").wait_for()
    assert name in page.locator("#drawer-title").inner_text()
    page.locator("#drawer-state", has_text=WORDS[look[0]]["no_photo"]).wait_for()
    is_accessible(page)
    page.keyboard.press("Escape")
    page.locator("#drawer[open]").wait_for(state="detached")
    assert page.evaluate("document.activeElement.dataset.name") == name


def test_an_alert_says_what_it_watches_and_who_is_told_and_its_secret_fits(open_page, look, site):
    page, (what, nobody) = open_page(*look), ALERTS[look[0]]
    sign_in(page, site.key)
    page.goto("/trends?item=skirt&color=pink")
    for name, webhook in (("quiet", ""), ("loud", "https://hooks.example/mapsi")):
        page.fill("#alert-name", name)
        page.fill("#alert-webhook", webhook)
        page.locator("#watch button.main").click()
        page.locator("#alerts li", has_text=name).wait_for()
    quiet, loud = (
        page.locator("#alerts li", has_text=name).inner_text() for name in ("quiet", "loud")
    )
    assert what in quiet and nobody in quiet
    assert "https://hooks.example/mapsi" in loud
    assert "whsec_" in page.locator("#secret").inner_text()
    fits(page)
    is_accessible(page)
    for left in (1, 0):
        page.locator("#alerts button").first.click()
        page.wait_for_function(
            "left => document.querySelectorAll('#alerts button').length === left", arg=left
        )


def test_who_is_signed_in_saves_a_view_and_an_alert_and_forgets_them(open_page, look, site):
    page = open_page(*look)
    sign_in(page, site.key)
    page.goto("/trends?item=skirt&color=pink")
    name = WORDS[look[0]]["saved"]
    page.fill("#view-name", name)
    page.locator("#save button.main").click()
    saved = page.locator("#views a", has_text=name)
    saved.wait_for()
    page.fill("#alert-name", name)
    page.fill("#alert-email", "md@shop.example")
    page.locator("#watch button.main").click()
    said = page.locator("#alerts li", has_text=name)
    said.wait_for()
    assert "md@shop.example" in said.inner_text() and "+30%" in said.inner_text()
    assert page.input_value("#alert-name") == ""
    is_accessible(page)
    page.locator("#alerts button").click()
    page.locator("#alerts button").wait_for(state="detached")
    saved.click()
    page.wait_for_url("**item=skirt*")
    page.locator("#views button").click()
    page.locator("#views button").wait_for(state="detached")


def test_two_browsers_are_two_guests(open_page, site):
    one, two = open_page("en"), open_page("ko")
    for page in (one, two):
        page.goto("/trends")
        page.wait_for_selector("#chart canvas")
    tokens = {page.context.cookies()[0]["value"] for page in (one, two)}
    assert len(tokens) == 2
