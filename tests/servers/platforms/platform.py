"""A platform on loopback: posts, pages, photos, and whatever goes wrong between."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar
from urllib.parse import parse_qsl, unquote, urlsplit

from tests.hostile.sources import photo_bytes

GOOD_TOKEN = "a-token-that-must-never-be-shown"
Params = Mapping[str, str]


@dataclass(frozen=True)
class Said:
    """One answer."""

    body: Any = None
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)

    def written(self) -> bytes:
        return self.body if isinstance(self.body, bytes) else json.dumps(self.body).encode()


Fault = Callable[[Said], Said | None]
"""Changes the next answer of the API; None: the connection breaks instead."""


@dataclass(frozen=True)
class Refusing:
    """The request is refused before it is looked at: nothing moves on."""

    said: Said

    def __call__(self, said: Said) -> Said:
        return self.said


@dataclass
class Posted:
    """One post, as all platforms know it."""

    number: int
    at: datetime
    photos: tuple[str, ...]
    """Names of its photos below ``/media``."""
    tags: tuple[str, ...] = ("ootd",)
    videos: int = 0
    author: str = "kim"
    deleted: bool = False
    extra: dict[str, Any] = field(default_factory=dict)
    """Fields of the platform's own."""


class Platform(ThreadingHTTPServer):
    """Serves its posts in the platform's own form; faults wait in a queue for the next calls."""

    daemon_threads = True
    kind: ClassVar[str]
    page_size = 7
    clock: datetime | None = None
    """What its Date header says; None: the truth."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.posts: list[Posted] = []
        self.faults: list[Fault] = []
        self.media_faults: dict[str, list[Fault]] = {}
        self.calls: list[tuple[str, Params]] = []
        self.media_calls: list[str] = []
        self.robots = "User-agent: *\nAllow: /\n"
        self.lock = threading.RLock()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def post(self, number: int, *, at: datetime, photos: int | None = None, **more: Any) -> Posted:
        """Add a post with 1 to 3 photos, now and then a video, now and then only that."""
        count = (0 if number % 11 == 10 else 1 + number % 3) if photos is None else photos
        videos = more.pop("videos", int(number % 5 == 0 or count == 0))
        names = tuple(f"{number}-{index}.jpg" for index in range(count))
        posted = Posted(number, at, names, videos=videos, **more)
        with self.lock:
            self.posts.append(posted)
        return posted

    def fill(self, count: int, *, start: int = 0, ending: datetime | None = None) -> None:
        """Add posts, three at each instant, two minutes apart, the last one at ``ending``."""
        last = ending or datetime.now(UTC) - timedelta(minutes=1)
        last = last.replace(microsecond=0)
        for number in range(start, start + count):
            behind = (start + count - 1 - number) // 3
            tags = (("ootd",), ("ootd", "코디"), ("코디",))[number % 3]
            self.post(number, at=last - timedelta(minutes=2 * behind), tags=tags)

    def permalink(self, posted: Posted) -> str:
        """Return where people see the post."""
        raise NotImplementedError

    def answer(self, path: str, params: Params, headers: Params) -> Said:
        """Return what the API says."""
        raise NotImplementedError

    def with_tag(self, tag: str) -> list[Posted]:
        """Return the posts of a hashtag that are not deleted."""
        with self.lock:
            return [p for p in self.posts if tag in p.tags and not p.deleted]

    def media(self, name: str) -> str:
        """Return the address of a photo."""
        return f"{self.url}/media/{name}"

    def expected(self) -> set[tuple[str, str]]:
        """Return permalink and photo id of everything that ought to be taken in."""
        return {
            (self.permalink(posted), photo_id(name))
            for posted in self.posts
            if not posted.deleted
            for name in posted.photos
        }


@cache
def picture(name: str) -> bytes:
    """Return the photo of that name."""
    return photo_bytes(int.from_bytes(hashlib.sha256(name.encode()).digest()[:2], "big"))


def photo_id(name: str) -> str:
    """Return what Mapsi calls the photo."""
    return hashlib.sha256(picture(name)).hexdigest()


def says(status: int, body: Any = None, **headers: str) -> Fault:
    """Say this instead; ``retry_after="2"`` is a header."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Refusing(Said(body if body is not None else {"error": "x"}, status, named))


def html(said: Said) -> Said:
    """Say what a maintenance page says."""
    return Said(b"<html><body>Down for maintenance</body></html>")


def breaks(said: Said) -> None:
    """Hang up."""


def with_headers(**headers: str) -> Fault:
    """Say the same, with these headers."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda said: replace(said, headers={**said.headers, **named})


class _Handler(BaseHTTPRequestHandler):
    server: Platform

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        if parts.path.startswith("/media/"):
            self._send(self._media(parts.path.removeprefix("/media/")))
        elif parts.path == "/robots.txt":
            self._send(Said(self.server.robots.encode()))
        else:
            self._send(self._api(unquote(parts.path), dict(parse_qsl(parts.query))))

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self._send(self._api(self.path, body))

    def _api(self, path: str, params: Params) -> Said | None:
        server = self.server
        headers = {name.lower(): value for name, value in self.headers.items()}
        with server.lock:
            server.calls.append((path, params))
            fault = server.faults.pop(0) if server.faults else None
            if isinstance(fault, Refusing):
                return fault.said
            said = server.answer(path, params, headers)
            return fault(said) if fault else said

    def _media(self, name: str) -> Said | None:
        with self.server.lock:
            self.server.media_calls.append(name)
            faults = self.server.media_faults.get(name)
            said = Said(picture(name), headers={"content-type": "image/jpeg"})
            return faults.pop(0)(said) if faults else said

    def _send(self, said: Said | None) -> None:
        if said is None:
            self.close_connection = True
            self.connection.close()
            return
        body = said.written()
        self.send_response(said.status)
        for name, value in {"content-length": str(len(body)), **said.headers}.items():
            self.send_header(name, value)
        self.end_headers()
        if said.status != 304:
            self.wfile.write(body)

    def finish(self) -> None:
        try:
            super().finish()
        except (OSError, ValueError):  # the connection broke, as it was meant to
            self.rfile.close()

    def handle(self) -> None:
        try:
            super().handle()
        except (OSError, ValueError):  # a client was killed
            self.close_connection = True

    def date_time_string(self, timestamp: float | None = None) -> str:
        clock = self.server.clock
        return format_datetime(clock, usegmt=True) if clock else super().date_time_string()

    def log_message(self, format: str, *args: object) -> None:
        pass
