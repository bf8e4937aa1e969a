"""The first page: the trend now, and for who signs in the latest photos. No script at all."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from jinja2 import Environment, FileSystemLoader

from services.gateway import page_views, photo_records
from services.gateway.access import SESSION_COOKIE, Caller, Gateway, Here, Spoken, guest, visitor
from services.gateway.api.replies import Lang
from services.gateway.api.trends import read_table
from services.gateway.domain import Language
from services.gateway.keys import find_key
from services.gateway.page_views import PhotoTile
from services.gateway.problems import RefusedError
from services.gateway.showing import posts_of
from shared.records.trend_queries import TrendQuery

WEB: Final = Path(__file__).parents[1] / "web"
_SHOWN_ROWS: Final = 12
_SHOWN_PHOTOS: Final = 6
_CSP: Final = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; "
    "frame-ancestors 'none'; base-uri 'none'"
)

router = APIRouter(include_in_schema=False, dependencies=[Depends(guest)])


@router.get("/")
def get_page(request: Request, gateway: Here, spoken: Spoken, *, lang: Lang = None) -> HTMLResponse:
    """Show the trend table and where to go on."""
    language = lang or spoken
    who = visitor(request, gateway)
    table = None
    if who is not None or gateway.settings.public_trends:
        table = read_table(gateway, TrendQuery(by=("item", "color"), weeks=12))
    html = (
        _environment()
        .get_template("page.html")
        .render(
            language=language,
            words=page_views.WORDS[language],
            visitor=who,
            wrong_key="wrong_key" in request.query_params,
            weeks=table.weeks if table else (),
            looks=sum(table.totals) if table else 0,
            rows=[page_views.trend_line(row, language) for row in table.rows[:_SHOWN_ROWS]]
            if table
            else None,
            photos=_latest(gateway, who, "ko" if language == "ko" else "en"),
        )
    )
    return HTMLResponse(
        html, headers={"Content-Security-Policy": _CSP, "Content-Language": language}
    )


@router.post("/session")
async def sign_in(request: Request, gateway: Here) -> Response:
    """Remember the key in a cookie that no script can read and no other site can use."""
    _only_from_here(request)
    async with request.form(max_files=0, max_fields=2) as form:
        key = str(form.get("key", "")).strip()
    if not key or find_key(gateway.database, key) is None:
        return RedirectResponse("/?wrong_key", 303)
    response = RedirectResponse("/", 303)
    response.set_cookie(
        SESSION_COOKIE,
        key,
        httponly=True,
        samesite="strict",
        secure=request.url.scheme == "https",
    )
    return response


@router.post("/session/end")
def sign_out(request: Request) -> Response:
    """Forget the key."""
    _only_from_here(request)
    response = RedirectResponse("/", 303)
    response.delete_cookie(SESSION_COOKIE)
    return response


def _latest(gateway: Gateway, who: Caller | None, language: Language) -> list[PhotoTile]:
    if who is None:
        return []
    with gateway.database.reading() as session:
        known = photo_records.list_photos(
            session, who, state="analyzed", before=None, limit=_SHOWN_PHOTOS
        )
        posts = posts_of(session, [photo.photo_id for photo in known])
    return [
        page_views.photo_tile(photo.photo_id, posts.get(photo.photo_id, []), language)
        for photo in known
    ]


def _only_from_here(request: Request) -> None:
    origin = request.headers.get("origin")
    if origin is not None and urlsplit(origin).netloc != request.headers.get("host"):
        raise RefusedError(
            403,
            "this form can only be sent from Mapsi's own page",
            text_ko="맵시 페이지에서만 보낼 수 있습니다",
            reason="foreign_origin",
        )


@cache
def _environment() -> Environment:
    return Environment(loader=FileSystemLoader(WEB), autoescape=True, trim_blocks=True)
