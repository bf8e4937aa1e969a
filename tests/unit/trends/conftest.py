"""A SQLite database with all tables."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from shared.records import Database, open_database, upgrade


@pytest.fixture(scope="session")
def empty_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database that was upgraded once; tests take copies."""
    path = tmp_path_factory.mktemp("records") / "mapsi.db"
    upgrade(f"sqlite:///{path}")
    return path


@pytest.fixture
def database(tmp_path: Path, empty_file: Path) -> Iterator[Database]:
    shutil.copy(empty_file, tmp_path / "mapsi.db")
    with closing(open_database(f"sqlite:///{tmp_path}/mapsi.db")) as opened:
        yield opened
