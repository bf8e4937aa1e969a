"""A real worker shows that it is well, and that its broker is away."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.integration.bus.conftest import Installation, until

pytestmark = pytest.mark.integration


def test_worker_tells_whether_its_broker_answers(
    installation: Installation, tmp_path: Path
) -> None:
    sign = tmp_path / "alive"
    installation.worker("color", MAPSI_HEALTH_FILE=str(sign))
    until(lambda: sign.exists() and sign.read_text() == "ready", seconds=60)
    installation.valkey.kill()
    until(lambda: sign.read_text() == "away", seconds=60)
