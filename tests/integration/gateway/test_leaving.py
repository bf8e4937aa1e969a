"""A gateway that is told to stop cuts nobody off: what is in hand is done, or may be retried."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread

import httpx
import pytest

from services.gateway.app import create_app
from services.gateway.server import Server, server_for
from services.gateway.settings import GatewaySettings
from tests.patience import until
from tests.samples.wardrobe import photo_bytes

pytestmark = pytest.mark.integration


@contextmanager
def running(server: Server) -> Iterator[Server]:
    thread = Thread(target=server.run)
    thread.start()
    try:
        until(lambda: server.started)
        yield server
    finally:
        server.should_exit = True
        thread.join()


def address_of(server: Server) -> tuple[str, int]:
    host, port = server.servers[0].sockets[0].getsockname()[:2]
    return host, port


def url_of(server: Server) -> str:
    return "http://{}:{}".format(*address_of(server))


@pytest.fixture
def start(house):
    """Run a second gateway beside the house's, which a test may stop."""

    def make(**options: float):
        app = create_app(GatewaySettings(**options), house.context, house.database)
        return running(server_for(app, host="127.0.0.1", port=0))

    return make


class SlowUpload:
    """A photo of which the last byte is held back."""

    def __init__(self, server: Server, key: str) -> None:
        request = httpx.Request(
            "POST",
            "http://mapsi/v1/photos",
            headers={"Authorization": key, "Connection": "keep-alive"},
            files={"file": photo_bytes()},
        )
        lines = [f"{name}: {text}" for name, text in request.headers.items()]
        self._body = request.read()
        self._socket = socket.create_connection(address_of(server), timeout=120)
        self._socket.sendall("\r\n".join(["POST /v1/photos HTTP/1.1", *lines, "", ""]).encode())
        self._socket.sendall(self._body[:-1])

    def finish(self) -> None:
        self._socket.sendall(self._body[-1:])

    def answer(self) -> str:
        with self._socket, self._socket.makefile("rb") as file:
            return file.read().decode()  # to the end: the gateway closes the connection


def test_an_upload_that_has_begun_is_taken_in(house, start):
    key = house.client().headers["Authorization"]
    with start(drain_seconds=120) as server:
        url, upload = url_of(server), SlowUpload(server, key)
        until(lambda: bool(server.server_state.tasks))
        server.should_exit = True
        until(lambda: not server.servers[0].is_serving())
        with pytest.raises(httpx.ConnectError):
            httpx.get(f"{url}/healthz")
        upload.finish()
        answer = upload.answer()
    assert answer.startswith("HTTP/1.1 202 ")
    assert "connection: close" in answer


def test_who_takes_too_long_may_try_again(house, start):
    key = house.client().headers["Authorization"]
    with start(drain_seconds=0.5) as server:
        upload = SlowUpload(server, key)
        until(lambda: bool(server.server_state.tasks))
        server.should_exit = True
        answer = upload.answer()
    head, _, body = answer.partition("\r\n\r\n")
    assert head.startswith("HTTP/1.1 503 ")
    assert "retry-after: 1" in head.lower()
    assert json.loads(body)["reason"] == "leaving"


def test_it_says_that_it_goes_and_serves_on_until_others_know(house, start):
    client = house.client()
    with start(linger_seconds=120) as server:
        url = url_of(server)
        assert client.get(f"{url}/readyz").status_code == 200
        server.should_exit = True
        until(lambda: client.get(f"{url}/readyz").status_code == 503)
        ready = client.get(f"{url}/readyz", headers={"Accept-Language": "ko"})
        assert (ready.json()["reason"], ready.headers["Retry-After"]) == ("leaving", "1")
        assert "멈추는 중" in ready.json()["detail"]
        assert client.get(f"{url}/healthz").status_code == 200
        sent = client.post(f"{url}/v1/photos", files={"file": photo_bytes()})
        assert (sent.status_code, sent.headers["Connection"]) == (202, "close")
        server.force_exit = True


def test_an_event_stream_ends_as_it_should_and_is_followed_at_the_next_gateway(house, start):
    client = house.client(role="admin")
    pieces = [{"photo_id": house.analyze(photo_bytes()), "garment": 0}]
    job = client.post("/v1/generations", json={"pieces": pieces}).json()["id"]
    ended, begun, seen = Event(), Event(), []

    def follow(url: str) -> None:
        with client.stream("GET", f"{url}/v1/generations/{job}/events") as events:
            for line in events.iter_lines():
                seen.append(line)
                begun.set()
        ended.set()

    with start(drain_seconds=120) as server:
        thread = Thread(target=follow, args=(url_of(server),))
        thread.start()
        assert begun.wait(60)
        server.should_exit = True
        assert ended.wait(60), "the stream was cut off, or kept open"
        thread.join()
    assert "event: progress" in seen
    with client.stream("GET", f"/v1/generations/{job}/events") as events:
        assert next(events.iter_lines()) == "event: progress"
