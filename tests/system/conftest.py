"""Mapsi as a user has it: started by ``mapsi up``, on a data folder of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

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
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """One that all tests may use that leave it running."""
    # Every photo goes all the way, whatever the classifier of the day says.
    all_stages = {"MAPSI_CLASSIFICATION_THRESHOLD": "0"}
    installation = Installation(tmp_path_factory.mktemp("mapsi") / "data", all_stages)
    installation.up()
    yield installation
    installation.close()
