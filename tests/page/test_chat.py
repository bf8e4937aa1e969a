"""Talking to Mapsi on the page: asking, choosing, liking, coming back; alone, and undisturbed."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from tests.page.looking import fits, is_accessible
from tests.page.talking import answers, be_somebody, begin, kept, say, shown
from tests.system.photos import sample_photos

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.page, pytest.mark.timeout(900)]
BOARD_MS = 180_000
"""Boards are drawn one after the other, by a worker that other tests keep busy."""
WORDS = {
    "ko": {
        "example": "데이트룩 추천해 주세요",
        "style": "캐주얼",
        "gender": "여성",
        "like": "첫 번째 코디 마음에 들어요",
        "glad": "다음 추천에 반영할게요",
        "draw": "첫 번째 코디 그려 주세요",
        "help": "도움말",
        "forget": "잊기: 캐주얼",
        "no_talks": "아직 없습니다",
    },
    "en": {
        "example": "Recommend a date look",
        "style": "casual",
        "gender": "women",
        "like": "I like the first look",
        "glad": "I will remember that",
        "draw": "Draw the first look",
        "help": "help",
        "forget": "Forget: casual",
        "no_talks": "Nothing yet",
    },
}
ROWS = {
    "ko": ("요즘 뭐가 유행이야?", "베이지 바지"),
    "en": ("what is trending now?", "beige trousers"),
}
DRAWN = {
    "ko": ("미니멀한 출근룩 그려 줘", "새로 그린 그림은 아니에요"),
    "en": ("draw a minimal work look", "not a newly drawn picture"),
}


def test_a_newcomer_finds_a_look_likes_it_and_sees_its_board(shop, open_page, look):
    words, page = WORDS[look[0]], open_page(*look)
    begin(page, look[0])
    fits(page)
    is_accessible(page)
    page.get_by_role("button", name=words["example"]).click()
    answers(page, 1)
    page.get_by_role("button", name=words["style"], exact=True).click()
    answers(page, 2)
    page.get_by_role("button", name=words["gender"], exact=True).click()
    answers(page, 3)
    first = page.locator(".last-looks .outfit").first
    assert first.locator(".pieces a").first.get_attribute("href").startswith("https://shop.example")
    first.locator("summary").last.click()
    assert first.locator(".why li").first.is_visible()
    page.locator(".last-looks .board img").first.wait_for(timeout=BOARD_MS)
    fits(page)
    is_accessible(page)
    first.locator(".says button").nth(0).click()
    assert words["glad"] in answers(page, 4)
    page.locator(".last-looks .outfit").first.locator(".says button").nth(2).click()
    answers(page, 5)
    page.locator(".picture img").last.wait_for(timeout=BOARD_MS)
    assert shown(page)[-2:] == [words["like"], words["draw"]]
    fits(page)
    is_accessible(page)


def test_a_look_that_is_wished_for_as_a_picture_has_it_above_and_says_what_it_is(
    shop, open_page, look
):
    text, said = DRAWN[look[0]]
    page = open_page(*look)
    begin(page, look[0], by=shop)
    say(page, text)
    assert said in answers(page, 1)
    picture, outfit = page.locator(".cards.of-picture .picture"), page.locator(".of-outfit .outfit")
    picture.locator("img").first.wait_for(timeout=BOARD_MS)
    top = [one.bounding_box()["y"] for one in (picture, outfit)]
    assert top[0] < top[1]
    wide = "card => card.scrollWidth - card.clientWidth"
    assert picture.evaluate(wide) == 0
    fits(page)


def test_a_trends_rows_are_named_as_people_say_it_and_their_curves_are_seen(shop, open_page, look):
    page, (asked, name) = open_page(*look), ROWS[look[0]]
    begin(page, look[0], by=shop)
    say(page, asked)
    answers(page, 1)
    row = page.locator(".trend tbody tr", has_text=name)
    curve = row.locator("svg")
    curve.wait_for()
    assert curve.bounding_box()["width"] >= 40
    table = page.locator(".trend .scroll")
    assert table.evaluate("box => box.scrollWidth - box.clientWidth") == 0
    fits(page)
    is_accessible(page)


def test_a_week_that_is_not_over_is_no_point_of_a_curve(shop, open_page):
    page = open_page("en")
    begin(page, "en", by=shop)

    def unfinished(route) -> None:
        answer = route.fetch()
        told = answer.json() | {"running": True}
        for one in told["series"]:
            one["shares"][-1] = 0.987
        route.fulfill(response=answer, json=told)

    page.route("**/v1/trends/series?*", unfinished)
    say(page, "what colours are in now?")
    answers(page, 1)
    curve = page.locator(".trend svg").first
    curve.wait_for()
    told = curve.get_attribute("aria-label")
    assert "%" in told and "98.7%" not in told


def test_a_talk_is_there_after_a_reload_and_in_the_other_language(shop, open_page, look):
    words, page = WORDS[look[0]], open_page(*look)
    begin(page, look[0], by=shop)
    say(page, words["example"])
    answers(page, 1)
    page.reload()
    answers(page, 1)
    assert page.locator(".choices .chip").count() == 6
    page.locator("a[hreflang]").first.click()
    page.wait_for_url(lambda url: "session=" in url and f"lang={look[0]}" not in url)
    answers(page, 1)
    assert shown(page) == [words["example"]]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_a_restart_of_the_gateway_loses_and_doubles_no_message(shop, open_page, number):
    page = open_page("en")
    begin(page, "en", by=shop)
    say(page, "hello")
    answers(page, 1)
    os.kill(shop.pids["gateway"], number)
    for text in ("help", "thank you", "what can you do?"):
        say(page, text)
    answers(page, 4)
    page.locator("#offline").wait_for(state="hidden")
    assert shown(page) == kept(page) == ["hello", "help", "thank you", "what can you do?"]


def test_a_message_waits_through_a_lost_connection_and_a_reload(shop, open_page):
    page = open_page("ko", "phone")
    begin(page, "ko", by=shop)
    say(page, "안녕")
    answers(page, 1)
    page.route("**/messages", lambda route: route.abort())
    say(page, "도움말")
    page.locator(".is-waiting, .is-failed").first.wait_for()
    page.unroute("**/messages")
    page.reload()
    answers(page, 2)
    assert shown(page) == kept(page) == ["안녕", "도움말"]


def test_an_answer_that_was_cut_off_is_had_again_once(shop, open_page):
    page, cut = open_page("en"), []
    begin(page, "en", by=shop)

    def cut_off(route) -> None:
        answer = route.fetch()
        body = answer.body() if cut else answer.body()[:200]
        cut.append(len(body))
        route.fulfill(response=answer, body=body)

    page.route("**/messages", cut_off)
    say(page, "hello")
    answers(page, 1)
    assert len(cut) == 2
    assert kept(page) == shown(page) == ["hello"]


def test_too_much_at_once_waits_and_goes_on(shop, open_page):
    page, refused = open_page("en"), []
    begin(page, "en", by=shop)

    def refuse_once(route) -> None:
        if refused:
            route.continue_()
            return
        refused.append(route)
        route.fulfill(status=429, headers={"Retry-After": "2"}, json={"detail": "wait"})

    page.route("**/messages", refuse_once)
    say(page, "hello")
    page.locator(".is-paced").wait_for()
    answers(page, 1)
    assert kept(page) == ["hello"]


def test_a_message_that_is_refused_can_be_taken_back(shop, open_page):
    page = open_page("en")
    begin(page, "en", by=shop)
    refuse = {"status": 422, "json": {"detail": "not like this", "reason": "bad"}}
    page.route("**/messages", lambda route: route.fulfill(**refuse))
    say(page, "hello")
    assert "not like this" in page.get_by_role("alert").inner_text()
    page.get_by_role("button", name="Discard").click()
    page.locator(".turn").wait_for(state="detached")
    assert page.input_value("#text") == "hello"


def test_what_is_too_long_is_said_so_and_nothing_of_it_is_cut(shop, open_page, look):
    page = open_page(*look)
    begin(page, look[0], by=shop)
    pasted = "데이트룩이요 " * 1_500
    page.focus("#text")
    page.keyboard.insert_text(pasted)
    assert page.input_value("#text") == pasted
    told = page.locator("#too-long").inner_text()
    assert "10,499" in told and "10,000" in told
    assert page.locator("#send").is_disabled()
    page.press("#text", "Enter")
    assert shown(page) == [] and page.input_value("#text") == pasted
    fits(page)
    is_accessible(page)
    page.reload()
    page.locator("#too-long").wait_for()
    say(page, pasted[:10_000].strip())
    answers(page, 1)
    assert page.locator("#too-long").is_hidden()
    assert kept(page) == [pasted[:10_000].strip()]


def test_two_browsers_see_nothing_of_each_other(shop, open_page):
    mine, theirs = open_page("en"), open_page("en")
    begin(mine, "en")
    say(mine, "I like minimal")
    answers(mine, 1)
    theirs.goto(mine.url)
    theirs.locator(".notice").wait_for()
    assert theirs.locator(".turn").count() == 0
    assert WORDS["en"]["no_talks"] in theirs.locator("#talks").inner_text()
    theirs.click("#open-preferences")
    theirs.locator("#known section").first.wait_for()
    assert theirs.locator(".known li").count() == 0


@pytest.mark.parametrize("session", ["0" * 32, "mistyped"])
def test_an_address_without_a_conversation_says_so_and_begins_a_new_one(shop, open_page, session):
    page = open_page("en")
    be_somebody(page, shop)
    page.goto(f"/chat?session={session}")
    page.locator(".notice", has_text="no longer there").wait_for()
    assert page.locator("#welcome").is_visible() and "session=" not in page.url
    say(page, "hello")
    answers(page, 1)


def test_what_is_known_is_seen_changed_and_erased(shop, open_page, look):
    words, page = WORDS[look[0]], open_page(*look)
    begin(page, look[0], by=shop)
    say(page, "캐주얼 좋아해" if look[0] == "ko" else "I like casual")
    answers(page, 1)
    page.click("#open-preferences")
    weight = page.locator(".known input").first
    weight.wait_for()
    fits(page)
    is_accessible(page)
    weight.evaluate("range => (range.value = -0.5, range.dispatchEvent(new Event('change')))")
    page.wait_for_function("document.querySelector('.known input').value === '-0.5'")
    page.get_by_role("button", name=words["forget"]).click()
    page.locator(".known li").wait_for(state="detached")
    page.keyboard.press("Escape")
    assert not page.locator("#preferences").is_visible()


def test_a_photo_goes_along_with_a_message(shop, open_page, look):
    page = open_page(*look)
    begin(page, look[0], by=shop)
    page.set_input_files("#file", sample_photos("amateur_posture.jpg")[8])
    page.locator("#attached .chip").first.wait_for()
    is_accessible(page)
    page.locator("#attached .chip").first.click()
    answers(page, 1)
    page.locator(".of-item .item").first.wait_for()
    page.locator(".turn img.sent").wait_for()
    assert page.locator("#attached").is_hidden()


def test_a_wrong_file_is_refused_before_it_is_sent(shop, open_page, tmp_path):
    page = open_page("en")
    begin(page, "en", by=shop)
    (tmp_path / "notes.txt").write_text("no photo")
    page.set_input_files("#file", tmp_path / "notes.txt")
    assert "JPEG" in page.locator("#attached").inner_text()


def test_a_talk_is_found_again_and_deleted(shop, open_page, look):
    words, page = WORDS[look[0]], open_page(*look)
    begin(page, look[0], by=shop)
    say(page, words["help"])
    answers(page, 1)
    in_history(page, look[1], lambda: page.locator("#new").click())
    assert shown(page) == []
    in_history(page, look[1], lambda: page.locator(".talk-name").click())
    answers(page, 1)
    in_history(page, look[1], lambda: [page.locator(".bin").click() for _ in range(2)])
    page.locator(".talk-name").wait_for(state="detached")


def in_history(page: Page, size: str, does: Callable[[], object]) -> None:
    """Do something in the list of conversations, which is behind a button on a phone."""
    if size == "phone" and not page.locator("#history").is_visible():
        page.click("#open-history")
    does()


def test_enter_within_a_korean_syllable_sends_nothing(shop, open_page):
    page = open_page("ko")
    begin(page, "ko", by=shop)
    page.fill("#text", "안녕")
    page.evaluate(
        "document.querySelector('#text').dispatchEvent(new KeyboardEvent('keydown',"
        " { key: 'Enter', isComposing: true, bubbles: true, cancelable: true }))"
    )
    assert page.input_value("#text") == "안녕"
    page.press("#text", "Enter")
    answers(page, 1)
    assert shown(page) == ["안녕"]
    assert page.evaluate("document.activeElement.id") == "text"


def test_a_question_of_the_start_page_is_asked_at_once_a_foreign_link_only_fills_it_in(
    shop, open_page
):
    page = open_page("en")
    be_somebody(page, shop)
    page.goto("/chat?say=help")
    page.wait_for_function("document.querySelector('#text').value === 'help'")
    assert shown(page) == []
    page.goto("/")
    page.evaluate("location.assign('/chat?say=help')")
    answers(page, 1)
    assert "say=" not in page.url


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_narrowest_phone_has_the_box_in_sight(shop, open_page, scheme):
    page = open_page("ko", viewport={"width": 360, "height": 400}, color_scheme=scheme)
    begin(page, "ko", by=shop)
    box = page.locator("#text").bounding_box()
    assert box is not None and box["y"] + box["height"] <= 400
    fits(page)
    is_accessible(page)
