"""A gateway on a real port, with a real Valkey, SQLite and a folder; and people with keys."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from threading import Thread
from typing import Any

import httpx
import pytest
import structlog
from fastapi import FastAPI

from services.gateway.access import Gateway
from services.gateway.app import create_app
from services.gateway.keys import create_key
from services.gateway.server import server_for
from services.gateway.settings import GatewaySettings
from shared.bus import Context, connect
from shared.flow import queue_of
from shared.records import Database, open_database, upgrade
from shared.records.ingestion import Photo
from shared.records.trends import Settlement
from shared.settings import Settings
from shared.storage.keys import photo_key, result_key
from tests.samples import wardrobe
from tests.servers.valkey import PrivateValkey, running_valkey


@dataclass
class House:
    """One installation as the gateway sees it; the other services are played by the tests."""

    context: Context
    database: Database
    valkey: PrivateValkey
    gateway: Gateway
    url: str
    opened: ExitStack

    def client(self, name: str = "someone", role: str = "user", **headers: str) -> httpx.Client:
        """Return an HTTP client with a key of its own."""
        key = create_key(self.database, name, role)
        return self.stranger(Authorization=f"Bearer {key}", **headers)

    def stranger(self, **headers: str) -> httpx.Client:
        """Return an HTTP client without a key."""
        client = httpx.Client(base_url=self.url, headers=headers, timeout=20)
        return self.opened.enter_context(client)

    def queued(self, service: str) -> list[dict[str, Any]]:
        """Return the bodies of the messages that wait for a service, oldest first."""
        waiting = self.context.broker._redis.lrange(queue_of(f"{service}.x"), 0, -1)
        with self.context.app.connection_for_read() as connection:
            channel = connection.default_channel
            payloads = [json.loads(raw) for raw in reversed(waiting)]
            bodies = [channel.decode_body(p["body"], "base64") for p in payloads]
        return [json.loads(body)[1]["body"] for body in bodies]

    def lose(self, service: str) -> None:
        """Lose all messages that wait for a service."""
        assert self.context.broker._redis.delete(queue_of(f"{service}.x")) == 1

    def ingest(self, data: bytes, *, source: str = "street") -> str:
        """Store a photo and its row, as ingestion does."""
        photo_id = sha256(data).hexdigest()
        self.context.storage.put(photo_key(photo_id), data, content_type="image/jpeg")
        now = datetime.now(UTC)
        with self.database.transaction() as session:
            session.add(
                Photo(
                    photo_id=photo_id,
                    key=photo_key(photo_id),
                    width=wardrobe.SIZE[0],
                    height=wardrobe.SIZE[1],
                    perceptual_hash=0,
                    fine_hash=bytes(32),
                    look_id=photo_id,
                    posted_at=now,
                    source=source,
                    author=None,
                    received_at=now,
                    published_at=now,
                    attempts=1,
                )
            )
        return photo_id

    def settle(self, photo_id: str, outcome: str, *, reason: str | None = None) -> None:
        """Write a photo's end, as trends does."""
        with self.database.transaction() as session:
            session.add(
                Settlement(
                    photo_id=photo_id,
                    outcome=outcome,
                    stage="color" if outcome == "analyzed" else "classification",
                    reason=reason,
                    fashion=0.97 if outcome == "analyzed" else 0.03,
                    analysis_key=result_key("color", "1", photo_id),
                    models={},
                    settled_at=datetime.now(UTC),
                )
            )

    def analyze(self, data: bytes) -> str:
        """Ingest a photo and bring it to its analysis."""
        photo_id = self.ingest(data)
        body = wardrobe.analysis(data).model_dump_json().encode()
        key = result_key("color", "1", photo_id)
        self.context.storage.put(key, body, content_type="application/json")
        self.settle(photo_id, "analyzed")
        return photo_id


Open = Callable[..., House]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """One data folder, in English."""
    return Settings(data_dir=tmp_path, lang="en")


@pytest.fixture
def open_house(settings: Settings) -> Iterator[Open]:
    """Start a gateway with the settings that a test wants."""
    with ExitStack() as stack:
        valkey = stack.enter_context(running_valkey(settings))
        upgrade(settings.database)
        database = stack.enter_context(closing(open_database(settings.database)))
        context = connect(settings)
        stack.callback(context.app.close)

        def start(**options: Any) -> House:
            app = create_app(GatewaySettings(**options), context, database)
            url = stack.enter_context(serving(app))
            return House(context, database, valkey, app.state.gateway, url, stack)

        yield start


@pytest.fixture
def house(open_house: Open) -> House:
    """A gateway with its default settings."""
    return open_house()


@pytest.fixture(autouse=True)
def quiet_log() -> Iterator[None]:
    """Hand log lines to pytest, which shows them where a test fails."""
    structlog.configure(
        processors=[structlog.processors.format_exc_info, structlog.processors.JSONRenderer()],
        logger_factory=structlog.stdlib.LoggerFactory(),
    )
    yield
    structlog.reset_defaults()


@contextmanager
def serving(app: FastAPI) -> Iterator[str]:
    """Serve an app on a port of its own; yield its address."""
    server = server_for(app, host="127.0.0.1", port=0)
    thread = Thread(target=server.run)
    thread.start()
    try:
        while not server.started:
            assert thread.is_alive(), "the gateway did not start"
            time.sleep(0.01)
        port = server.servers[0].sockets[0].getsockname()[1]
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join()
