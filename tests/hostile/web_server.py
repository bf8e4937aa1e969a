"""A web server on loopback that says, byte for byte, what a test makes it say."""

from __future__ import annotations

import re
import socket
import socketserver
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

Script = Callable[[socket.socket], None]
_LENGTH = re.compile(rb"\r\ncontent-length: (\d+)\r\n", re.IGNORECASE)


class WebServer(socketserver.ThreadingTCPServer):
    """Answers each path with its script; ``requests`` keeps what it was sent."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.tls = tls
        self.scripts: dict[str, Script] = {}
        self.requests: list[str] = []
        self.names: list[str | None] = []
        if tls:
            tls.sni_callback = lambda _socket, name, _context: self.names.append(name)

    @property
    def port(self) -> int:
        """The free port that the system chose."""
        return int(self.server_address[1])

    def get_request(self) -> tuple[socket.socket, object]:
        connection, address = super().get_request()
        if self.tls:
            connection.settimeout(5)
            connection = self.tls.wrap_socket(
                connection, server_side=True, do_handshake_on_connect=False
            )
        return connection, address

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that hangs up is what these tests are about."""


class _Handler(socketserver.BaseRequestHandler):
    server: WebServer

    def handle(self) -> None:
        head = b""
        while b"\r\n\r\n" not in head and (part := self.request.recv(65_536)):
            head += part
        announced = _LENGTH.search(head)
        whole = head.find(b"\r\n\r\n") + 4 + (int(announced[1]) if announced else 0)
        while len(head) < whole and (part := self.request.recv(65_536)):
            head += part
        self.server.requests.append(head.decode("latin-1"))
        self.server.scripts[head.split(b" ")[1].decode()](self.request)


@contextmanager
def web_server(tls: ssl.SSLContext | None = None) -> Iterator[WebServer]:
    """Serve until the block ends."""
    with WebServer(tls) as server:
        serving = threading.Thread(target=server.serve_forever, args=(0.02,))
        serving.start()
        try:
            yield server
        finally:
            server.shutdown()
            serving.join()


def says(status: str, body: bytes = b"", **headers: str) -> Script:
    """Send one whole answer; ``content_length="5"`` gives the header ``content-length: 5``."""
    named = {"content-length": str(len(body))}
    named |= {name.replace("_", "-"): value for name, value in headers.items()}
    lines = [f"HTTP/1.1 {status}", *(f"{name}: {value}" for name, value in named.items())]
    head = "\r\n".join(lines).encode() + b"\r\n\r\n"
    return lambda connection: connection.sendall(head + body)


def redirects(location: str) -> Script:
    """Send the client elsewhere."""
    return says("302 Found", location=location)


def drips(start: bytes, drop: bytes, *, every: float = 0.05, times: int = 400) -> Script:
    """Send ``start``, then ``drop`` again and again: a body or a head without an end."""

    def script(connection: socket.socket) -> None:
        connection.sendall(start)
        for _ in range(times):
            connection.sendall(drop)
            time.sleep(every)

    return script
