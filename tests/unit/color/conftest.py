"""The names and the table that ship, unpacked once for all tests."""

from __future__ import annotations

from pathlib import Path

import pytest

from services.color.names import ColorNames, color_names
from services.color.table import Table, open_table


@pytest.fixture(scope="session")
def names() -> ColorNames:
    return color_names()


@pytest.fixture(scope="session")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("colour-table")


@pytest.fixture(scope="session")
def table(cache: Path) -> Table:
    return open_table(cache)
