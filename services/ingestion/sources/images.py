"""Pictures shown in a piece of HTML."""

from __future__ import annotations

from html.parser import HTMLParser


def images_in(html: str) -> list[str]:
    """Return the web addresses of the pictures, in their order."""
    finder = _ImageFinder()
    finder.feed(html)
    return finder.found


class _ImageFinder(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        address = dict(attrs).get("src") if tag == "img" else None
        if address and address.startswith(("https://", "http://")):
            self.found.append(address)
