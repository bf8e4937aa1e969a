"""One tiny SDXL for all tests of drawing."""

from __future__ import annotations

import pytest

from tests.samples.tiny_sdxl import TinySdxl, build


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> TinySdxl:
    return build(tmp_path_factory.mktemp("sdxl"))
