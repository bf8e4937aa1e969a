"""Mapsi as people see it: ``mapsi up`` with two years of looks, and Chromium to look with."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import insert

from services.ingestion.shop.sample.articles import articles
from services.ingestion.shop.sample.feed import write_shop
from shared.contracts.vocabulary import ALL
from shared.records import open_database, upgrade
from shared.records.trends import PairCell
from shared.settings import Settings
from shared.trend_figures import week_of
from tests.samples import street
from tests.system.installation import Installation

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

SIZES = {"phone": (390, 844), "desk": (1440, 900)}
LOCALES = {"ko": "ko-KR", "en": "en-GB"}
Open = Callable[..., "Page"]
SOME = slice(None, None, 4)
"""Of the sample shop's articles."""
START = 600
"""Seconds to start in: a dozen processes, on a machine that may have much else to do."""
CAMERA = ("--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream")
"""A camera that Chromium makes up."""


def with_looks(folder: Path) -> Installation:
    """Return an installation that was fed for two years: beige rises, pink falls.

    Shirts are worn with trousers more often than by chance.
    """
    settings = Settings(data_dir=folder)
    folder.mkdir(parents=True)
    upgrade(settings.database)
    with closing(open_database(settings.database)) as database, database.transaction() as session:
        last = week_of(datetime.now(UTC) - timedelta(weeks=1))
        street.fill(session, last=last)
        worn = {
            "item": "long_sleeved_shirt", "color": ALL, "other_item": "trousers",
            "other_color": ALL, "source": "street", "looks": 150,
        }  # fmt: skip
        weeks = [{"week": last - timedelta(weeks=back)} for back in range(12)]
        session.execute(insert(PairCell), [worn | week for week in weeks])
    return Installation(folder)


def stock(site: Installation, folder: Path) -> None:
    """Let an installation know the items of a shop whose feed is written to ``folder``."""
    folder.mkdir(exist_ok=True)
    feed = write_shop(folder, language="en", sold=articles()[SOME])
    told = site.json("ingest", str(feed), "--shop", "sample-shop", "--wait", timeout=600)
    assert told["added"] == len(articles()[SOME])


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """One installation that all tests may use that leave it running."""
    installation = with_looks(tmp_path_factory.mktemp("page") / "data")
    installation.up(timeout=START)
    yield installation
    installation.close()


@pytest.fixture(scope="session")
def shop(site: Installation, tmp_path_factory: pytest.TempPathFactory) -> Installation:
    """The site, with a shop whose items it knows."""
    stock(site, tmp_path_factory.mktemp("shop"))
    return site


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Debian's Chromium."""
    playwright = pytest.importorskip("playwright.sync_api")
    path = shutil.which("chromium")
    if path is None:
        pytest.skip("no chromium here: apt-get install chromium")
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(
            executable_path=path, args=["--no-sandbox", "--disable-quic", *CAMERA]
        )
        yield browser
        browser.close()


@pytest.fixture
def open_page(chromium: Browser, request: pytest.FixtureRequest) -> Iterator[Open]:
    """Open pages in browsers of their own; a script's error or a breach of policy fails.

    They are those of ``site``, unless ``base_url`` says otherwise.
    """
    troubles: list[str] = []
    contexts = []

    def open_one(language: str = "en", size: str = "desk", **options: Any) -> Page:
        width, height = SIZES[size]
        if "base_url" not in options:
            options["base_url"] = request.getfixturevalue("site").url
        options = {"viewport": {"width": width, "height": height}} | options
        context = chromium.new_context(
            locale=LOCALES[language], has_touch=size == "phone", **options
        )
        context.set_default_timeout(60_000)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.on("console", lambda said: _note(troubles, said.type, said.text))
        return page

    yield open_one
    for context in contexts:
        context.close()
    assert not troubles


def _note(troubles: list[str], kind: str, text: str) -> None:
    # A request that is refused or cut off is written down by the browser, too: the tests see those.
    if kind == "error" and not text.startswith("Failed to load resource"):
        troubles.append(text)


@pytest.fixture(params=["ko-phone", "ko-desk", "en-phone", "en-desk"])
def look(request: pytest.FixtureRequest) -> tuple[str, str]:
    """Language and size."""
    language, size = request.param.split("-")
    return language, size
