"""What happens around every request: its id, its limits, its log line, metrics and headers."""

from __future__ import annotations

import asyncio
import re
import secrets
import time
from functools import lru_cache
from typing import Final

import structlog
from fastapi import Request
from prometheus_client import Counter, Histogram
from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.gateway import problems
from services.gateway.domain import Language, negotiate
from services.gateway.leaving import Leaving, leaving
from services.gateway.problems import RefusedBodyError, RefusedError
from shared import metrics, tracing
from shared.logging import logger
from shared.photo_checks import MAX_BYTES

log = logger("mapsi.access")

MAX_BODY: Final = 64 * 1024
MAX_MESSAGE_BODY: Final = 128 * 1024
"""10,000 emoji, each as two escapes."""
MAX_UPLOAD_BODY: Final = MAX_BYTES + MAX_BODY
"""The photo and its form around it."""

_TAKES_PHOTOS: Final = frozenset({"/v1/photos", "/v1/me/personal-color"})
_REQUEST_ID: Final = re.compile(r"[A-Za-z0-9._-]{1,64}")
_METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_VARY: Final = (b"vary", b"Accept-Language")
_HEADERS: Final = {
    b"x-content-type-options": b"nosniff",
    b"x-frame-options": b"DENY",
    b"referrer-policy": b"no-referrer",
    b"cross-origin-resource-policy": b"same-origin",
    b"cross-origin-opener-policy": b"same-origin",
    b"permissions-policy": b"camera=(self), geolocation=(), microphone=()",
    b"content-security-policy": b"default-src 'none'; frame-ancestors 'none'",
    b"cache-control": b"no-store",
}


class Edge:
    """The outermost middleware of the gateway."""

    def __init__(
        self, app: ASGIApp, *, seconds: float, language: Language, leaving: Leaving
    ) -> None:
        self._app = app
        self._seconds = seconds
        self._language = language
        self._leaving = leaving

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        offered = headers.get("x-request-id", "")
        request_id = offered if _REQUEST_ID.fullmatch(offered) else secrets.token_hex(8)
        language = negotiate(headers.get("accept-language"), self._language)
        scope.setdefault("state", {}).update(request_id=request_id, language=language)
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(correlation_id=request_id)
        came = {name: headers.get(name, "") for name in tracing.CARRIED}
        with tracing.span("request", kind="server", parent=came) as span:
            structlog.contextvars.bind_contextvars(**tracing.for_logs())
            await _Exchange(scope, send, span, self._leaving).serve(
                self._app, _limited(receive, _body_limit(scope)), seconds=self._seconds
            )


class _Exchange:
    """One request and its answer."""

    def __init__(self, scope: Scope, send: Send, span: tracing.Span, leaving: Leaving) -> None:
        self._scope = scope
        self._send = send
        self._span = span
        self._leaving = leaving
        self._status: int | None = None
        self._started = time.perf_counter()

    async def serve(self, app: ASGIApp, receive: Receive, *, seconds: float) -> None:
        request = Request(self._scope)
        metrics.HTTP_IN_FLIGHT.inc()
        try:
            async with asyncio.timeout(seconds) as timer:
                with self._leaving.waiting(timer):
                    await app(self._scope, receive, self._answer(timer))
        except ClientDisconnect:
            pass  # nobody is there to be told; the log line says 499
        except TimeoutError:
            why = leaving() if self._leaving.begun else _too_slow(seconds)
            await self._end(request, problems.respond(request, why), receive)
        except Exception:
            log.exception("request failed by a bug")
            await self._end(request, problems.unforeseen(request), receive)
        finally:
            metrics.HTTP_IN_FLIGHT.dec()
            self._record()

    def _answer(self, timer: asyncio.Timeout) -> Send:
        async def answer(message: Message) -> None:
            if message["type"] == "http.response.start":
                timer.reschedule(None)  # a stream may last
                self._leaving.answered(timer)
                self._begin(message)
            await self._send(message)

        return answer

    async def _end(self, request: Request, response: ASGIApp, receive: Receive) -> None:
        if self._status is not None:
            return  # too late for another answer: the connection is cut

        async def answer(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._begin(message)
            await self._send(message)

        await response(self._scope, receive, answer)

    def _begin(self, message: Message) -> None:
        self._status = int(message["status"])
        state = self._scope["state"]
        ours = {b"content-language": state["language"].encode(), **_HEADERS}
        theirs = message.get("headers", [])
        for name, _ in theirs:
            ours.pop(name, None)
        # As pairs: Starlette's own headers are searched anew for each that is set.
        message["headers"] = [
            *theirs, *ours.items(), (b"x-request-id", state["request_id"].encode()), _VARY,
        ]  # fmt: skip
        if self._leaving.begun:
            message["headers"].append((b"connection", b"close"))  # the next one goes elsewhere

    def _record(self) -> None:
        seconds = time.perf_counter() - self._started
        route = _route(self._scope)
        method = self._scope["method"] if self._scope["method"] in _METHODS else "other"
        status = self._status or 499  # the client left before an answer
        count, clock = _meters(method, route, str(status))
        count.inc()
        clock.observe(seconds)
        self._span.rename(f"{method} {route}")
        self._span.tell(
            http__request__method=method, http__route=route, http__response__status_code=status
        )
        if status >= 500:
            self._span.fail(str(status))
        log.info(
            "request",
            method=method,
            route=route,
            path=self._scope["path"][:200],
            status=status,
            milliseconds=round(seconds * 1000, 1),
            key_id=self._scope["state"].get("key_id"),
            client=(self._scope.get("client") or ("",))[0],
        )


@lru_cache(maxsize=1_024)
def _meters(method: str, route: str, status: str) -> tuple[Counter, Histogram]:
    return metrics.HTTP_REQUESTS.labels(method, route, status), metrics.HTTP_SECONDS.labels(route)


def _route(scope: Scope) -> str:
    """Return the route's template: few values, however many paths there are."""
    if scope["path"].startswith("/assets/") or scope["path"] == "/openapi.json":
        return "/assets"
    return str(getattr(scope.get("route"), "path", "unmatched"))


def _body_limit(scope: Scope) -> int:
    uploads = scope["method"] == "POST" and scope["path"] in _TAKES_PHOTOS
    if uploads:
        return MAX_UPLOAD_BODY
    return MAX_MESSAGE_BODY if scope["path"].startswith("/v1/chat/") else MAX_BODY


def _limited(receive: Receive, limit: int) -> Receive:
    """Count the body as it comes; what is too large is read on a little, but not kept.

    A client that is still sending would see a broken connection instead of the answer.
    """
    read = 0

    async def counted() -> Message:
        nonlocal read
        message = await receive()
        read += len(message.get("body", b""))
        if read <= limit:
            return message
        while message.get("more_body") and read < 2 * limit:
            message = await receive()
            read += len(message.get("body", b""))
        raise _too_large(limit)

    return counted


def _too_large(limit: int) -> RefusedBodyError:
    megabytes = f"{limit / 1e6:.1f} MB" if limit > 1e6 else f"{limit // 1024} KiB"
    return RefusedBodyError(
        RefusedError(
            413,
            f"the request's body is larger than {megabytes}; send less",
            text_ko=f"요청 본문이 {megabytes}보다 큽니다. 더 작게 보내세요",
            reason="body_too_large",
        )
    )


def _too_slow(seconds: float) -> RefusedError:
    return RefusedError(
        504,
        f"the request was not done within {seconds:g} seconds; try again",
        text_ko=f"{seconds:g}초 안에 요청을 처리하지 못했습니다. 다시 시도하세요",
        reason="timeout",
    )
