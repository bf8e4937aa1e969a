"""One page out of a template: who looks, in which language, and where else one can go."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import urlencode

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import Response

from services.gateway.access import Caller, Gateway, visitor
from services.gateway.api.replies import CACHE, has
from services.gateway.domain import Language, etag_of
from services.gateway.packing import packed
from services.gateway.web.bundle import WEB, bundle, words

PAGE_HEADERS: Final = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; "
        "connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    ),
    # With `no-referrer` a browser says of its own form that it comes from "null".
    "Referrer-Policy": "same-origin",
    "Cache-Control": CACHE,
    "Vary": "Cookie",
}


@dataclass(frozen=True)
class Door:
    """A page that the others lead to."""

    name: str
    """Of its words: ``nav.<name>``."""
    path: str
    admin: bool = False


DOORS: Final = (
    Door("start", "/"),
    Door("chat", "/chat"),
    Door("trends", "/trends"),
    Door("looks", "/looks"),
    Door("operations", "/operations", admin=True),
)


@dataclass(frozen=True)
class Shell:
    """What every page is drawn with."""

    request: Request
    gateway: Gateway
    language: Language
    visitor: Caller | None

    def render(self, template: str, *, status: int = 200, **values: Any) -> Response:
        """Return the page, or 304 where the browser has it; an error's is kept by nobody."""
        html = _environment().get_template(template).render(self._common() | values)
        if status != HTTPStatus.OK:
            headers = PAGE_HEADERS | {
                "Content-Language": self.language,
                "Cache-Control": "no-store",
            }
            return HTMLResponse(html, status, headers=headers)
        etag = etag_of(html.encode())
        headers = PAGE_HEADERS | {"Content-Language": self.language, "ETag": etag}
        # All headers on a 304, too: a browser takes them over into what it keeps.
        if has(self.request, etag):
            return Response(status_code=304, headers=headers)
        return packed(self.request, HTMLResponse(html, headers=headers))

    def here(self, **changed: str | None) -> str:
        """Return this page's address with some parameters changed; None leaves one out."""
        asked = dict(self.request.query_params) | changed
        return _address(self.request.url.path, asked)

    def to(self, path: str, **asked: str | None) -> str:
        """Return another page's address; the language goes along where it was chosen."""
        return _address(path, {"lang": self.request.query_params.get("lang")} | asked)

    def _common(self) -> dict[str, Any]:
        admin = self.visitor is not None and self.visitor.is_admin
        return {
            "words": words(self.language),
            "language": self.language,
            "other": "en" if self.language == "ko" else "ko",
            "visitor": self.visitor,
            "asks_guests": self.visitor is None and self.gateway.settings.takes_guests,
            "doors": [door for door in DOORS if admin or not door.admin],
            "chosen_lang": self.request.query_params.get("lang"),
            "path": self.request.url.path,
            "asset": bundle().path,
            "here": self.here,
            "to": self.to,
        }


def shell(request: Request, gateway: Gateway, *, language: Language) -> Shell:
    """Return what a page is drawn with for who asks."""
    return Shell(request, gateway, language, visitor(request, gateway))


def _address(path: str, asked: dict[str, Any]) -> str:
    query = urlencode({name: value for name, value in asked.items() if value not in (None, "")})
    return f"{path}?{query}" if query else path


@cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(WEB / "templates"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
        auto_reload=False,  # as the words and assets
    )
