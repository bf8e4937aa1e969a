"""What is mine on the page: tastes seen and mended, colours found, data taken along, all erased."""

from __future__ import annotations

import json
import zipfile
from typing import TYPE_CHECKING

import pytest

from tests.page.looking import fits, is_accessible
from tests.page.talking import answers, begin, kept, say, shown
from tests.system.installation import until

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.page, pytest.mark.timeout(900)]
WORDS = {
    "ko": {
        "like": "캐주얼 좋아해",
        "test": "퍼스널 컬러 테스트 해 주세요",
        "summer": "내 퍼스널 컬러는 여름이야",
        "json": "내 데이터 가져가기 (JSON)",
        "zip": "사진과 그림까지 (ZIP)",
        "forget_all": "내 취향 모두 잊기",
        "erase": "나와 내 것을 모두 지우기",
        "sure": "네, 지워 주세요",
        "hello": "안녕",
        "help": "도움말",
    },
    "en": {
        "like": "I like casual",
        "test": "Test my personal colour",
        "summer": "my personal colour is summer",
        "json": "Take my data along (JSON)",
        "zip": "With photos and pictures (ZIP)",
        "forget_all": "Forget what is known of me",
        "erase": "Delete me and all that is mine",
        "sure": "Yes, do it",
        "hello": "hello",
        "help": "help",
    },
}


def panel(page: Page) -> None:
    page.click("#open-preferences")
    page.locator("#known section").first.wait_for()


def known(page: Page) -> dict[str, object]:
    told: dict[str, object] = page.evaluate(
        "async () => (await fetch('/v1/me/preferences')).json()"
    )
    return told


def test_what_is_known_is_mended_and_is_there_again(shop, open_page, look):
    page = open_page(*look)
    begin(page, look[0], by=shop)
    say(page, WORDS[look[0]]["like"])
    answers(page, 1)
    panel(page)
    page.locator("#known-budget").fill("90000")
    page.keyboard.press("Tab")
    until(lambda: known(page)["budget"] == 90_000)
    page.locator("#known-gender").select_option("women")
    until(lambda: known(page)["gender"] == "women")
    page.locator("#known-personal_color").select_option("winter")
    until(lambda: bool(known(page)["personal_color_sources"]))
    page.locator("#known-budget").fill("12")
    page.keyboard.press("Tab")
    assert known(page)["budget"] == 90_000  # too little for a look: the box says so
    fits(page)
    is_accessible(page)
    page.reload()
    answers(page, 1)
    panel(page)
    assert page.input_value("#known-budget") == "90000"
    assert page.input_value("#known-gender") == "women"
    assert page.input_value("#known-personal_color") == "winter"
    page.get_by_role("button", name=WORDS[look[0]]["forget_all"]).click()
    page.get_by_role("button", name=WORDS[look[0]]["sure"]).click()
    until(lambda: known(page)["details"] == [] and known(page)["budget"] is None)


def test_the_personal_colour_is_found_with_its_palette_and_how_sure_that_is(shop, open_page, look):
    page = open_page(*look)
    begin(page, look[0], by=shop)
    page.get_by_role("button", name=WORDS[look[0]]["test"]).click()
    for number in range(1, 7):
        answers(page, number)
        page.locator(".last .choices .chip").first.click()
    answers(page, 7)
    palette = page.locator(".palette")
    assert palette.locator(".swatches li").count() >= 6
    painted = "field => getComputedStyle(field).backgroundColor"
    assert palette.locator(".field").first.evaluate(painted) != "rgba(0, 0, 0, 0)"
    values = palette.locator("meter").evaluate_all("bars => bars.map((bar) => bar.value)")
    assert len(values) == 4 and sum(values) == pytest.approx(1, abs=0.01)
    assert values == sorted(values, reverse=True) and values[0] > 0.3
    fits(page)
    is_accessible(page)
    panel(page)
    assert page.input_value("#known-personal_color") != ""
    assert page.locator("#known meter").count() == 4


def test_a_season_that_is_said_is_noted(shop, open_page, look):
    page = open_page(*look)
    begin(page, look[0], by=shop)
    say(page, WORDS[look[0]]["summer"])
    answers(page, 1)
    panel(page)
    assert page.input_value("#known-personal_color") == "summer"


def test_my_data_arrives_as_files_that_can_be_read(shop, open_page, look, tmp_path):
    words, page = WORDS[look[0]], open_page(*look)
    begin(page, look[0], by=shop)
    say(page, words["like"])
    answers(page, 1)
    panel(page)
    with page.expect_download() as coming:
        page.get_by_role("link", name=words["json"]).click()
    coming.value.save_as(tmp_path / "mine.json")
    mine = (tmp_path / "mine.json").read_text(encoding="utf-8")
    assert words["like"] in json.dumps(json.loads(mine), ensure_ascii=False)
    with page.expect_download() as coming:
        page.get_by_role("link", name=words["zip"]).click()
    coming.value.save_as(tmp_path / "mine.zip")
    with zipfile.ZipFile(tmp_path / "mine.zip") as archive:
        assert archive.testzip() is None and archive.namelist()


def test_who_erases_themselves_is_gone(shop, open_page, look):
    words, page = WORDS[look[0]], open_page(*look)
    begin(page, look[0], by=shop)
    say(page, words["like"])
    answers(page, 1)
    panel(page)
    page.get_by_role("button", name=words["erase"]).click()
    page.get_by_role("button", name=words["sure"]).wait_for()
    is_accessible(page)
    page.get_by_role("button", name=words["sure"]).click()
    page.wait_for_url(lambda url: "/chat" not in url)
    page.goto(f"/chat?lang={look[0]}")
    page.locator("#welcome").wait_for()
    assert shown(page) == []
    panel(page)
    assert page.locator(".known li").count() == 0


def test_conversations_are_kept_apart_and_gone_on_with(shop, open_page, look):
    words, page = WORDS[look[0]], open_page(*look)
    begin(page, look[0], by=shop)
    say(page, words["hello"])
    answers(page, 1)
    history(page, look[1])
    page.locator("#new").click()
    say(page, words["help"])
    answers(page, 1)
    history(page, look[1])
    page.locator(".talk-name").nth(1).wait_for()
    is_accessible(page)
    page.locator(".talk-name", has_text=words["hello"]).click()
    until(lambda: shown(page) == [words["hello"]])
    say(page, words["help"])
    answers(page, 2)
    assert kept(page) == shown(page) == [words["hello"], words["help"]]


def history(page: Page, size: str) -> None:
    if size == "phone":
        page.click("#open-history")
    page.locator("#talks").wait_for()
