"""Every setting of the two services is in their README."""

from __future__ import annotations

from pathlib import Path

import pytest

import services
from services.gateway.settings import GatewaySettings
from services.generation.settings import GenerationSettings


@pytest.mark.parametrize(
    ("name", "settings"), [("gateway", GatewaySettings), ("generation", GenerationSettings)]
)
def test_every_setting_is_documented(name, settings):
    readme = (Path(services.__file__).parent / name / "README.md").read_text(encoding="utf-8")
    for field in settings.model_fields:
        assert f"`MAPSI_{name.upper()}_{field.upper()}`" in readme
