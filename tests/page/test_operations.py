"""The operations page: one glance, and what an operator does about it."""

from __future__ import annotations

import os
import re
import signal
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from PIL import Image
from sqlalchemy import update

from services.gateway.keys import create_key
from shared.records import open_database
from shared.records.ingestion import Photo
from shared.records.sources import SourceCursor
from shared.settings import Settings
from shared.source_calls import Allowance, Asked
from tests.page.looking import fits, is_accessible, sign_in
from tests.system.installation import Installation

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.page, pytest.mark.timeout(900)]
REASON = "color.name_colors: MemoryError: 4 GB is not there"
OUTSIDE = {"name": "fashion-town", "kind": "mastodon", "url": "https://fashion-town.invalid"}
WORDS = {
    "ko": {
        "title": "운영",
        "no_jobs": "그림을 기다리는 사람이 없습니다",
        "given_up": "포기",
        "retry": "사진 1장 다시 시도",
        "yes": "다시 시도",
        "again": "다시 처리합니다",
        "pause": "멈추기",
        "go_on": "다시 읽기",
        "paused": "멈춤",
        "admin": "관리자 키",
    },
    "en": {
        "title": "Operations",
        "no_jobs": "Nobody waits for a picture",
        "given_up": "given up",
        "retry": "Retry 1 photo",
        "yes": "Retry",
        "again": "under way again",
        "pause": "Pause",
        "go_on": "Let it go on",
        "paused": "paused",
        "admin": "admin key",
    },
}

LIMITS = {
    "ko": {
        "asked": "번 요청",
        "limits": ("5분에 300번", "할당량 없음", "30개 중 0개 사용"),
        "left": "300번 중 287번 남음",
    },
    "en": {
        "asked": "pages asked for today",
        "limits": ("300 calls in 5 minutes", "no quota", "0 of 30 hashtags used"),
        "left": "287 of 300 calls left",
    },
}


@pytest.fixture
def operate(site: Installation, open_page: Callable[..., Page]) -> Callable[..., Page]:
    """Open the page as an admin, once all was told."""

    def open_one(language: str = "en", size: str = "desk", **options: str) -> Page:
        page = open_page(language, size, **options)
        sign_in(page, site.key)
        page.goto("/operations")
        page.locator(".parts li").nth(8).wait_for()
        for part in ("photos", "queues", "jobs", "sources", "feeds", "models"):
            page.locator(f"#{part} .state", has_text=re.compile(r"불러오는|Loading")).wait_for(
                state="detached"
            )
        return page

    return open_one


def bury(site: Installation, folder: Path) -> str:
    """Let a photo be given up when its analysis is asked for anew; return its id."""
    path = folder / "grey.png"
    Image.effect_noise((320, 420), 90).convert("RGB").save(path)
    site.json("ingest", str(path), "--wait", timeout=300)
    with closing(open_database(Settings(data_dir=site.data_dir).database)) as database:
        with database.reading() as session:
            newest = session.query(Photo).order_by(Photo.received_at.desc()).first()
            assert newest is not None
        with database.transaction() as session:
            session.execute(
                update(Photo)
                .where(Photo.photo_id == newest.photo_id)
                .values(
                    generation=Photo.generation + 1,
                    buried_at=datetime.now(UTC),
                    buried_reason=REASON,
                    attempts=3,
                )
            )
    return newest.photo_id


@contextmanager
def stopped(pid: int) -> Iterator[None]:
    """Let a process stand still."""
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_one_glance_tells_how_all_is(operate, look, scheme):
    page = operate(*look, color_scheme=scheme)
    words = WORDS[look[0]]
    assert page.locator("h1").inner_text() == words["title"]
    parts = page.locator(".parts").inner_text()
    for name in ("ingestion", "classification", "segmentation", "color", "trends", "beat"):
        assert name in parts
    assert page.locator("#queues tbody tr").count() >= 7
    assert words["no_jobs"] in page.locator("#jobs .state").inner_text()
    assert page.locator("#models .rows li").count() == 6
    fits(page)
    is_accessible(page)


def test_a_photo_that_was_given_up_is_retried_and_seen_done(operate, look, site, tmp_path):
    words, page = WORDS[look[0]], operate(*look)
    photo_id = bury(site, tmp_path)
    reason = page.locator(".reasons li", has_text=REASON)
    reason.wait_for()
    assert words["given_up"] in reason.inner_text()
    page.locator(".parts li.attention").first.wait_for()
    reason.locator("[data-does=show]").click()
    page.locator(f"#shown-photos [data-key='{photo_id}']").wait_for()
    is_accessible(page)
    page.keyboard.press("Escape")
    reason.get_by_role("button", name=words["retry"], exact=True).click()
    page.locator("#sure[open]").wait_for()
    fits(page)
    is_accessible(page)
    page.locator("#sure-yes").click()
    page.locator("#told", has_text=words["again"]).wait_for()
    reason.wait_for(state="detached")
    page.locator(".tiles [data-key=pending] dd", has_text=re.compile("^0$")).wait_for()
    page.locator(".tiles [data-key=buried] dd", has_text=re.compile("^0$")).wait_for()


def test_who_does_not_mean_it_leaves_all_as_it_is(operate, site, tmp_path):
    page = operate()
    photo_id = bury(site, tmp_path)
    page.locator("#retry-buried").click()
    page.keyboard.press("Enter")  # on what is safe
    page.locator("#sure[open]").wait_for(state="detached")
    page.locator(".reasons li [data-does=show]").click()
    page.locator(f"#shown-photos [data-key='{photo_id}'] button").click()
    page.locator("#shown-state", has_text="None is left").wait_for()
    page.locator("#shown-close").click()
    page.locator(".reasons li").wait_for(state="detached")


def test_a_source_is_paused_and_goes_on(operate, look, site):
    words = WORDS[look[0]]
    with site.http() as http:
        assert http.post("/v1/sources", json=OUTSIDE).status_code == 201
        try:
            page = operate(*look)
            row = page.locator("#sources .rows li", has_text="fashion-town")
            row.get_by_role("button", name=words["pause"]).click()
            row.get_by_text(words["paused"], exact=True).wait_for()
            assert http.get("/v1/sources/fashion-town").json()["state"] == "paused"
            fits(page)
            is_accessible(page)
            row.get_by_role("button", name=words["go_on"]).click()
            row.get_by_text(words["paused"], exact=True).wait_for(state="detached")
            assert http.get("/v1/sources/fashion-town").json()["state"] != "paused"
        finally:
            http.delete("/v1/sources/fashion-town")


def test_every_source_says_how_often_it_was_asked_and_how_often_it_may_be(operate, look, site):
    words = LIMITS[look[0]]
    kinds = {
        "fashion-town": OUTSIDE,
        "street-blog": {"kind": "feed", "url": "https://street.invalid/feed.xml"},
        "our-account": {"kind": "instagram", "user_id": "17841400000000000"},
    }
    with site.http() as http:
        try:
            for name, spec in kinds.items():
                assert http.post("/v1/sources", json={**spec, "name": name}).status_code == 201
                http.patch(f"/v1/sources/{name}", json={"paused": True})
            answered(site, "fashion-town")
            page = operate(*look)
            for name, told in zip(kinds, words["limits"], strict=True):
                row = page.locator("#sources .rows li", has_text=name).inner_text()
                assert told in row
                assert words["asked"] in row
            town = page.locator("#sources .rows li", has_text="fashion-town").inner_text()
            assert words["left"] in town
            fits(page)
            is_accessible(page)
        finally:
            for name in kinds:
                http.delete(f"/v1/sources/{name}")


def answered(site: Installation, name: str) -> None:
    """Let a source have been asked five times today, and have told its limit."""
    now = datetime.now(UTC)
    told = Allowance(limit=300, remaining=287, resets_at=None, told_at=now)
    asked = Asked(on=now.date(), calls=5, allowance=told).model_dump(mode="json")
    with (
        closing(open_database(Settings(data_dir=site.data_dir).database)) as database,
        database.transaction() as session,
    ):
        session.merge(SourceCursor(source=name, hashtag="ootd", position={"asked": asked}))


def test_a_worker_that_is_down_is_seen_with_the_fix_and_comes_back(operate, site):
    page = operate()
    down = page.locator(".parts li.away", has_text="color")
    with stopped(site.pids["color"]):
        down.wait_for(timeout=120_000)
        assert "mapsi worker color" in down.inner_text()
        assert "need" in page.locator("#headline").inner_text()
        page.locator("#queues td.none, #queues td", has_text="none").first.wait_for()
        is_accessible(page)
    down.wait_for(state="detached", timeout=120_000)


def test_what_has_the_focus_keeps_it_while_the_page_is_told_anew(operate, site, tmp_path):
    page = operate()
    bury(site, tmp_path)
    button = page.locator(".reasons [data-does=retry]")
    button.focus()
    for _ in range(2):
        page.wait_for_event("response", lambda answer: "operations/photos" in answer.url)
    assert page.evaluate("document.activeElement.dataset.does") == "retry"
    page.keyboard.press("Enter")
    page.locator("#sure-yes").click()
    button.wait_for(state="detached")
    assert page.evaluate("document.activeElement.tagName") != "BODY"


def test_held_it_asks_nothing_and_goes_on_when_asked(operate):
    page = operate()
    page.locator("#hold").click()
    asked = []
    page.wait_for_timeout(1000)
    page.on("request", lambda request: asked.append(request.url))
    page.wait_for_timeout(7000)
    assert asked == []
    with page.expect_response("**/v1/operations/status"):
        page.locator("#hold").click()


def test_a_lost_connection_is_told_and_the_page_goes_on_by_itself(operate):
    page = operate("ko", "phone")
    page.context.set_offline(True)
    page.locator("#offline").wait_for(state="visible")
    page.locator("#status .parts li").first.wait_for()  # what was told stays
    page.context.set_offline(False)
    page.locator("#offline").wait_for(state="hidden")
    page.locator(".state.wrong").first.wait_for(state="detached")


def test_who_is_no_admin_is_told_how_to_become_one(open_page, look, site):
    words, page = WORDS[look[0]], open_page(*look)
    page.goto("/operations")
    assert page.get_by_role("navigation").get_by_text(words["title"]).count() == 0
    assert "mapsi up" in page.locator("main").inner_text()
    fits(page)
    is_accessible(page)
    with closing(open_database(Settings(data_dir=site.data_dir).database)) as database:
        key = create_key(database, "merchandiser", "user")
    sign_in(page, key)
    page.goto("/operations")
    assert "merchandiser" in page.locator("main").inner_text()
    assert words["admin"] in page.locator("main").inner_text()


@pytest.mark.parametrize("width", [360, 768, 3840])
def test_every_width_fits_and_nothing_is_heavy(operate, width):
    page = operate(viewport={"width": width, "height": 900})
    fits(page)
    sizes: list[int] = []
    page.on("response", lambda answer: answer.ok and sizes.append(len(answer.body())))
    page.reload()
    page.locator("#models .rows li").first.wait_for()
    assert sum(sizes) < 500_000
