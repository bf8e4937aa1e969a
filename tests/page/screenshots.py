"""Look at each page: ``python -m tests.page.screenshots FOLDER`` writes page-*.png there.

The figures are made up, and no photo is shown.
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image

from shared.records import open_database
from shared.settings import Settings
from shared.storage import open_storage
from tests.page.conftest import LOCALES, SIZES, stock, with_looks
from tests.page.looking import sign_in
from tests.page.talking import answers, say
from tests.samples import lookbook
from tests.system.installation import Installation

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

SHOTS = (
    ("start", "/", "ko", "phone", "light"),
    ("start", "/", "en", "desk", "light"),
    ("trends", "/trends?weeks=26&pick=trousers~beige&pick=skirt~pink", "en", "desk", "dark"),
    ("trends", "/trends?weeks=26&pick=trousers~beige&pick=skirt~pink", "ko", "phone", "light"),
    ("operations", "/operations", "en", "desk", "light"),
    ("operations", "/operations", "ko", "phone", "dark"),
)
"""Name, address, language, size, scheme."""
SHOTS_OF_LOOKS = (
    ("looks", "/looks", "en", "desk", "light"),
    ("looks", "/looks", "ko", "phone", "light"),
    ("look", "/looks?item=skirt", "en", "desk", "dark"),
)
"""Likewise; these are taken last: they need photos, which change the trend a little."""
SHOTS_OF_TALK = (
    ("chat", "/chat", "en", "desk", "light"),
    ("chat", "/chat", "ko", "phone", "light"),
)
"""Likewise; these need a shop."""
SHOWN = """() => {
  const pictures = [...document.querySelectorAll("dialog[open] img")];
  return pictures.length > 0 && pictures[0].complete && pictures[0].naturalWidth > 0;
}"""
"""The large picture of the open look is there."""
WISH = {
    "en": "a minimal work look for women in beige, under 250,000 won",
    "ko": "여성 미니멀 출근룩, 베이지로 25만원 이하로 추천해 주세요",
}


def main() -> None:
    """Start Mapsi with made-up looks, and look at it."""
    from playwright.sync_api import sync_playwright

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    folder = parser.parse_args().folder
    with tempfile.TemporaryDirectory() as name, sync_playwright() as driver:
        site = with_looks(Path(name) / "data")
        browser = driver.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-quic"]
        )
        try:
            site.up()
            for shot in SHOTS:
                print(_shoot(browser, site, folder, shot))
            stock(site, Path(name) / "shop")
            for shot in SHOTS_OF_TALK:
                print(_shoot(browser, site, folder, shot))
            _photograph(site)
            for shot in SHOTS_OF_LOOKS:
                print(_shoot(browser, site, folder, shot))
        finally:
            browser.close()
            site.close()


def _photograph(site: Installation) -> None:
    """Give the site a street of flat people."""
    settings = Settings(data_dir=site.data_dir)
    with closing(open_database(settings.database)) as database:
        lookbook.fill(database, open_storage(settings), last=datetime.now(UTC))


def _shoot(browser: Browser, site: Installation, folder: Path, shot: tuple[str, ...]) -> Path:
    name, address, language, size, scheme = shot
    width, height = SIZES[size]
    context = browser.new_context(
        base_url=site.url,
        locale=LOCALES[language],
        color_scheme=scheme,
        viewport={"width": width, "height": height},
        reduced_motion="reduce",
    )
    page = context.new_page()
    if name == "operations":
        sign_in(page, site.key)
    page.goto(address)
    page.wait_for_load_state("networkidle")
    if name == "trends":
        page.wait_for_selector("#chart canvas", timeout=60_000)
        page.evaluate("document.querySelector('#compare').scrollIntoView()")
    if name == "chat":
        _talk(page, WISH[language])
    if name == "operations":
        page.locator("#models .rows li").first.wait_for(timeout=60_000)
    if name == "look":
        page.locator("#gallery .look").first.click()
        page.locator(".similar .tile").first.wait_for(timeout=60_000)
        page.wait_for_function(SHOWN, timeout=60_000)
    path = folder / f"page-{name}-{size}.{language}.png"
    page.screenshot(path=path)
    context.close()
    with Image.open(path) as picture:  # few colours: a palette is a third of the size
        picture.convert("RGB").quantize(128).save(path, optimize=True)
    return path


def _talk(page: Page, wish: str) -> None:
    """Ask for looks, and wait until their boards are drawn."""
    say(page, wish)
    answers(page, 1)
    for at in range(page.locator(".outfit").count()):
        card = page.locator(".outfit").nth(at)
        card.scroll_into_view_if_needed()
        card.locator(".board img").wait_for(timeout=300_000)
    page.locator(".outfit").first.scroll_into_view_if_needed()
    page.evaluate("document.querySelector('#log').scrollTop = 0")


if __name__ == "__main__":
    main()
