"""Every setting and endpoint is documented."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest

from services.gateway.api import (
    alerts,
    archives,
    chat,
    deletions,
    export,
    feeds,
    forecast,
    generations,
    health,
    items,
    looks,
    me,
    operations,
    personal_color,
    photos,
    recommendations,
    reports,
    saved_views,
    sources,
    trends,
)
from services.registry import SERVICES
from shared.alerts.settings import AlertSettings
from shared.settings import ServiceSettings, Settings

DOCS = Path(__file__).parents[2] / "docs"
TOPICS = (
    feeds, items,
    alerts, archives, chat, deletions, export, forecast, generations, health, looks, me,
    operations, personal_color, photos, recommendations, reports, saved_views, sources, trends,
)  # fmt: skip


def _settings_classes() -> Iterator[type[ServiceSettings]]:
    yield Settings
    yield AlertSettings
    for name in (*SERVICES, "supervisor"):
        if find_spec(f"services.{name}.settings"):
            module = importlib.import_module(f"services.{name}.settings")
            yield from (
                thing
                for thing in vars(module).values()
                if isinstance(thing, type)
                and issubclass(thing, ServiceSettings)
                and thing.__module__ == module.__name__
            )


@pytest.mark.parametrize("settings", list(_settings_classes()), ids=lambda found: found.__name__)
def test_every_setting_is_documented(settings: type[ServiceSettings]) -> None:
    text = (DOCS / "settings.md").read_text()
    prefix = settings.model_config["env_prefix"]
    for name, field in settings.model_fields.items():
        assert field.description, f"{settings.__name__}.{name} has no description"
        assert f"| `{prefix}{name.upper()}` |" in text
        assert field.description in text, f"docs/settings.md says something else of {name}"


def test_every_endpoint_is_documented() -> None:
    text = (DOCS / "api.md").read_text()
    routes = [route for topic in TOPICS for route in topic.router.routes]
    assert len(routes) >= 12
    for route in routes:
        assert f"`{route.path}`" in text, f"{route.path} is not in docs/api.md"
