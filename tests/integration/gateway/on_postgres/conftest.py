"""The same gateway on a real PostgreSQL."""

from __future__ import annotations

from pathlib import Path

import pytest

from shared.settings import Settings


@pytest.fixture
def settings(tmp_path: Path, postgres_database_url: str) -> Settings:
    """One data folder, and a PostgreSQL beside it."""
    return Settings(data_dir=tmp_path, lang="en", database_url=postgres_database_url)
