"""One tiny SDXL for all tests of drawing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.samples.tiny_sdxl import TinySdxl


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> TinySdxl:
    from tests.samples.tiny_sdxl import build  # torch is not there in every tier

    return build(tmp_path_factory.mktemp("sdxl"))
