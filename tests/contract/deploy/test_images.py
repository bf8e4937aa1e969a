"""The images keep what docs/operations.md promises; needs no engine."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from services.registry import SERVICES, WORKERS
from tests.contract.deploy.dockerfile import Stage, inherited, read_stages

ROOT = Path(__file__).parents[3]
CPU = ROOT / "deploy/Dockerfile"
GPU = ROOT / "deploy/Dockerfile.gpu"
FILES = [CPU, GPU]
TARGETS = {CPU: set(SERVICES), GPU: {"segmentation-gpu", "generation-gpu"}}
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
VERSION = PROJECT["version"]


def targets() -> list[tuple[Path, str]]:
    return [(path, target) for path, names in TARGETS.items() for target in sorted(names)]


def each_target() -> pytest.MarkDecorator:
    return pytest.mark.parametrize(
        ("path", "target"), targets(), ids=[target for _, target in targets()]
    )


def stages_below(stages: dict[str, Stage], target: str) -> list[Stage]:
    """Return the stages whose layers are in the image: nothing of the builders'."""
    found, name = [], target
    while name in stages:
        found.append(stages[name])
        name = stages[name].base
    return found


@each_target()
def test_image_runs_as_a_user_without_rights(path: Path, target: str) -> None:
    users = inherited(read_stages(path), target, "USER")
    assert users[-1] == "10001:10001"


@each_target()
def test_image_holds_no_tool_to_build_with(path: Path, target: str) -> None:
    stages = read_stages(path)
    for stage in stages_below(stages, target):
        for command in stage.all("RUN"):
            assert not re.search(r"\b(pip|gcc|g\+\+|build-essential|git|make)\b", command), command
        assert not stage.base.endswith("-devel") and "-devel-" not in stage.base


@each_target()
def test_image_starts_its_own_worker_and_shows_whether_it_is_well(path: Path, target: str) -> None:
    stages = read_stages(path)
    assert inherited(stages, target, "ENTRYPOINT") == ['["mapsi"]']
    assert inherited(stages, target, "HEALTHCHECK")[-1].endswith('CMD ["mapsi", "health"]')
    command = json.loads(inherited(stages, target, "CMD")[-1])
    if target == "gateway":
        assert command == ["gateway"]
    else:
        word, queue = command
        assert word == "worker" and queue in WORKERS
        assert target in (queue, queue.replace(".", "-"), f"{queue}-gpu")


@each_target()
def test_image_installs_its_own_extra_and_traces_and_no_other(path: Path, target: str) -> None:
    stages = read_stages(path)
    extra = {"generation-gpu": "gpu"}.get(target, target)
    assert {extra, "traces"} <= set(PROJECT["optional-dependencies"])
    (source,) = [line for line in stages[target].all("COPY") if "/opt/mapsi" in line]
    stage = source.removeprefix("--from=").partition(" ")[0]
    assert stage.startswith(target.removesuffix("-gpu"))
    commands = " ".join(inherited(stages, stage, "RUN"))
    assert re.findall(r"'\.\[([\w,-]+)\]'", commands) == [f"{extra},traces"]


def test_mmcv_is_compiled_with_a_torch_that_it_compiles_with() -> None:
    """mmcv 2.1.0 does up to 2.13, mmdet takes no later mmcv; nvcc is of that torch's CUDA."""
    extra = PROJECT["optional-dependencies"]["segmentation-gpu"]
    assert {"torch==2.13.0", "torchvision==0.28.0", "mmdet==3.3.0"} <= set(extra)
    (command,) = read_stages(GPU)["mmcv"].all("RUN")
    assert "--no-build-isolation" in command and "mmcv==2.1.0" in command
    assert "'nvidia-cuda-nvcc==13.0.*'" in command


def test_without_buildkit_no_image_builds_what_another_is_made_of() -> None:
    """It builds every stage before the target, and each of the two brings a torch of its own."""
    names = list(read_stages(GPU))
    assert names.index("segmentation-gpu") < names.index("generation-dependencies")


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_what_is_built_upon_is_pinned(path: Path) -> None:
    text = path.read_text()
    arguments = dict(re.findall(r"^ARG (\w+)=(\S+)$", text, re.M))
    stages = read_stages(path)
    for stage in stages.values():
        base = re.sub(r"\$\{(\w+)\}", lambda match: arguments[match[1]], stage.base)
        assert base in stages or re.search(r":\d+\.\d+", base), base


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_images_can_be_built_without_buildkit(path: Path) -> None:
    text = path.read_text()
    assert "syntax=" not in text
    assert not re.search(r"--(mount|link|parents|exclude|chmod)\b", text)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_no_secret_can_get_into_an_image(path: Path) -> None:
    for word, arguments in (one for s in read_stages(path).values() for one in s.instructions):
        if word in ("ARG", "ENV"):
            assert not re.search(r"(PASSWORD|SECRET|TOKEN|_KEY)\b", arguments), arguments


def test_only_what_an_image_is_made_of_is_sent_to_the_builder() -> None:
    lines = [line for line in (ROOT / ".dockerignore").read_text().splitlines() if line[:1] != "#"]
    assert lines[0] == "*"
    assert set(lines[1:]) == {
        "!LICENSE", "!README.md", "!pyproject.toml", "!services", "!shared", "**/__pycache__",
    }  # fmt: skip


def test_the_version_is_the_same_everywhere() -> None:
    for path in FILES:
        assert f'org.opencontainers.image.version="{VERSION}"' in path.read_text()
    assert f"MAPSI_VERSION={VERSION}\n" in (ROOT / ".env.example").read_text()
    named = re.findall(r"MAPSI_VERSION:-([\d.]+)", (ROOT / "docker-compose.yml").read_text())
    assert set(named) == {VERSION}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_hadolint_has_nothing_to_say(path: Path) -> None:
    hadolint = shutil.which("hadolint", path=str(Path(sys.executable).parent))
    if hadolint is None:
        pytest.skip("hadolint is not installed")
    told = subprocess.run([hadolint, path], capture_output=True, text=True, check=False)
    assert (told.returncode, told.stdout) == (0, "")
