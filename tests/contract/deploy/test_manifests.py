"""The Kubernetes manifests are valid, and hold what docs/kubernetes.md promises of them."""

from __future__ import annotations

import ast
import json
import re
import subprocess
from functools import cache
from pathlib import Path

import pytest
from kubernetes_validate import utils as kubernetes_schemas

from shared.settings import read
from tests.contract.deploy.manifests import name_of
from tests.contract.deploy.network import INTERNET, called
from tests.contract.deploy.promises import findings
from tests.contract.deploy.rendering import (
    CPU,
    GPU,
    KUBECTL,
    LOCAL,
    NEWEST,
    OLDEST,
    OVERLAYS,
    ROOT,
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
    manifests = [rendered(folder) for folder in (*OVERLAYS, "weights", "examples/stores")]
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
        for overlay in (CPU, GPU)
    }
    assert least[CPU] == {"generation-gpu", "generation-review"}
    assert least[GPU] == {"generation-gpu", "generation-review", "segmentation"}
    assert {pod.name for pod in rendered(GPU).pods if pod.has_gpu} == {
        "generation-gpu",
        "segmentation",
    }


def test_the_secrets_that_are_made_are_all_that_is_asked_for() -> None:
    (secret,) = rendered(LOCAL).of("Secret")
    for overlay in OVERLAYS:
        asked = [one for pod in rendered(overlay).pods for one in pod.secret_keys()]
        assert {key for key, optional in asked if not optional} <= set(secret["data"])
        assert {key for key, _ in asked} <= known().settings | SECRETS
    for overlay in (CPU, GPU):
        assert rendered(overlay).of("Secret") == []


def test_each_version_migrates_by_a_job_of_its_own() -> None:
    """A Job cannot be changed, so nothing in it may come from settings that change."""
    for overlay in OVERLAYS:
        (job,) = rendered(overlay).of("Job")
        assert name_of(job) == f"migrate-{known().version.replace('.', '-')}"
        assert "mapsi-settings" not in json.dumps(job)


def test_weights_are_fetched_by_a_pod_that_knows_no_secret() -> None:
    manifests = rendered("weights")
    kept = {"every_pod_is_restricted", "every_image_is_known", "every_container_has_its_share"}
    assert kept.isdisjoint(found.promise for found in findings(manifests, known()))
    (pod,) = manifests.pods
    assert list(pod.secret_keys()) == []
    assert called(pod, manifests) == {(INTERNET, 443)}
    program = ast.parse(pod.containers[0]["command"][2])
    imports = [one for one in program.body if isinstance(one, ast.ImportFrom)]
    exec(compile(ast.Module(imports, type_ignores=[]), "weights", "exec"), {})  # all are there


def test_a_gateway_behind_an_ingress_hides_its_figures_and_hands_events_on() -> None:
    (ingress,) = rendered(CPU).of("Ingress")
    paths = ingress["spec"]["rules"][0]["http"]["paths"]
    behind = {one["path"]: one["backend"]["service"]["name"] for one in paths}
    assert behind == {"/": "gateway", "/metrics": "nobody"}
    (nobody,) = [one for one in rendered(CPU).of("Service") if name_of(one) == "nobody"]
    assert "selector" not in nobody["spec"]
    said = ingress["metadata"]["annotations"]
    assert said["nginx.ingress.kubernetes.io/proxy-buffering"] == "off"
    assert int(said["nginx.ingress.kubernetes.io/proxy-read-timeout"]) >= 600


def test_the_addresses_of_an_overlay_arrive_where_they_belong() -> None:
    manifests = rendered(CPU)
    triggers = [
        one["metadata"] for scaler in manifests.of("ScaledObject")
        for one in scaler["spec"]["triggers"]
    ]  # fmt: skip
    assert {one["address"] for one in triggers if "address" in one} == {"redis.mapsi.svc:6379"}
    (backup,) = [pod for pod in manifests.pods if pod.name == "backup"]
    url = manifests.environment(backup)["MAPSI_BACKUP_URL"]
    assert url.startswith("s3://minio.mapsi-stores.svc")
    assert url != manifests.settings["MAPSI_STORAGE_URL"]


def test_tables_are_brought_up_to_date_before_any_process_is_replaced(tmp_path: Path) -> None:
    told = tmp_path / "told"
    stand_in = tmp_path / "kubectl"
    stand_in.write_text(
        f'#!/bin/sh\n[ "$1" = kustomize ] && exec {KUBECTL} "$@"\nprintf "%s\\n" "$*" >> {told}\n'
        'case "$*" in *"get deployments"*) echo deployment.apps/gateway ;; esac\n'
    )
    stand_in.chmod(0o755)
    script = ["sh", str(ROOT / "k8s/apply.sh"), str(ROOT / "k8s/overlays/cpu")]
    subprocess.run(script, check=True, env={"PATH": f"{tmp_path}:/usr/bin:/bin"})
    first, wait, then, _, rollout = told.read_text().splitlines()
    assert first.endswith("-l app.kubernetes.io/component notin (gateway, worker, beat)")
    (job,) = rendered(CPU).of("Job")
    assert wait.startswith("-n mapsi wait") and wait.endswith(f"job/{name_of(job)}")
    assert then.startswith("apply -f") and "-l" not in then.split()
    assert rollout.endswith("deployment.apps/gateway")


def test_the_page_on_kubernetes_tells_the_numbers_that_are_set() -> None:
    page = (ROOT / "docs" / "kubernetes.md").read_text()
    for scaler in rendered(CPU).of("ScaledObject"):
        name, spec = name_of(scaler), scaler["spec"]
        first = spec["triggers"][0]["metadata"]
        each = first.get("listLength") or first["threshold"]
        least, most = spec["minReplicaCount"], spec["maxReplicaCount"]
        assert re.search(rf"^\| {name} \| {each}\b[^|]*\| {least} \| {most} \|", page, re.MULTILINE)
    for pod in rendered(CPU).pods:
        if pod.kind == "Deployment" and pod.name != "generation-gpu":
            own = pod.containers[0]["resources"]
            told = [(own[side]["memory"], own[side]["cpu"]) for side in ("requests", "limits")]
            both = " | ".join(f"{memory[:-2]} {memory[-2:]}, {cpu}" for memory, cpu in told)
            assert re.search(rf"^\| {pod.name} \|.*\| {both} \|$", page, re.MULTILINE), pod.name
