"""Pictures of looks on the page: watched, called off, chosen, touched, changed, compared."""

from __future__ import annotations

import json
import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO
from typing import TYPE_CHECKING, Any

import pytest
from PIL import Image

from services.gateway.job_views import SeenGarment, SeenGarments
from services.generation.files import PREVIEW, JobFiles
from shared.bus import connect, deliver
from shared.contracts.garments import Rle
from shared.contracts.generation import LookProgressed
from shared.masks import decode_mask
from shared.settings import Settings
from tests.page.conftest import START
from tests.page.looking import fits, is_accessible
from tests.servers.drawing.http import Asked, Said
from tests.servers.drawing.openai_images import OpenAIServer
from tests.servers.serving import serving
from tests.system.installation import Installation, until

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

pytestmark = [pytest.mark.page, pytest.mark.timeout(900)]
WISH = {
    "ko": "하얀 셔츠에 남색 바지 입은 모습으로 그려줘",
    "en": "draw a white shirt and navy trousers",
}
CHANGE = {"ko": "빨강으로 바꿔 줘", "en": "red"}
FOUR = {"ko": "네 가지로", "en": "Four versions"}
UNDO = {"ko": "이전 그림", "en": "The one before"}
STEP = {"ko": "9단계 중 3", "en": "step 3 of 9"}
LIT = """canvas => {
  const { width, height } = canvas;
  const shown = canvas.getContext("2d").getImageData(0, 0, width, height).data;
  const lit = shown.filter((_, at) => at % 4 === 3 && shown[at] > 0).length;
  return [canvas.dataset.garment, lit / (width * height)];
}"""


@dataclass
class Studio:
    """An installation whose looks are drawn, flatly, by a server."""

    installation: Installation
    server: OpenAIServer

    @contextmanager
    def drawing(self) -> Iterator[None]:
        """Let the server draw on and on until the block ends."""
        over = threading.Event()

        def slowly(asked: Asked) -> Said:
            over.wait(300)
            return self.server.answer(asked)

        self.server.faults = [slowly] * 8
        try:
            yield
        finally:
            self.server.faults = []
            over.set()

    def show_preview(self, job_id: str, *, step: int, color: str) -> None:
        """Tell how far a job is, as who draws step by step does."""
        context = connect(Settings(data_dir=self.installation.data_dir))
        out = BytesIO()
        Image.new("RGB", (104, 152), color).save(out, "WEBP")
        JobFiles(job_id, context.storage).put(PREVIEW, out.getvalue(), "image/webp")
        told = LookProgressed(
            job_id=job_id, state="running", step=step, steps=9, preview=True, at=datetime.now(UTC)
        )
        deliver(told, context)


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
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
        installation.up(timeout=START)
        yield Studio(installation, server)
        installation.close()


def wish(page: Page, language: str) -> None:
    page.goto(f"/chat?lang={language}")
    page.locator("#welcome").wait_for()
    say(page, WISH[language])
    page.locator(".picture").first.wait_for()


def say(page: Page, text: str) -> None:
    page.fill("#text", text)
    page.press("#text", "Enter")


def picture(page: Page, number: int) -> Locator:
    """Return a picture of the conversation, from 0, once it is there with its garments."""
    card = page.locator(".picture").nth(number)
    card.locator(".garments .chip").first.wait_for()
    return card


def jobs(page: Page) -> list[dict[str, Any]]:
    """Return this person's pictures, the latest first."""
    told: dict[str, Any] = page.evaluate("async () => (await fetch('/v1/generations')).json()")
    items: list[dict[str, Any]] = told["items"]
    return items


def job_of(card: Locator) -> str:
    source = card.locator(".frame img").first.get_attribute("src")
    assert source is not None
    return source.split("/")[3]


def garments(page: Page, card: Locator) -> dict[int, SeenGarment]:
    """Return what the API says is seen in a picture, by the number of each."""
    path = f"/v1/generations/{job_of(card)}/garments"
    told = page.evaluate("async (path) => (await fetch(path)).text()", path)
    return {one.garment: one for one in SeenGarments.model_validate_json(told).garments}


def shown_in(mask: Rle) -> float:
    """Return how much of a picture a mask covers."""
    height, width = mask.size
    return float(decode_mask(mask, height=height, width=width).mean())


def lit(card: Locator) -> tuple[str, float]:
    """Return which garment is lit, and how much of the picture that is."""
    garment, part = card.locator("canvas.light").evaluate(LIT)
    return garment, part


def in_sight(image: Locator) -> None:
    """Wait until a picture has come."""
    image.wait_for()
    until(lambda: image.evaluate("image => image.complete && image.naturalWidth > 0"))


def test_a_garment_lights_up_where_it_is_pointed_at_and_is_changed(studio, open_page, look):
    language, page = look[0], open_page(*look, base_url=studio.installation.url)
    wish(page, language)
    card = picture(page, 0)
    in_sight(card.locator(".frame img").first)
    garment = card.locator(".garments .chip").first
    garment.focus()
    number, part = lit(card)
    seen = garments(page, card)[int(number)]
    assert part == pytest.approx(shown_in(seen.mask), abs=0.02)
    fits(page)
    is_accessible(page)
    page.focus("#text")
    assert lit(card) == ("", 0)
    x, y = inside(card)
    card.locator(".frame").first.click(position={"x": x, "y": y})
    page.locator("#about", has_text=garment.inner_text()).wait_for()
    assert garment.inner_text() in page.input_value("#text")
    assert lit(card)[0] == number
    fits(page)
    is_accessible(page)
    say(page, page.input_value("#text") + CHANGE[language])
    picture(page, 1)
    assert page.locator("#about").is_hidden()
    newest = jobs(page)[0]
    assert newest["parent"] == job_of(card)
    assert any(worn["color"] == "red" for worn in newest["wear"])


def inside(card: Locator) -> tuple[float, float]:
    """Return a place of the first garment: the middle of the first lit pixel's run."""
    card.locator(".garments .chip").first.focus()
    share: list[float] = card.locator("canvas.light").evaluate(
        """canvas => {
          const { width, height } = canvas;
          const shown = canvas.getContext("2d").getImageData(0, 0, width, height).data;
          const lit = (at) => shown[at * 4 + 3] > 0;
          const found = [...Array(width * height).keys()].filter(lit);
          const at = found[Math.floor(found.length / 2)];
          return [(at % width + 0.5) / width, (Math.floor(at / width) + 0.5) / height];
        }"""
    )
    box = card.locator(".frame").first.bounding_box()
    assert box is not None
    return share[0] * box["width"], share[1] * box["height"]


def test_which_picture_a_message_is_about_is_seen_before_and_after_a_reload(
    studio, open_page, look
):
    language, page = look[0], open_page(*look, base_url=studio.installation.url)
    wish(page, language)
    garment = picture(page, 0).locator(".garments .chip").first
    label = garment.inner_text()
    garment.click()
    page.locator("#about", has_text=label).wait_for()
    page.reload()
    page.locator("#about", has_text=label).wait_for()
    say(page, page.input_value("#text") + CHANGE[language])
    points = page.locator(".turn .points", has_text=label)
    points.wait_for()
    picture(page, 1)
    page.reload()
    in_sight(points.locator("img"))
    assert page.locator(".points").count() == 1 and page.locator("#about").is_hidden()
    assert jobs(page)[0]["parent"] == job_of(picture(page, 0))
    fits(page)
    is_accessible(page)


def test_before_and_after_are_compared_and_all_is_there_after_a_reload(studio, open_page, look):
    language, page = look[0], open_page(*look, base_url=studio.installation.url)
    wish(page, language)
    picture(page, 0).locator(".garments .chip").first.click()
    say(page, page.input_value("#text") + CHANGE[language])
    changed = picture(page, 1)
    changed.locator("details summary").first.click()
    in_sight(changed.locator(".compare img").first)
    in_sight(changed.locator(".compare img").nth(1))
    changed.locator("input[type=range]").first.fill("80")
    cut = changed.locator(".compare").evaluate("frame => frame.style.getPropertyValue('--cut')")
    assert cut == "80%"
    fits(page)
    is_accessible(page)
    page.reload()
    in_sight(picture(page, 1).locator(".frame img").first)


def test_one_of_four_is_chosen_changed_and_undone(studio, open_page, look):
    language, page = look[0], open_page(*look, base_url=studio.installation.url)
    wish(page, language)
    picture(page, 0).get_by_role("button", name=FOUR[language]).click()
    four = picture(page, 1)
    four.locator(".thumb").nth(3).wait_for()
    assert four.locator(".thumb").count() == 4
    for at in range(4):
        in_sight(four.locator(".thumb img").nth(at))
    four.locator(".thumb").nth(2).click()
    assert four.locator(".thumb[aria-pressed=true]").get_attribute("aria-label").endswith("3")
    in_sight(four.locator(".frame img").first)
    assert "variant=3" in four.locator(".frame img").first.get_attribute("src")
    page.locator("#about", has_text="3").wait_for()
    fits(page)
    is_accessible(page)
    say(page, {"ko": "바지를 빨강으로", "en": "red trousers please"}[language])
    changed = picture(page, 2)
    newest = jobs(page)[0]
    assert (newest["parent"], newest["parent_variant"]) == (job_of(four), 3)
    changed.get_by_role("button", name=UNDO[language]).click()
    assert job_of(picture(page, 3)) == job_of(four)


def test_an_earlier_picture_is_changed_again(studio, open_page):
    page = open_page("en", base_url=studio.installation.url)
    wish(page, "en")
    first = picture(page, 0)
    say(page, "make the trousers red")
    picture(page, 1)
    first.get_by_role("button", name="Change it").click()
    say(page, "make the trousers green")
    picture(page, 2)
    newest, second, oldest = jobs(page)
    assert newest["parent"] == second["parent"] == oldest["id"] == job_of(first)
    assert [one["color"] for one in newest["wear"]] == ["white", "green"]


def test_a_drawing_is_watched_while_it_is_drawn(studio, open_page, look):
    language, page = look[0], open_page(*look, base_url=studio.installation.url)
    with studio.drawing():
        wish(page, language)
        page.locator(".picture progress").wait_for()
        until(lambda: jobs(page)[0]["state"] == "running")
        job_id = jobs(page)[0]["id"]
        for step, color in ((3, "#aa3322"), (6, "#22aa33")):
            studio.show_preview(job_id, step=step, color=color)
            preview = page.locator(f'.picture .preview[src*="step={step}"]')
            in_sight(preview)
            assert page.locator(".picture progress").evaluate("bar => bar.value") == step
            if step == 3:
                assert STEP[language] in page.locator(".picture").inner_text()
        fits(page)
        is_accessible(page)
        page.reload()
        in_sight(page.locator(".picture .preview"))
    picture(page, 0)
    assert page.locator(".preview").count() == 0


def test_a_drawing_is_called_off(studio, open_page, look):
    language, page = look[0], open_page(*look, base_url=studio.installation.url)
    cancel = {"ko": "취소", "en": "Cancel"}[language]
    with studio.drawing():
        wish(page, language)
        until(lambda: jobs(page)[0]["state"] == "running")
        page.get_by_role("button", name=cancel, exact=True).click()
        page.locator(".picture button[disabled]").wait_for()
    page.locator(".picture progress").wait_for(state="detached")
    assert jobs(page)[0]["state"] == "cancelled"


def test_a_picture_comes_although_the_gateway_went_away_while_it_was_drawn(studio, open_page):
    page = open_page("en", base_url=studio.installation.url)
    with studio.drawing():
        wish(page, "en")
        until(lambda: jobs(page)[0]["state"] == "running")
        os.kill(studio.installation.pids["gateway"], signal.SIGKILL)
        say(page, "help")
        page.locator(".is-waiting").wait_for()
    page.locator(".is-waiting").wait_for(state="detached")
    in_sight(picture(page, 0).locator(".frame img").first)
    assert page.locator(".bubble.mine .words").all_inner_texts() == [WISH["en"], "help"]


def test_nobody_sees_a_picture_of_somebody_else(studio, open_page):
    mine, theirs = (open_page("en", base_url=studio.installation.url) for _ in range(2))
    wish(mine, "en")
    source = picture(mine, 0).locator(".frame img").first.get_attribute("src")
    theirs.goto(mine.url)
    theirs.locator(".notice").wait_for()
    assert theirs.locator(".picture").count() == 0 and jobs(theirs) == []
    seen = "async (path) => (await fetch(path)).status"
    assert (mine.evaluate(seen, source), theirs.evaluate(seen, source)) == (200, 404)
