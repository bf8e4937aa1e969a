"""The overlays as kubectl renders them, and what they are held against."""

from __future__ import annotations

import importlib
import json
import re
import shutil
import subprocess
import tempfile
import tomllib
from collections.abc import Iterator
from functools import cache
from importlib.util import find_spec
from itertools import chain
from pathlib import Path
from typing import Any

import jsonschema
import kubernetes_validate
import pytest
import yaml
from prometheus_client import Counter
from prometheus_client.metrics import MetricWrapperBase

from services.registry import SERVICES, WORKERS
from shared import metrics
from shared.alerts.settings import AlertSettings
from shared.settings import ServiceSettings, Settings
from tests.contract.deploy.manifests import Document, Manifests, name_of
from tests.contract.deploy.promise import Known

ROOT = Path(__file__).parents[3]
LOCAL, CPU, GPU = OVERLAYS = ("overlays/local", "overlays/cpu", "overlays/gpu")
OLDEST, NEWEST = "1.30", "1.37"
"""Versions of Kubernetes that the manifests are checked against."""
NO_SCHEMA = {"PodMonitor", "Cluster", "Tenant"}
SECRETS = {"REDIS_PASSWORD", "POSTGRES_PASSWORD"}
"""Keys of mapsi-secrets that are read by the stores, not by Mapsi."""
KUBECTL = shutil.which("kubectl")
needs_kubectl = pytest.mark.skipif(KUBECTL is None, reason="kubectl is not installed")


@cache
def rendered(folder: str) -> Manifests:
    """Return a folder of k8s/ as kubectl renders it, with secrets made as operators make them."""
    assert KUBECTL
    with tempfile.TemporaryDirectory() as temporary:
        copy = Path(temporary) / "k8s"
        shutil.copytree(ROOT / "k8s", copy, ignore=shutil.ignore_patterns("secrets.env"))
        make = str(copy / "overlays/local/make-secrets.sh")
        subprocess.run(["sh", make], check=True, capture_output=True)
        render = [KUBECTL, "kustomize", str(copy / folder)]
        done = subprocess.run(render, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return Manifests(tuple(yaml.load_all(done.stdout, Loader=yaml.CSafeLoader)))


@cache
def known() -> Known:
    """What there is: queues, settings, images, metrics."""
    compose = (ROOT / "docker-compose.yml").read_text()
    files = (ROOT / "deploy").glob("Dockerfile*")
    stages = [re.findall(r"^FROM .* AS (\S+)$", one.read_text(), re.MULTILINE) for one in files]
    return Known(
        queues=frozenset(WORKERS),
        settings=frozenset(name for one in settings_classes() for name in _variables(one)),
        images=frozenset(chain.from_iterable(stages)),
        stores=frozenset(re.findall(r"^    image: (\S+:\S+)$", compose, re.MULTILINE)),
        version=tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"],
        metrics=frozenset(_metric_names()),
    )


@cache
def settings_classes() -> tuple[type[ServiceSettings], ...]:
    """Every class of settings that some process reads."""
    found = {Settings, AlertSettings}
    for service in (*SERVICES, "backup"):
        if find_spec(f"services.{service}.settings"):
            module = importlib.import_module(f"services.{service}.settings")
            found |= {
                thing
                for thing in vars(module).values()
                if isinstance(thing, type) and issubclass(thing, ServiceSettings)
            }
    return tuple(found - {ServiceSettings})


def _variables(settings: type[ServiceSettings]) -> Iterator[str]:
    prefix = settings.model_config["env_prefix"]
    return (f"{prefix}{name.upper()}" for name in settings.model_fields)


def _metric_names() -> Iterator[str]:
    for thing in vars(metrics).values():
        if isinstance(thing, MetricWrapperBase):
            name = next(iter(thing.describe())).name
            yield f"{name}_total" if isinstance(thing, Counter) else name


@cache
def keda() -> dict[str, Any]:
    """KEDA's schemas; the file says where they come from."""
    text = (Path(__file__).parent / "schemas" / "keda.json").read_text()
    schemas: dict[str, Any] = json.loads(text)
    return schemas


def complaint(document: Document, version: str) -> str | None:
    """Return what a document's schema finds wrong with it, None: nothing."""
    try:
        if document["kind"] in keda()["definitions"]:
            schema = {**keda(), "$ref": f"#/definitions/{document['kind']}"}
            jsonschema.validate(document, schema)
        elif document["kind"] not in NO_SCHEMA:
            kubernetes_validate.validate(document, version, strict=True)
    except (jsonschema.ValidationError, kubernetes_validate.ValidationError) as error:
        return f"{document['kind']} {name_of(document)}: {error.message}"
    return None
