"""What every page must be, in whatever language and size."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Page


def is_accessible(page: Page) -> None:
    """Assert that axe finds nothing serious."""
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(page).response["violations"]
    grave = [
        (one["id"], one["help"], [node["html"][:160] for node in one["nodes"][:3]])
        for one in found
        if one["impact"] in ("serious", "critical")
    ]
    assert not grave, grave


def fits(page: Page) -> None:
    """Assert that nothing is wider than the window."""
    wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    assert wide <= 0, f"{wide} px too wide"


def sign_in(page: Page, key: str) -> None:
    """Sign in with a key."""
    page.goto("/sign-in")
    page.fill("#key", key)
    page.press("#key", "Enter")
    page.wait_for_url(lambda url: "sign-in" not in url)
