"""The busiest route, reached without the framework's search for it.

FastAPI and Starlette try the routes one after the other and wrap each call in scopes for what this
route has not: of a short turn of the chat that is a tenth (``tests/benchmarks/chat.py``). The route
stays declared as all others are, for the schema and for whoever calls it any other way.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from typing import Final

from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Receive, Scope, Send

from services.gateway import problems
from shared.errors import MapsiError

_MESSAGES: Final = re.compile("/v1/chat/sessions/([0-9a-f]{32})/messages")


class Express:
    """Middleware that answers ``POST /v1/chat/sessions/{session_id}/messages`` by itself."""

    def __init__(
        self, app: ASGIApp, *, route: APIRoute, answer: Callable[[Request], Awaitable[Response]]
    ) -> None:
        self._app = app
        self._route = route
        self._answer = answer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        found = None
        if scope["type"] == "http" and scope["method"] == "POST":
            found = _MESSAGES.fullmatch(scope["path"])
        if found is None:
            await self._app(scope, receive, send)
            return
        scope["path_params"] = {"session_id": found[1]}
        scope["route"] = self._route
        request = Request(scope, receive)
        try:
            response = await self._answer(request)
        except (MapsiError, HTTPException, RequestValidationError) as error:
            response = problems.answer_to(request, error)
        await response(scope, receive, send)
