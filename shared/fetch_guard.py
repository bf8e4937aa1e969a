"""Sockets that open to checked addresses only, and end with the trip they belong to.

A name is resolved once and refused if any of its addresses is not public; the socket is connected
to the very address that was checked, so that no second answer of the name server is ever used.
"""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Any, Final

import httpcore

from shared.addresses import Network, is_allowed, literal
from shared.fetch_errors import FetchRefusedError

Resolver = Callable[[str, int], list[str]]


def resolve(host: str, port: int) -> list[str]:
    """Return every address of ``host`` as the machine's resolver tells them."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


POLL: Final = 0.5
"""Seconds that a socket waits at most before whoever waits is asked."""


@dataclass(frozen=True, slots=True)
class Trip:
    """Where the sockets of one fetch may go, and until when (``time.monotonic``).

    ``waiting`` is called about every half second while an answer is waited for; what it raises
    ends the trip.
    """

    networks: tuple[Network, ...]
    resolver: Resolver
    expires: float
    waiting: Callable[[], None] | None = None

    def left(self) -> float:
        """Return the seconds left; raises httpcore.ReadTimeout when none are."""
        left = self.expires - time.monotonic()
        if left <= 0:
            raise httpcore.ReadTimeout("the deadline has passed")
        return left


class GuardedBackend(httpcore.NetworkBackend):
    """Opens sockets to checked addresses only, none of whose operations outlives the trip."""

    def __init__(self, url: str, trip: Trip) -> None:
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
            if not is_allowed(ip_address(text), networks=self._trip.networks):
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

    def __init__(self, stream: httpcore.NetworkStream, trip: Trip) -> None:
        self._stream = stream
        self._trip = trip

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        waiting = self._trip.waiting
        while waiting is not None:
            try:
                return self._stream.read(max_bytes, timeout=min(POLL, self._trip.left()))
            except httpcore.ReadTimeout:
                self._trip.left()
                waiting()
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
