"""Signing in and out on the page, and guests. The key itself never goes into the cookie."""

from __future__ import annotations

from typing import Annotated, Final
from urllib.parse import urlsplit

from fastapi import APIRouter, Depends, Form, Request, Response
from fastapi.responses import JSONResponse, RedirectResponse
from pydantic import BaseModel

from services.gateway.access import (
    PAGE_HEADER,
    SESSION_COOKIE,
    Caller,
    Gateway,
    Here,
    guest,
    only_from_here,
    visitor,
)
from services.gateway.keys import find_key
from services.gateway.problems import RefusedError
from services.gateway.web import sessions

GUESTS_A_MINUTE: Final = 10
GUESTS_AT_ONCE: Final = 60
_YEAR: Final = 365 * 24 * 3600
"""How long a browser keeps the cookie; for how long it is good, ``sessions`` decides."""

router = APIRouter(prefix="/session", include_in_schema=False, dependencies=[Depends(guest)])

Key = Annotated[str, Form(max_length=200)]
Next = Annotated[str, Form(max_length=2000)]
"""Where the page goes on: a path of ours."""


class WhoView(BaseModel):
    """Who is signed in on the page; null: nobody."""

    name: str | None
    role: str | None
    guests: bool
    """Whether a browser that nobody has signed in on may have a guest."""


@router.get("", response_model=WhoView)
def get_session(request: Request, gateway: Here) -> WhoView:
    """Tell who is signed in."""
    return _who(visitor(request, gateway), gateway)


@router.post("")
def sign_in(request: Request, gateway: Here, key: Key = "", next: Next = "/") -> Response:
    """Open a session of a key."""
    only_from_here(request)
    found = find_key(gateway.database, key.strip())
    if found is None:
        return RedirectResponse("/sign-in?wrong_key", 303)
    _close(request, gateway)
    response = RedirectResponse(_path(next), 303)
    return _with_cookie(request, response, sessions.open_session(gateway.database, found.key_id))


@router.post("/ticket")
def redeem(request: Request, gateway: Here, ticket: Key = "") -> Response:
    """Open a session by a ticket, which is good once."""
    only_from_here(request)
    token = sessions.redeem_ticket(gateway.database, ticket)
    if token is None:
        return RedirectResponse("/sign-in?wrong_ticket", 303)
    _close(request, gateway)
    return _with_cookie(request, RedirectResponse("/", 303), token)


@router.post("/guest", response_model=WhoView)
def be_guest(request: Request, gateway: Here) -> Response:
    """Tell who is signed in; nobody is: make a guest, where the operator lets them in."""
    only_from_here(request)
    if request.headers.get(PAGE_HEADER) != "1":
        raise _no_guests()
    who = visitor(request, gateway)
    if who is not None:
        return JSONResponse(_who(who, gateway).model_dump())
    if not gateway.settings.takes_guests:
        raise _no_guests()
    _hold_newcomers(request, gateway)
    token = sessions.open_guest(gateway.database)
    view = WhoView(name="guest", role="guest", guests=True)
    return _with_cookie(request, JSONResponse(view.model_dump(), 201), token)


@router.post("/end")
def sign_out(request: Request, gateway: Here) -> Response:
    """Close the session of this browser."""
    only_from_here(request)
    _close(request, gateway)
    response = RedirectResponse("/", 303)
    response.delete_cookie(SESSION_COOKIE, httponly=True, samesite="strict")
    return response


def _who(who: Caller | None, gateway: Gateway) -> WhoView:
    return WhoView(
        name=who.name if who else None,
        role=who.role if who else None,
        guests=gateway.settings.takes_guests,
    )


def _close(request: Request, gateway: Gateway) -> None:
    token, who = request.cookies.get(SESSION_COOKIE), visitor(request, gateway)
    if token is not None and who is not None:
        sessions.close_session(gateway.database, token)
        gateway.sessions.drop(who.key_id)


def _with_cookie(request: Request, response: Response, token: str) -> Response:
    response.set_cookie(
        SESSION_COOKIE,
        token,
        max_age=_YEAR,
        httponly=True,
        samesite="strict",
        secure=request.url.scheme == "https",
    )
    return response


def _path(told: str) -> str:
    """Return a path of ours; anything that could lead elsewhere is the first page."""
    parts = urlsplit(told)
    ours = told.startswith("/") and not told.startswith("//") and "\\" not in told
    return told if ours and not parts.netloc and told.isprintable() else "/"


def _hold_newcomers(request: Request, gateway: Gateway) -> None:
    address = request.client.host if request.client else ""
    wait = gateway.newcomers.take(f"newcomer:{address}")
    if wait > 0:
        raise RefusedError(
            429,
            f"too many new guests from this address; wait {wait:.0f} s",
            text_ko=f"이 주소에서 새 손님이 너무 많습니다. {wait:.0f}초 기다리세요",
            reason="too_many_guests",
            wait=wait,
        )


def _no_guests() -> RefusedError:
    return RefusedError(
        403,
        "guests are not let in here: sign in with a key",
        text_ko="손님으로는 쓸 수 없습니다. 키로 로그인하세요",
        reason="no_guests",
    )
