"""What all pages have: language, light and dark, keyboard, a lost connection, a weight."""

from __future__ import annotations

import pytest

from tests.page.looking import fits, is_accessible

pytestmark = pytest.mark.page


def test_the_language_can_be_changed_and_stays(open_page):
    page = open_page("ko")
    page.goto("/")
    assert page.locator("h1").inner_text() == "지금 입는 옷"
    page.get_by_role("link", name="English").click()
    page.get_by_role("navigation").get_by_role("link", name="Trends").click()
    page.wait_for_url("**/trends?lang=en")
    assert page.locator("h1").inner_text() == "Trends"


def test_light_or_dark_is_kept(open_page):
    page = open_page("en", color_scheme="light")
    page.goto("/")
    light = page.evaluate("getComputedStyle(document.body).backgroundColor")
    page.get_by_role("button", name="Dark").click()
    page.goto("/trends")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") != light
    assert page.get_by_role("button", name="Light").get_attribute("aria-pressed") == "true"


def test_the_keyboard_skips_to_the_content(open_page):
    page = open_page("en")
    page.goto("/trends")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the content"
    page.keyboard.press("Enter")
    page.locator("#main:focus").wait_for()


def test_a_lost_connection_is_told_and_found_again(open_page):
    page = open_page("en")
    page.goto("/trends")
    page.wait_for_selector("#chart canvas")
    page.context.set_offline(True)
    page.locator("#offline").wait_for(state="visible")
    page.context.set_offline(False)
    page.locator("#offline").wait_for(state="hidden")


def test_no_page_is_heavier_than_500_kb_without_pictures(open_page):
    for path in ("/", "/chat", "/trends", "/looks", "/sign-in"):
        page, sizes = open_page("ko"), []
        page.on("response", lambda answer, sizes=sizes: sizes.append(answer))
        page.goto(path)
        page.wait_for_load_state("networkidle")
        came = [answer for answer in sizes if answer.status == 200]
        weight = sum(int(answer.headers["content-length"]) for answer in came)
        assert 5_000 < weight < 500_000, path
        assert weight < sum(len(answer.body()) for answer in came) / 2, path


@pytest.mark.parametrize("width", [360, 768, 3840])
def test_every_width_fits(open_page, width):
    page = open_page("en", viewport={"width": width, "height": 900})
    for path in ("/", "/chat", "/trends", "/looks", "/sign-in"):
        page.goto(path)
        fits(page)


def test_who_cannot_see_can_sign_in(open_page, look):
    page = open_page(*look)
    page.goto("/sign-in?wrong_key")
    is_accessible(page)
