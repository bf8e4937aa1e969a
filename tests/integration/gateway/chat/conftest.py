"""A gateway with a shop's items and two years of counts, and people who talk to it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from services.gateway.app import create_app
from services.gateway.catalog.domain import Catalog
from services.gateway.settings import ChatSettings, GatewaySettings
from shared.bus import connect
from shared.records import open_database, upgrade
from shared.settings import Settings
from tests.integration.gateway.conftest import House, serving
from tests.samples.shop import sample_catalog
from tests.samples.street import fill
from tests.servers.valkey import running_valkey


class Shelf:
    """A catalogue that stands still."""

    def __init__(self, items: Catalog) -> None:
        self.items = items

    def current(self, database: object) -> Catalog:
        """Return it."""
        return self.items

    def recall(self) -> Catalog:
        """Return it."""
        return self.items


@dataclass
class Talk:
    """One person in one conversation."""

    client: httpx.Client
    path: str
    answers: list[dict[str, Any]] = field(default_factory=list)

    def say(self, text: str, **more: Any) -> dict[str, Any]:
        """Say something; return the answer."""
        response = self.client.post(f"{self.path}/messages", json={"text": text, **more})
        assert response.status_code == 200, response.text
        self.answers.append(response.json())
        return self.answers[-1]


Begin = Callable[..., Talk]


def stocked(house: House) -> House:
    """Give a house the sample shop's items and two years of counts."""
    object.__setattr__(house.gateway, "catalog", Shelf(sample_catalog("ko")))
    today = datetime.now(UTC).date()
    last = today - timedelta(days=today.weekday(), weeks=1)
    with house.database.transaction() as session:
        fill(session, last=last)
    return house


@pytest.fixture(scope="module")
def mall(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A stocked gateway for all tests of a module: people do not see each other."""
    settings = Settings(data_dir=tmp_path_factory.mktemp("mall"), lang="en")
    with ExitStack() as stack:
        valkey = stack.enter_context(running_valkey(settings))
        upgrade(settings.database)
        database = stack.enter_context(closing(open_database(settings.database)))
        context = connect(settings)
        stack.callback(context.app.close)
        limits = GatewaySettings(requests_per_minute=100_000, burst=10_000)
        app = create_app(limits, context, database, chat_settings=ChatSettings())
        house = House(
            context, database, valkey, app.state.gateway, stack.enter_context(serving(app)), stack
        )
        yield stocked(house)


@pytest.fixture
def begin(mall: House) -> Begin:
    """Begin a conversation, each with a person of its own."""

    def start(language: str = "ko", **headers: str) -> Talk:
        return begin_in(mall, language, **headers)

    return start


def begin_in(house: House, language: str = "ko", **headers: str) -> Talk:
    """Begin a conversation in a house."""
    client = house.client(**{"Accept-Language": language, **headers})
    begun = client.post("/v1/chat/sessions", json={})
    assert begun.status_code == 201, begun.text
    return Talk(client, begun.json()["links"]["self"])
