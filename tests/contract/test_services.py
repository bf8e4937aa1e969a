"""Each service has the same rooms, and is light until its model is loaded."""

from __future__ import annotations

import importlib
import inspect
import subprocess
import sys
from pathlib import Path

import click
import pytest

import services
from services.cli import cli
from services.registry import SERVICES, WORKERS
from shared.settings import ServiceSettings, Settings

ROOT = Path(services.__file__).parent
HEAVY = ("torch", "torchvision", "mmdet", "mmengine", "diffusers", "transformers", "onnxruntime")
PREFIXES = {"supervisor": {"MAPSI_UP_"}, "gateway": {"MAPSI_GATEWAY_", "MAPSI_CHAT_"}}


def settings_of(module: str) -> list[type[ServiceSettings]]:
    classes = inspect.getmembers(importlib.import_module(module), inspect.isclass)
    return [
        found
        for _, found in classes
        if issubclass(found, ServiceSettings) and found not in (ServiceSettings, Settings)
    ]


@pytest.mark.parametrize("name", [*SERVICES, "supervisor"])
def test_a_service_says_what_it_is(name):
    assert len((ROOT / name / "README.md").read_text(encoding="utf-8").splitlines()) >= 5


@pytest.mark.parametrize("name", [*SERVICES, "supervisor"])
def test_every_setting_is_described_and_has_the_services_own_prefix(name):
    found = settings_of(f"services.{name}.settings")
    prefixes = PREFIXES.get(name, {f"MAPSI_{name.upper()}_"})
    assert {settings.model_config["env_prefix"] for settings in found} == prefixes
    for settings in found:
        assert settings.model_config["frozen"]
        for field, info in settings.model_fields.items():
            assert info.description, field


@pytest.mark.parametrize("name", [*SERVICES, "supervisor"])
def test_settings_can_be_the_key_of_a_cache(name):
    for settings in settings_of(f"services.{name}.settings"):
        assert hash(settings()) == hash(settings())
    assert hash(Settings()) == hash(Settings())


def test_every_shared_setting_is_described():
    assert all(info.description for info in Settings.model_fields.values())


@pytest.mark.parametrize("name", WORKERS)
def test_importing_a_services_tasks_loads_no_model_library(name):
    script = (
        f"import sys, {WORKERS[name]}\nprint(' '.join(sorted(set({HEAVY!r}) & set(sys.modules))))"
    )
    loaded = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert loaded.stdout.strip() == ""


@pytest.mark.parametrize("command", cli.targets)
def test_every_command_explains_itself(command):
    found = cli.get_command(click.Context(cli), command)
    assert found is not None
    assert found.name == command
    assert found.help
