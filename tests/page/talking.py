"""Talking to Mapsi on the page, as tests do it."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

from services.gateway.keys import create_key, find_key
from services.gateway.web.sessions import open_session
from shared.records import open_database
from shared.settings import Settings
from tests.system.installation import Installation

if TYPE_CHECKING:
    from playwright.sync_api import Page


def begin(page: Page, language: str, *, by: Installation | None = None) -> None:
    """Open the page as a new guest; ``by``: as somebody new with a key there."""
    if by is not None:
        be_somebody(page, by)
    page.goto(f"/chat?lang={language}")
    page.locator("#welcome").wait_for()


def be_somebody(page: Page, site: Installation) -> None:
    """Sign a new person in: an address may not make as many guests as there are tests."""
    with closing(open_database(Settings(data_dir=site.data_dir).database)) as database:
        key = find_key(database, create_key(database, "somebody", "user"))
        assert key is not None
        token = open_session(database, key.key_id)
    cookie = {"name": "mapsi_session", "value": token, "url": site.url, "httpOnly": True}
    page.context.add_cookies([cookie])  # type: ignore[list-item]


def say(page: Page, text: str) -> None:
    page.fill("#text", text)
    page.press("#text", "Enter")


def answers(page: Page, count: int) -> str:
    """Wait until so many messages are answered; return what the last one was."""
    page.wait_for_function(
        "count => document.querySelectorAll('.turn .theirs:not(.streaming)').length === count",
        arg=count,
    )
    return page.locator(".turn .theirs").last.inner_text()


def kept(page: Page) -> list[str]:
    """Return the messages of the conversation that is shown, as the API has them."""
    told = page.evaluate(
        """async () => {
          const session = new URL(location.href).searchParams.get("session");
          return (await fetch(`/v1/chat/sessions/${session}`)).json();
        }"""
    )
    return [turn["text"] for turn in told["turns"]]


def shown(page: Page) -> list[str]:
    return page.locator(".bubble.mine .words").all_inner_texts()
