"""What goes wrong, as a page for those who look with a browser; programs get a problem, as ever."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Final

from fastapi import FastAPI, Request
from starlette.exceptions import HTTPException
from starlette.responses import Response

from services.gateway import problems
from services.gateway.access import Caller, Gateway, visitor
from services.gateway.domain import Language
from services.gateway.web.rendering import Shell
from shared.errors import MapsiError

_FOR_PROGRAMS: Final = ("/v1/", "/assets/")
_NOT_THERE: Final = 404


def install(app: FastAPI) -> None:
    """Answer browsers that go to an address of ``app`` with a page; after ``problems.install``."""
    for kind in (MapsiError, HTTPException):
        app.add_exception_handler(kind, _answer)


def _answer(request: Request, error: Exception) -> Response:
    if not _is_looked_at(request):
        return problems.answer_to(request, error)
    language = request.state.language = _language(request)
    told = problems.answer_to(request, error)
    problem = json.loads(bytes(told.body))
    # Of an address that is not there, the page says more than the router does.
    why = "" if isinstance(error, HTTPException) else problem["detail"]
    page = Shell(request, request.app.state.gateway, language, _visitor(request))
    shown = page.render(
        "error.html",
        status=told.status_code,
        gone=told.status_code == _NOT_THERE,
        why=why,
        request_id=problem["request_id"],
    )
    if "Retry-After" in told.headers:
        shown.headers["Retry-After"] = told.headers["Retry-After"]
    return shown


def _is_looked_at(request: Request) -> bool:
    """Tell whether a browser goes there: what scripts and programs send asks for no HTML."""
    asks = "text/html" in request.headers.get("accept", "")
    return asks and not request.url.path.startswith(_FOR_PROGRAMS)


def _language(request: Request) -> Language:
    chosen = request.query_params.get("lang", request.state.language)
    return "ko" if chosen == "ko" else "en"


def _visitor(request: Request) -> Caller | None:
    gateway: Gateway = request.app.state.gateway
    with suppress(MapsiError):  # what went wrong may be that nobody can be looked up
        return visitor(request, gateway)
    return None
