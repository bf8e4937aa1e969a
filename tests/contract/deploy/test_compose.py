"""docker-compose.yml keeps what docs/operations.md promises; needs no engine."""

from __future__ import annotations

import copy
import re
import stat
import subprocess
from pathlib import Path
from typing import Any

import pytest

from services.gateway.settings import GatewaySettings
from services.registry import SERVICES, WORKERS
from shared.photo_checks import MAX_BYTES
from tests.contract.deploy.compose import FILE, OURS, ROOT, promised, read_stack, variables

STACK = read_stack()
CONTAINERS: dict[str, dict[str, Any]] = STACK["services"]
MAPSI = {name: one for name, one in CONTAINERS.items() if OURS.match(one["image"])}
DATABASE = {
    "beat", "gateway", "ingestion", "trends", "migrate", "generation", "generation-review",
    "backup", "postgres",
}  # fmt: skip
"""Who may reach the database; the other workers hold no rights on it."""
NO_SETTINGS = {
    "MAPSI_REGISTRY",
    "MAPSI_VERSION",
    "MAPSI_SITE",
    "MAPSI_HTTP_PORT",
    "MAPSI_HTTPS_PORT",
    "MAPSI_SETTINGS_FILE",
}
"""Variables of the stack itself, which no process reads as a setting."""


def example() -> dict[str, str]:
    lines = (ROOT / ".env.example").read_text().splitlines()
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


def settings() -> set[str]:
    return set(re.findall(r"^\| `(MAPSI_\w+)` \|", (ROOT / "docs/settings.md").read_text(), re.M))


def test_every_container_is_held_in() -> None:
    assert promised(STACK) == []


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"read_only": False}, "the root filesystem can be written"),
        ({"cap_add": ["SYS_ADMIN"]}, "it has capabilities"),
        ({"security_opt": []}, "it may gain privileges"),
        ({"user": "root"}, "its user is not 10001"),
        ({"deploy": {}}, "memory is not limited"),
        ({"restart": "no"}, "it is not started again"),
        ({"logging": {}}, "logs grow without end"),
        ({"image": "redis:latest"}, "the image is not pinned"),
        ({"volumes": ["/var/run/docker.sock:/var/run/docker.sock"]}, "it holds the engine's"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_planted_error_is_told(change: dict[str, Any], told: str) -> None:
    stack = copy.deepcopy(STACK)
    stack["services"]["color"].update(change)
    assert any(what.startswith(f"color: {told}") for what in promised(stack))


def test_every_service_and_every_queue_has_a_container() -> None:
    assert set(SERVICES) <= set(MAPSI)
    hosted = {command[1] for command in map(command_of, MAPSI) if command[0] == "worker"}
    assert hosted == set(WORKERS)
    assert [name for name in MAPSI if command_of(name) == ["beat"]] == ["beat"]


def command_of(name: str) -> list[str]:
    """Return what a container runs; without a command the image's own, named as the service."""
    service = CONTAINERS[name]
    if "command" in service:
        return list(service["command"])
    match = OURS.match(service["image"])
    assert match
    target = match["target"]
    own = {"gateway": ["gateway"], "generation-gpu": ["worker", "generation.gpu"]}
    return own.get(target, ["worker", target.removesuffix("-gpu")])


def test_the_proxy_alone_can_be_reached_from_outside() -> None:
    for name, service in CONTAINERS.items():
        for port in service.get("ports", ()):
            monitoring = service.get("profiles") == ["monitoring"]
            assert name == "proxy" or (monitoring and port.startswith("127.0.0.1:")), name
    assert "outside" not in MAPSI["segmentation"]["networks"]
    for network in ("edge", "backend", "database"):
        assert STACK["networks"][network] == {"internal": True}


def test_rights_on_the_database_are_with_those_who_write_it() -> None:
    reach = {name for name, one in CONTAINERS.items() if "database" in one["networks"]}
    known = {name for name, one in MAPSI.items() if "MAPSI_DATABASE_URL" in one["environment"]}
    assert reach == DATABASE
    assert known == DATABASE - {"postgres"}


def test_nothing_starts_before_what_it_needs() -> None:
    stores = {"redis", "minio"}
    for name, service in MAPSI.items():
        needs = {other: how["condition"] for other, how in service["depends_on"].items()}
        if name == "migrate":
            assert needs == {"postgres": "service_healthy"}
            continue
        assert {needs[store] for store in stores} == {"service_healthy"}, name
        tables = needs.get("migrate")
        assert tables == ("service_completed_successfully" if name in DATABASE else None), name


def test_a_picture_ends_before_its_message_is_handed_out_again() -> None:
    own = MAPSI["gateway"]["environment"]
    default = GatewaySettings.model_fields["job_seconds"].default
    deadline = own.get("MAPSI_GATEWAY_JOB_SECONDS", default)
    held = example()["MAPSI_VISIBILITY_TIMEOUT"]
    assert variables(FILE.read_text())["MAPSI_VISIBILITY_TIMEOUT"] == {f":-{held}"}
    assert float(deadline) < float(held)


def test_a_worker_that_is_stopped_may_end_its_task() -> None:
    longest = int(example()["MAPSI_VISIBILITY_TIMEOUT"])
    workers = [name for name in MAPSI if command_of(name)[0] == "worker"]
    assert {"segmentation", "generation-remote", "generation-gpu"} <= set(workers)
    for name in workers:
        assert int(MAPSI[name]["stop_grace_period"].removesuffix("s")) > longest, name


def test_env_example_is_complete_and_has_nothing_else() -> None:
    assert set(variables(FILE.read_text())) == set(example())
    for name in set(example()) - settings() - NO_SETTINGS:
        assert not name.startswith("MAPSI_"), f"{name} is no setting"


def test_every_setting_that_a_container_is_given_exists() -> None:
    for name, service in CONTAINERS.items():
        given = {one for one in service.get("environment", ()) if one.startswith("MAPSI_")}
        assert given - NO_SETTINGS <= settings(), name


def test_no_secret_is_in_the_file() -> None:
    secrets = {name for name, value in example().items() if value == "change-me"}
    assert len(secrets) >= 5
    asked = variables(FILE.read_text())
    optional = {"GRAFANA_PASSWORD"}  # of a profile
    for name in secrets - optional:
        assert asked[name] == {":?run deploy/make-env.sh"}, name


def test_env_is_made_with_secrets_of_its_own_and_never_twice(tmp_path: Path) -> None:
    files = [tmp_path / "one", tmp_path / "two"]
    for file in files:
        subprocess.run([ROOT / "deploy/make-env.sh", file], check=True, capture_output=True)
    one, two = ([*file.read_text().splitlines()] for file in files)
    made = [first for first, second in zip(one, two, strict=True) if first != second]
    secrets = {name for name, value in example().items() if value == "change-me"}
    assert {line.partition("=")[0] for line in made} == secrets
    assert all(len(line.partition("=")[2]) == 48 for line in made)
    assert stat.S_IMODE(files[0].stat().st_mode) == 0o600
    subprocess.run([ROOT / "deploy/make-env.sh", files[0]], check=True, capture_output=True)
    assert files[0].read_text().splitlines() == one


def test_the_proxy_lets_photos_and_events_through() -> None:
    proxy = (ROOT / "deploy/proxy/Caddyfile").read_text()
    limit = re.search(r"max_size (\d+)MB", proxy)
    assert limit and int(limit[1]) * 1_000_000 > MAX_BYTES + 1_000_000
    assert "flush_interval -1" in proxy
    assert "encode" not in proxy, "the gateway packs what does not stream"
    assert "respond /metrics 404" in proxy


def test_every_file_that_is_mounted_is_there() -> None:
    for name, service in CONTAINERS.items():
        for volume in service.get("volumes", ()):
            source = volume.partition(":")[0]
            if not source.startswith("./"):
                assert source in STACK["volumes"], f"{name}: {source}"
            elif source != "./secrets" and name != "grafana":  # both are made
                assert (ROOT / source).exists(), f"{name}: {source}"
