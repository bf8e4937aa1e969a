"""Fetch a photo from a URL that a stranger gave, without being led into our own network.

The check stands where the socket opens: ``_GuardedBackend`` resolves the name once, refuses it
if any of its addresses is not public, and connects to the very address it checked, so that no
second answer of the name server is ever used. TLS still verifies the name. No proxy is used.
What the bytes are is for ``imaging.decode`` to say: a Content-Type is a stranger's word.
"""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import ip_address
from typing import Any, Final

import httpcore
import httpx

from shared.addresses import Network, is_allowed, literal
from shared.fetch_errors import FetchRefusedError, FetchUnavailableError

Resolver = Callable[[str, int], list[str]]

MAX_URL: Final = 4096
_HEADERS: Final = (
    ("Accept-Encoding", "identity"),
    ("User-Agent", "Mapsi (fashion trend service)"),
)
_REDIRECTS: Final = {301, 302, 303, 307, 308}
_COME_BACK: Final = {408, 425, 429}


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


def resolve(host: str, port: int) -> list[str]:
    """Return every address of ``host`` as the machine's resolver tells them."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def fetch(
    url: str,
    *,
    rules: FetchRules = DEFAULT_RULES,
    resolver: Resolver = resolve,
    tls: ssl.SSLContext | None = None,
    accept: str = PHOTOS,
) -> FetchedBody:
    """GET ``url`` under ``rules`` and return its body; ``accept`` is asked for, not checked.

    Every redirect is judged like the first URL. Raises FetchRefusedError where it never will work
    and FetchUnavailableError where it may later. Blocking: call it from a thread in async code.
    """
    trip = _Trip(rules, resolver, tls or _tls(), expires=time.monotonic() + rules.deadline)
    here = url
    for _ in range(rules.max_redirects + 1):
        answer = _visit(here, trip=trip, request=_Request("GET", (("Accept", accept),)))
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
) -> bytes:
    """POST ``body`` to ``url`` under ``rules`` and return the answer's body.

    An answer of 2xx is success; a redirect is none: what is sent is not carried elsewhere.
    Raises as ``fetch`` does, and blocks like it.
    """
    trip = _Trip(rules, resolver, tls or _tls(), expires=time.monotonic() + rules.deadline)
    answer = _visit(url, trip=trip, request=_Request("POST", tuple(headers.items()), body))
    if isinstance(answer, str):
        raise FetchRefusedError(url, "too_many_redirects", detail="0")
    return answer


@dataclass(frozen=True, slots=True)
class _Request:
    method: str
    headers: tuple[tuple[str, str], ...]
    body: bytes | None = None

    @property
    def good(self) -> range:
        """The statuses that are success."""
        return range(200, 300) if self.method == "POST" else range(200, 201)


@dataclass(frozen=True, slots=True)
class _Trip:
    rules: FetchRules
    resolver: Resolver
    tls: ssl.SSLContext
    expires: float

    def left(self) -> float:
        """Return the seconds left; raises httpcore.ReadTimeout when none are."""
        left = self.expires - time.monotonic()
        if left <= 0:
            raise httpcore.ReadTimeout("the deadline has passed")
        return left


@lru_cache(maxsize=1)
def _tls() -> ssl.SSLContext:
    return httpx.create_ssl_context()


def _visit(url: str, *, trip: _Trip, request: _Request) -> bytes | str:
    """Return the body of ``url``, or the URL it redirects to."""
    target = _target(url, rules=trip.rules)
    backend = _GuardedBackend(url, trip)
    try:
        with (
            httpcore.ConnectionPool(ssl_context=trip.tls, network_backend=backend) as pool,
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
            _check_answer(
                url, status=response.status, headers=headers, trip=trip, good=request.good
            )
            return _body(url, chunks=response.iter_stream(), rules=trip.rules)
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


def _check_answer(
    url: str, *, status: int, headers: httpx.Headers, trip: _Trip, good: range
) -> None:
    rules = trip.rules
    if status in _COME_BACK or status >= 500:
        raise FetchUnavailableError(url, "http_status", detail=str(status))
    if status not in good:
        raise FetchRefusedError(url, "http_status", detail=str(status))
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


class _GuardedBackend(httpcore.NetworkBackend):
    """Opens sockets to checked addresses only, none of whose operations outlives the trip."""

    def __init__(self, url: str, trip: _Trip) -> None:
        self._url = url
        self._trip = trip
        self._sockets = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        refusal: httpcore.ConnectError | httpcore.ConnectTimeout | None = None
        for address in self._addresses(host, port):
            try:
                stream = self._sockets.connect_tcp(address, port, timeout=self._trip.left())
                return _TimedStream(stream, self._trip)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                refusal = error
        raise refusal or httpcore.ConnectError("the name has no address")

    def _addresses(self, host: str, port: int) -> list[str]:
        """Resolve once; one address that is not public spoils them all."""
        plain = literal(host)
        found = [str(plain)] if plain else self._look_up(host, port)
        for text in found:
            if not is_allowed(ip_address(text), networks=self._trip.rules.networks):
                raise FetchRefusedError(self._url, "private_address")
        return found

    def _look_up(self, host: str, port: int) -> list[str]:
        waiting = ThreadPoolExecutor(max_workers=1)  # getaddrinfo itself knows no timeout
        try:
            return waiting.submit(self._trip.resolver, host, port).result(self._trip.left())
        except TimeoutError as error:
            raise httpcore.ConnectTimeout("the name server is silent") from error
        except socket.gaierror as error:
            if error.errno == socket.EAI_AGAIN:
                raise httpcore.ConnectError("the name server is away") from error
            raise FetchRefusedError(self._url, "unknown_host") from error
        except UnicodeError as error:  # a label longer than DNS has
            raise FetchRefusedError(self._url, "unknown_host") from error
        finally:
            waiting.shutdown(wait=False)


class _TimedStream(httpcore.NetworkStream):
    """A socket whose every wait ends with the trip: a server that drips bytes gains nothing."""

    def __init__(self, stream: httpcore.NetworkStream, trip: _Trip) -> None:
        self._stream = stream
        self._trip = trip

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, timeout=self._trip.left())

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, timeout=self._trip.left())

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        secured = self._stream.start_tls(ssl_context, server_hostname, timeout=self._trip.left())
        return _TimedStream(secured, self._trip)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)
