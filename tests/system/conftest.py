"""Mapsi as a user has it: started by ``mapsi up``, on a data folder of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.servers.otlp import Collector, running_collector
from tests.system.installation import Installation

Install = Callable[..., Installation]


@pytest.fixture
def install(tmp_path: Path) -> Iterator[Install]:
    """Make installations by name, and leave nothing of them running."""
    made: list[Installation] = []

    def make(name: str = "data", **environment: str) -> Installation:
        installation = Installation(tmp_path / name, environment)
        made.append(installation)
        return installation

    yield make
    for installation in made:
        installation.close()


@pytest.fixture(scope="session")
def collector() -> Iterator[Collector]:
    """Where the traces of ``running`` go."""
    with running_collector() as collector:
        yield collector


@pytest.fixture(scope="session")
def running(
    tmp_path_factory: pytest.TempPathFactory, collector: Collector
) -> Iterator[Installation]:
    """One that all tests may use that leave it running."""
    environment = {
        # Every photo goes all the way, whatever the classifier of the day says.
        "MAPSI_CLASSIFICATION_THRESHOLD": "0",
        "MAPSI_OTLP_ENDPOINT": collector.url,
        "OTEL_BSP_SCHEDULE_DELAY": "500",  # milliseconds until spans are sent
    }
    installation = Installation(tmp_path_factory.mktemp("mapsi") / "data", environment)
    installation.up()
    yield installation
    installation.close()
