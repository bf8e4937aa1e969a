"""The pages that people look at. They change nothing: scripts ask the API for that."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from services.gateway.access import Here, Spoken, guest
from services.gateway.api.replies import Lang
from services.gateway.api.trends import read_table, today
from services.gateway.chat.wording.views import LONGEST
from services.gateway.domain import Language
from services.gateway.drawing.wishing import drawer_of
from services.gateway.web import look_pages, trend_address, trend_lines, trend_tables
from services.gateway.web.rendering import Shell, shell
from services.gateway.web.trend_address import Asked
from services.gateway.web.trend_lines import Trend
from services.gateway.web.trend_tables import Together
from shared.errors import UsageError
from shared.records.trend_pairs import read_pairs
from shared.records.trend_queries import sources

router = APIRouter(include_in_schema=False, dependencies=[Depends(guest)])

_CARDS: Final = 4
_MOVERS: Final = 4
_ROWS: Final = 60
_PAIRS: Final = 12


def _shell(request: Request, gateway: Here, spoken: Spoken, *, lang: Lang = None) -> Shell:
    language = lang or spoken
    return shell(request, gateway, language="ko" if language == "ko" else "en")


Page = Annotated[Shell, Depends(_shell)]


@router.get("/")
def get_start(page: Page) -> Response:
    """Show what is trending, and where to ask for an outfit."""
    shown = _trend(page, Asked(), most=_CARDS, rows=_CARDS) if _is_open(page) else None
    return page.render("start.html", shown=shown)


@router.get("/trends")
def get_trends(page: Page) -> Response:
    """Show all trends that the address asks for; curves and photos are for the script."""
    asked, wrong = _asked(page)
    if not _is_open(page):
        return page.render("trends.html", shown=None)
    return page.render(
        "trends.html",
        shown=_trend(page, asked, most=_MOVERS, rows=_ROWS),
        asked=asked,
        wrong=wrong,
        bys=trend_address.BYS,
        week_choices=sorted({*trend_address.WEEKS, asked.weeks}),
        **_details(page, asked),
    )


@router.get("/chat")
def get_chat(page: Page) -> Response:
    """Show where one talks; what was said, the script asks the API for."""
    return page.render("chat.html", longest=LONGEST)


@router.get("/looks")
def get_looks(page: Page) -> Response:
    """Show the lookbook's filters; the looks are for the script."""
    try:
        asked, wrong = look_pages.asked_looks(page.request.query_params), None
    except UsageError as error:
        asked, wrong = look_pages.AskedLooks(), error.in_language(page.language)
    with page.gateway.database.reading() as session:
        known = sources(session)
    return page.render(
        "looks.html",
        asked=asked,
        wrong=wrong,
        draws=drawer_of(page.gateway) != "lookbook",
        choices=look_pages.choices(asked, page.language, known),
        chosen=look_pages.chosen(asked, page.language),
        week_choices=sorted({*look_pages.WEEKS, asked.weeks}),
    )


@router.get("/operations")
def get_operations(page: Page) -> Response:
    """Show an admin how all is, which the script asks the API for; others, how to become one."""
    return page.render("operations.html")


@router.get("/sign-in")
def get_sign_in(page: Page, *, next: str = "/", ticket: str = "") -> Response:
    """Ask for a key; or for a press of a button, where a ticket is there."""
    return page.render(
        "sign_in.html",
        next=next,
        ticket=ticket,
        wrong_key="wrong_key" in page.request.query_params,
        wrong_ticket="wrong_ticket" in page.request.query_params,
    )


def _is_open(page: Shell) -> bool:
    return page.visitor is not None or page.gateway.settings.public_trends


def _asked(page: Shell) -> tuple[Asked, str | None]:
    """Return what the address asks for, or else what is asked as ever and what was wrong."""
    try:
        return trend_address.asked_of(page.request.query_params), None
    except UsageError as error:
        return Asked(), error.in_language(page.language)


def _trend(page: Shell, asked: Asked, *, most: int, rows: int) -> Trend:
    table = read_table(page.gateway, asked.query)
    picked = page.request.query_params.getlist("pick")
    return trend_lines.trend_of(table, asked, page.language, most=most, rows=rows, picked=picked)


def _details(page: Shell, asked: Asked) -> dict[str, Any]:
    by_both = replace(asked, by="item,color")
    table = read_table(page.gateway, by_both.query)
    with page.gateway.database.reading() as session:
        known = sources(session)
    return {
        "ever": bool(known),
        "choices": trend_address.choices(page.language, known),
        "heat": trend_tables.heat_map(table, asked, page.language) if table.rows else None,
        "pairs": _pairs(page, asked, page.language),
    }


def _pairs(page: Shell, asked: Asked, language: Language) -> list[Together] | None:
    """Return what is worn together; None: not counted by style."""
    if asked.style:
        return None
    with page.gateway.database.reading() as session:
        table = read_pairs(session, asked.query, colored=False, today=today())
    return trend_tables.together(table, language, most=_PAIRS)
