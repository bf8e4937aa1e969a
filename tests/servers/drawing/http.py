"""What drawing servers have in common: requests with their bodies, faults that wait, answers."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit


@dataclass(frozen=True)
class Asked:
    """One request."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        """Return the body as JSON."""
        return json.loads(self.body)

    def form(self) -> dict[str, bytes]:
        """Return the parts of a multipart form by name."""
        head = f"Content-Type: {self.headers['content-type']}\r\n\r\n".encode()
        whole = message_from_bytes(head + self.body, policy=policy.HTTP)
        return {
            str(part.get_param("name", header="content-disposition")): part.get_payload(decode=True)
            for part in whole.iter_parts()
        }


@dataclass(frozen=True)
class Said:
    """One answer."""

    body: Any = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)

    def written(self) -> bytes:
        return self.body if isinstance(self.body, bytes) else json.dumps(self.body).encode()


class DrawingServer(ThreadingHTTPServer):
    """Draws on loopback; what waits in ``faults`` is answered to the next calls instead."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.asked: list[Asked] = []
        self.faults: list[Said | Callable[[Asked], Said | None]] = []
        """An answer, or what makes one: None of it hangs up."""
        self.key: str | None = None
        self.lock = threading.RLock()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def answer(self, asked: Asked) -> Said:
        """Return what the server says."""
        raise NotImplementedError

    def paths(self) -> list[str]:
        """Return method and path of all calls."""
        return [f"{asked.method} {asked.path}" for asked in self.asked]

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that hung up is no error of ours."""


class _Handler(BaseHTTPRequestHandler):
    server: DrawingServer

    def do_GET(self) -> None:
        self._answer(b"")

    def do_POST(self) -> None:
        self._answer(self.rfile.read(int(self.headers.get("Content-Length") or 0)))

    def _answer(self, body: bytes) -> None:
        parts = urlsplit(self.path)
        headers = {name.lower(): value for name, value in self.headers.items()}
        asked = Asked(self.command, parts.path, dict(parse_qsl(parts.query)), headers, body)
        with self.server.lock:
            self.server.asked.append(asked)
            fault = self.server.faults.pop(0) if self.server.faults else None
        if fault is not None:
            said = fault(asked) if callable(fault) else fault
        else:
            said = self.server.answer(asked)
        if said is None:
            self.close_connection = True
            return
        written = said.written()
        self.send_response(said.status)
        for name, value in {"Content-Length": str(len(written)), **said.headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(written)

    def log_message(self, format: str, *args: object) -> None:
        pass
