"""Fetch a photo from a URL that a stranger gave, without being led into our own network.

The check stands where the socket opens (``fetch_guard.py``). TLS still verifies the name. No proxy
is used. What the bytes are is for ``imaging.decode`` to say: a Content-Type is a stranger's word.
"""

from __future__ import annotations

import ssl
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import httpcore
import httpx

from shared.addresses import Network, literal
from shared.fetch_errors import Answer, FetchRefusedError, FetchUnavailableError
from shared.fetch_guard import GuardedBackend, Resolver, Trip, resolve

MAX_URL: Final = 4096
_HEADERS: Final = (
    ("Accept-Encoding", "identity"),
    ("User-Agent", "Mapsi (fashion trend service)"),
)
_REDIRECTS: Final = {301, 302, 303, 307, 308}
_COME_BACK: Final = {408, 425, 429}
_ERROR_BYTES: Final = 64 * 1024


@dataclass(frozen=True, slots=True)
class FetchRules:
    """What a fetch may cost, and where it may go beside the public internet.

    ``deadline`` is in seconds and covers everything: names, handshakes, redirects, the body.
    ``networks`` names private networks of the operator's own that may be asked all the same.
    """

    max_bytes: int = 25_000_000
    deadline: float = 10.0
    max_redirects: int = 3
    ports: frozenset[int] = frozenset({80, 443})
    networks: tuple[Network, ...] = ()


DEFAULT_RULES: Final = FetchRules()
PHOTOS: Final = "image/jpeg,image/png,image/webp"


@dataclass(frozen=True, slots=True)
class FetchedBody:
    """The body's bytes, unjudged, and the URL that gave them after redirects."""

    data: bytes
    url: str


def fetch(
    url: str,
    *,
    rules: FetchRules = DEFAULT_RULES,
    resolver: Resolver = resolve,
    tls: ssl.SSLContext | None = None,
    accept: str = PHOTOS,
    headers: Mapping[str, str] | None = None,
    waiting: Callable[[], None] | None = None,
) -> FetchedBody:
    """GET ``url`` under ``rules`` and return its body; ``accept`` is asked for, not checked.

    Every redirect is judged like the first URL, and gets the same ``headers``: whoever sends a
    secret allows none. ``waiting`` is called about every half second until the answer is there;
    what it raises ends the fetch. Raises FetchRefusedError where it never will work and
    FetchUnavailableError where it may later. Blocking: call it from a thread in async code.
    """
    trip = Trip(rules.networks, resolver, time.monotonic() + rules.deadline, waiting)
    said = (("Accept", accept), *(headers or {}).items())
    request = _Request("GET", said, rules, tls or _tls())
    here = url
    for _ in range(rules.max_redirects + 1):
        answer = _visit(here, trip=trip, request=request)
        if isinstance(answer, bytes):
            return FetchedBody(answer, here)
        here = answer
    raise FetchRefusedError(url, "too_many_redirects", detail=str(rules.max_redirects))


def send(
    url: str,
    body: bytes,
    *,
    headers: Mapping[str, str],
    rules: FetchRules = DEFAULT_RULES,
    resolver: Resolver = resolve,
    tls: ssl.SSLContext | None = None,
    waiting: Callable[[], None] | None = None,
) -> bytes:
    """POST ``body`` to ``url`` under ``rules`` and return the answer's body.

    An answer of 2xx is success; a redirect is none: what is sent is not carried elsewhere.
    Raises as ``fetch`` does, blocks like it and calls ``waiting`` like it.
    """
    trip = Trip(rules.networks, resolver, time.monotonic() + rules.deadline, waiting)
    request = _Request("POST", tuple(headers.items()), rules, tls or _tls(), body)
    answer = _visit(url, trip=trip, request=request)
    if isinstance(answer, str):
        raise FetchRefusedError(url, "too_many_redirects", detail="0")
    return answer


@dataclass(frozen=True, slots=True)
class _Request:
    method: str
    headers: tuple[tuple[str, str], ...]
    rules: FetchRules
    tls: ssl.SSLContext
    body: bytes | None = None

    @property
    def good(self) -> range:
        """The statuses that are success."""
        return range(200, 300) if self.method == "POST" else range(200, 201)


@lru_cache(maxsize=1)
def _tls() -> ssl.SSLContext:
    return httpx.create_ssl_context()


def _visit(url: str, *, trip: Trip, request: _Request) -> bytes | str:
    """Return the body of ``url``, or the URL it redirects to."""
    target = _target(url, rules=request.rules)
    backend = GuardedBackend(url, trip)
    try:
        with (
            httpcore.ConnectionPool(ssl_context=request.tls, network_backend=backend) as pool,
            pool.stream(
                request.method,
                _core_url(target),
                headers=[*_HEADERS, *request.headers],
                content=request.body,
            ) as response,
        ):
            headers = httpx.Headers(response.headers)
            if response.status in _REDIRECTS and "location" in headers:
                return str(target.join(headers["location"]))
            if response.status not in request.good:
                raise _unsuccessful(url, response=response, headers=headers)
            _check_body(url, headers=headers, request=request)
            return _body(url, chunks=response.iter_stream(), rules=request.rules)
    except httpcore.TimeoutException as error:
        raise FetchUnavailableError(url, "timeout") from error
    except (httpcore.NetworkError, httpcore.ProtocolError) as error:
        # Its __cause__ is gone: httpcore's pool raises it again "from None".
        if isinstance(error.__context__, ssl.SSLCertVerificationError):
            raise FetchRefusedError(url, "bad_certificate") from error
        raise FetchUnavailableError(url, "no_answer") from error
    except httpx.InvalidURL as error:
        raise FetchRefusedError(url, "bad_url") from error


def _target(url: str, *, rules: FetchRules) -> httpx.URL:
    """Parse ``url`` strictly: parsers that disagree about a URL are how a check is passed by."""
    if len(url) > MAX_URL or not url.isprintable() or any(sign in url for sign in ' \\"<>'):
        raise FetchRefusedError(url, "bad_url")
    try:
        target = httpx.URL(url)
        if target.scheme not in ("http", "https"):
            raise FetchRefusedError(url, "bad_scheme")
        if target.userinfo or "@" in target.netloc.decode("ascii"):
            raise FetchRefusedError(url, "userinfo")
        host = target.raw_host.decode("ascii")
        if not host or "%" in host:
            raise FetchRefusedError(url, "bad_url")
        literal(host)
    except (httpx.InvalidURL, ValueError) as error:
        raise FetchRefusedError(url, "bad_url") from error
    if _port(target) not in rules.ports:
        raise FetchRefusedError(url, "port", detail=", ".join(map(str, sorted(rules.ports))))
    return target


def _port(target: httpx.URL) -> int:
    usual = 443 if target.scheme == "https" else 80
    return usual if target.port is None else target.port


def _core_url(target: httpx.URL) -> httpcore.URL:
    return httpcore.URL(
        scheme=target.raw_scheme,
        host=target.raw_host,
        port=_port(target),
        target=target.raw_path,
    )


def _unsuccessful(
    url: str, *, response: httpcore.Response, headers: httpx.Headers
) -> FetchRefusedError | FetchUnavailableError:
    said = b""
    for chunk in response.iter_stream():
        said += chunk
        if len(said) > _ERROR_BYTES:
            break
    answer = Answer(response.status, dict(headers), said[:_ERROR_BYTES])
    kind: type[FetchRefusedError | FetchUnavailableError] = FetchRefusedError
    if answer.status in _COME_BACK or answer.status >= 500:
        kind = FetchUnavailableError
    return kind(url, "http_status", detail=str(answer.status), answer=answer)


def _check_body(url: str, *, headers: httpx.Headers, request: _Request) -> None:
    rules = request.rules
    if headers.get("content-encoding", "identity").lower() != "identity":
        raise FetchRefusedError(url, "compressed")
    if int(headers.get("content-length", 0)) > rules.max_bytes:
        raise FetchRefusedError(url, "too_large", detail=f"{rules.max_bytes / 1e6:g}")


def _body(url: str, *, chunks: Iterable[bytes], rules: FetchRules) -> bytes:
    body = bytearray()
    for chunk in chunks:
        body += chunk
        if len(body) > rules.max_bytes:  # a Content-Length may lie or be missing
            raise FetchRefusedError(url, "too_large", detail=f"{rules.max_bytes / 1e6:g}")
    return bytes(body)
