"""The Kubernetes manifests are valid, and hold what docs/kubernetes.md promises of them."""

from __future__ import annotations

import json
from functools import cache

import pytest
from kubernetes_validate import utils as kubernetes_schemas

from shared.settings import read
from tests.contract.deploy.manifests import name_of
from tests.contract.deploy.promises import findings
from tests.contract.deploy.rendering import (
    NEWEST,
    OLDEST,
    OVERLAYS,
    SECRETS,
    complaint,
    known,
    needs_kubectl,
    rendered,
    settings_classes,
)

pytestmark = needs_kubectl


@pytest.fixture
def schemas_are_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """kubernetes-validate reads a megabyte of definitions anew for each document."""
    contents = cache(kubernetes_schemas.schema_contents)
    monkeypatch.setattr(kubernetes_schemas, "schema_contents", contents)


@pytest.mark.parametrize("version", [OLDEST, NEWEST])
@pytest.mark.usefixtures("schemas_are_read_once")
def test_an_api_server_would_take_every_document(version: str) -> None:
    manifests = [rendered(overlay) for overlay in OVERLAYS]
    each = {json.dumps(one, sort_keys=True) for all_ in manifests for one in all_.documents}
    assert len(each) > 60
    complaints = [complaint(json.loads(one), version) for one in sorted(each)]
    assert [one for one in complaints if one] == []


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_every_promise_is_held(overlay: str) -> None:
    assert findings(rendered(overlay), known()) == []


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_every_process_can_read_its_settings(overlay: str, monkeypatch: pytest.MonkeyPatch) -> None:
    manifests = rendered(overlay)
    for variables in {frozenset(manifests.environment(pod).items()) for pod in manifests.pods}:
        with monkeypatch.context() as environment:
            for name, value in variables:
                environment.setenv(name, value)
            for settings in settings_classes():
                read(settings)


def test_a_gpu_is_given_back_and_the_others_are_always_there() -> None:
    least = {
        overlay: {
            name_of(scaler)
            for scaler in rendered(overlay).of("ScaledObject")
            if scaler["spec"]["minReplicaCount"] == 0
        }
        for overlay in ("cpu", "gpu")
    }
    assert least["cpu"] == {"generation-gpu", "generation-review"}
    assert least["gpu"] == {"generation-gpu", "generation-review", "segmentation"}
    assert {pod.name for pod in rendered("gpu").pods if pod.has_gpu} == {
        "generation-gpu",
        "segmentation",
    }


def test_the_secrets_that_are_made_are_all_that_is_asked_for() -> None:
    (secret,) = rendered("local").of("Secret")
    for overlay in OVERLAYS:
        asked = [one for pod in rendered(overlay).pods for one in pod.secret_keys()]
        assert {key for key, optional in asked if not optional} <= set(secret["data"])
        assert {key for key, _ in asked} <= known().settings | SECRETS
    for overlay in ("cpu", "gpu"):
        assert rendered(overlay).of("Secret") == []


def test_each_version_migrates_by_a_job_of_its_own() -> None:
    """A Job cannot be changed, so nothing in it may come from settings that change."""
    for overlay in OVERLAYS:
        (job,) = rendered(overlay).of("Job")
        assert name_of(job) == f"migrate-{known().version.replace('.', '-')}"
        assert "mapsi-settings" not in json.dumps(job)
