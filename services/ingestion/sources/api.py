"""One platform's HTTP API: a GET whose every failure has a name.

Addresses of APIs are the operator's own configuration and are asked as they stand; photos, whose
addresses strangers give, go through ``shared.fetch``. A token travels in a header or parameter
and never in an error, a log line or the database.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any, Final

import httpx

from services.ingestion.sources.trouble import (
    AwayError,
    ChangedError,
    SlowDownError,
    TokenError,
)
from shared.errors import MapsiError
from shared.source_calls import Allowance

MAX_BODY: Final = 20_000_000
LONGEST_WAIT: Final = 86_400.0
_REDIRECTS: Final = 3
_UNNAMED_WAIT: Final = 60.0
"""Seconds to wait where a 429 does not say how long."""
_LIMITS: Final = (
    "x-ratelimit-{}",
    "ratelimit-{}",
    "x-ratelimit-perhour-{}",
    "x-ratelimit-perday-{}",
)

Judge = Callable[["Answer"], MapsiError | None]
"""Names what a platform's own error body means; None: its status says enough."""


@dataclass(frozen=True)
class Answer:
    """What a platform said."""

    status: int
    headers: httpx.Headers
    body: bytes

    def json(self) -> Any:
        """Return the body as JSON, or None where it is none."""
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            return None

    @property
    def rest(self) -> float:
        """Seconds to rest before the next call, by the headers; 0 while calls are left."""
        spent = [name for name in _LIMITS if self.headers.get(name.format("remaining")) == "0"]
        waits = [_seconds(self.headers.get(name.format("reset")), self.headers) for name in spent]
        return min(LONGEST_WAIT, max((wait or _UNNAMED_WAIT for wait in waits), default=0.0))

    def allowance(self, now: datetime) -> Allowance | None:
        """Return what the headers tell of calls that are left, of several what is the tightest."""
        told = [self._allowance(name, now) for name in _LIMITS]
        return min(filter(None, told), key=lambda one: one.remaining / one.limit, default=None)

    def _allowance(self, name: str, now: datetime) -> Allowance | None:
        limit, remaining = (
            self.headers.get(name.format(what), "") for what in ("limit", "remaining")
        )
        if not (limit.isdecimal() and remaining.isdecimal() and int(limit)):
            return None
        wait = _seconds(self.headers.get(name.format("reset")), self.headers)
        return Allowance(
            limit=int(limit),
            remaining=int(remaining),
            resets_at=now + timedelta(seconds=min(LONGEST_WAIT, wait)) if wait else None,
            told_at=now,
        )

    @property
    def retry_after(self) -> float | None:
        """Seconds of the header Retry-After, which says seconds or a date."""
        wait = _seconds(self.headers.get("retry-after"), self.headers)
        return wait if wait is None else min(LONGEST_WAIT, wait)


class Api:
    """The API of one source; close it after use."""

    def __init__(
        self,
        source: str,
        base: str,
        *,
        secrets: Mapping[str, str] | None = None,
        judge: Judge = lambda answer: None,
        seconds: float = 20.0,
    ) -> None:
        """``secrets`` are headers with tokens."""
        # It logs addresses, and an address may hold an API key.
        logging.getLogger("httpx").setLevel(logging.WARNING)
        self.source = source
        self._base = base
        self._judge = judge
        self._client = httpx.Client(
            headers={"User-Agent": "Mapsi (fashion trend service)", **(secrets or {})},
            timeout=seconds,
        )

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def get(
        self,
        path: str = "",
        params: Mapping[str, str | int] | None = None,
        *,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """GET ``path``; raises an error of ``trouble`` for everything but 200 and 304."""
        return self._ask("GET", path, headers=headers, params=params or {})

    def post(self, path: str, body: Mapping[str, str]) -> Answer:
        """POST ``body`` as JSON; fails like ``get``."""
        return self._ask("POST", path, json=body)

    def _ask(self, method: str, path: str, **options: Any) -> Answer:
        url = f"{self._base}{path}"
        for _ in range(_REDIRECTS + 1):
            answer, target = self._send(method, url, options)
            if target is None:
                break
            self._check_move(method, httpx.URL(url), target)
            url, options = str(target), {"headers": options.get("headers")}
        if answer.status not in (200, 304):
            raise self._trouble(answer)
        return answer

    def _send(
        self, method: str, url: str, options: Mapping[str, Any]
    ) -> tuple[Answer, httpx.URL | None]:
        """Return the answer, and where it redirects to."""
        try:
            with self._client.stream(method, url, **options) as response:
                answer = Answer(response.status_code, response.headers, self._body(response))
                following = response.next_request
                return answer, following.url if following else None
        except (httpx.TransportError, httpx.DecodingError) as error:
            raise AwayError(self.source, type(error).__name__) from error
        except httpx.InvalidURL as error:
            raise ChangedError(self.source, f"url: {type(error).__name__}") from error

    def _check_move(self, method: str, here: httpx.URL, target: httpx.URL) -> None:
        """Raise ChangedError where a redirect leads to another host, or away from TLS.

        The operator trusts this host, and not its word about another one.
        """
        is_safe = target.scheme == "https" or here.scheme == "http"
        if method != "GET" or target.host != here.host or not is_safe:
            raise ChangedError(self.source, f"moved to {target.scheme}://{target.host}")

    def _body(self, response: httpx.Response) -> bytes:
        body = bytearray()
        for chunk in response.iter_bytes():
            body += chunk
            if len(body) > MAX_BODY:
                raise ChangedError(self.source, f"an answer of more than {MAX_BODY / 1e6:g} MB")
        return bytes(body)

    def _trouble(self, answer: Answer) -> MapsiError:
        judged = self._judge(answer)
        if judged is not None:
            return judged
        status = answer.status
        if status == 429:
            return SlowDownError(self.source, answer.retry_after or answer.rest or _UNNAMED_WAIT)
        if status in (408, 425) or status >= 500:
            return AwayError(self.source, f"HTTP {status}", wait=answer.retry_after or 0.0)
        if status in (401, 403):
            return TokenError(self.source, f"HTTP {status}")
        return ChangedError(self.source, f"HTTP {status}")


def _seconds(text: str | None, headers: httpx.Headers) -> float | None:
    """Read a wait: seconds, a Unix time, ISO 8601 or an HTTP date; None where it is none.

    A moment is measured against the server's own clock, which may differ from ours.
    """
    if not text:
        return None
    try:
        number = float(text)
    except ValueError:
        moment = _moment(text)
        return max(1.0, (moment - _server_time(headers)).total_seconds()) if moment else None
    if number > 1e9:
        number -= _server_time(headers).timestamp()
    return max(1.0, number)


def _moment(text: str) -> datetime | None:
    for parse in (datetime.fromisoformat, parsedate_to_datetime):
        try:
            moment = parse(text)
        except ValueError:
            continue
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return None


def _server_time(headers: httpx.Headers) -> datetime:
    return _moment(headers.get("date", "")) or datetime.now(UTC)
