"""Pictures of looks on the page: followed, called off, touched, changed, compared."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from tests.page.looking import fits, is_accessible
from tests.servers.drawing.openai_images import OpenAIServer
from tests.servers.serving import serving
from tests.system.installation import Installation

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.page, pytest.mark.timeout(900)]
WISH = {
    "ko": "하얀 셔츠에 남색 바지 입은 모습으로 그려줘",
    "en": "draw a white shirt and navy trousers",
}
CHANGE = {"ko": "빨강으로 바꿔 줘", "en": "red"}


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """An installation whose looks are drawn, flatly, by a server."""
    with serving(OpenAIServer) as server:
        environment = {
            "MAPSI_DRAWER": "openai",
            "MAPSI_GENERATION_OPENAI_URL": f"{server.url}/v1",
            "MAPSI_GENERATION_OPENAI_EXTRA": json.dumps({"seed": "%seed%"}),
            "MAPSI_GENERATION_ATTEMPTS": "1",
            # Flat people: only made-up eyes take them for people in garments.
            "MAPSI_SEGMENTATION_ENGINE": "fake",
            "MAPSI_CLASSIFICATION_ENGINE": "fake",
        }
        installation = Installation(tmp_path_factory.mktemp("studio") / "data", environment)
        installation.up()
        yield installation
        installation.close()


def wish(page: Page, studio: Installation, language: str) -> None:
    page.goto(f"{studio.url}/chat?lang={language}")
    page.locator("#welcome").wait_for()
    say(page, WISH[language])
    page.locator(".picture").first.wait_for()


def say(page: Page, text: str) -> None:
    page.fill("#text", text)
    page.press("#text", "Enter")


def test_a_look_is_drawn_touched_changed_and_compared(studio, open_page, look):
    language, page = look[0], open_page(*look)
    wish(page, studio, language)
    page.locator(".picture .frame img").first.wait_for()
    garment = page.locator(".last-picture .garments .chip").first
    garment.focus()
    page.locator(".box.lit").wait_for()
    fits(page)
    is_accessible(page)
    garment.click()
    prefilled = page.input_value("#text")
    assert garment.inner_text() in prefilled
    say(page, prefilled + CHANGE[language])
    changed = page.locator(".picture").nth(1)
    changed.locator("details summary").first.click()
    changed.locator("input[type=range]").first.fill("80")
    cut = changed.locator(".compare").evaluate("frame => frame.style.getPropertyValue('--cut')")
    assert cut == "80%"
    fits(page)
    is_accessible(page)
    page.reload()
    page.locator(".picture .frame img").nth(1).wait_for()


def test_a_drawing_is_called_off(studio, open_page):
    page = open_page("en")
    page.route("**/events", lambda route: route.fulfill(**under_way(route.request.url)))
    asked: list[str] = []
    page.on("request", lambda request: asked.append(f"{request.method} {request.url}"))
    wish(page, studio, "en")
    page.get_by_role("button", name="Cancel").click()
    page.get_by_role("button", name="Cancelling").wait_for()
    page.unroute("**/events")
    page.locator(".picture progress").wait_for(state="detached")
    assert any(one.startswith("DELETE") and "/v1/generations/" in one for one in asked)


def under_way(url: str) -> dict[str, object]:
    """Return what the events of a job say that is being drawn."""
    view = {
        "state": "running", "served_by": "openai", "step": 3, "steps": 9,
        "cancel_requested": False, "links": {"preview": None}, "id": url.split("/")[-2],
    }  # fmt: skip
    body = f"event: progress\ndata: {json.dumps(view)}\n\n"
    return {"content_type": "text/event-stream", "body": body}
