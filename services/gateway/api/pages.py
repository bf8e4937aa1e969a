"""The pages that people look at. They change nothing: scripts ask the API for that."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from services.gateway.access import Here, Spoken, guest
from services.gateway.api.replies import Lang
from services.gateway.web.rendering import Shell, shell

router = APIRouter(include_in_schema=False, dependencies=[Depends(guest)])


def _shell(request: Request, gateway: Here, spoken: Spoken, *, lang: Lang = None) -> Shell:
    language = lang or spoken
    return shell(request, gateway, language="ko" if language == "ko" else "en")


Page = Annotated[Shell, Depends(_shell)]


@router.get("/")
def get_start(page: Page) -> Response:
    """Show what is trending, and where to ask for an outfit."""
    return page.render("start.html")


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
