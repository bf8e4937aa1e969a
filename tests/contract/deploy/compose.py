"""docker-compose.yml as the tests read it: one entry for each container, merged and parsed."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Final

import yaml

ROOT: Final = Path(__file__).parents[3]
FILE: Final = ROOT / "docker-compose.yml"
OURS: Final = re.compile(r"\$\{MAPSI_REGISTRY:-\}mapsi/(?P<target>[a-z-]+):")
_VARIABLE: Final = re.compile(r"(?<!\$)\$\{(?P<name>[A-Z_]+)(?P<rest>[^}]*)\}")


def read_stack() -> dict[str, Any]:
    """Return the file with its anchors and merges resolved."""
    stack: dict[str, Any] = yaml.safe_load(FILE.read_text())
    return stack


def variables(text: str) -> dict[str, set[str]]:
    """Return what is asked of .env, and how: ``:-`` and a default, or ``:?`` and a hint."""
    found: dict[str, set[str]] = {}
    for match in _VARIABLE.finditer(text):
        found.setdefault(match["name"], set()).add(match["rest"])
    return found


def promised(stack: dict[str, Any]) -> list[str]:
    """Return each broken promise about a container's rights and limits, as a sentence."""
    broken = []
    for name, service in stack["services"].items():
        broken += [f"{name}: {what}" for what in _broken(service)]
    return broken


def _broken(service: dict[str, Any]) -> list[str]:
    limits = service.get("deploy", {}).get("resources", {}).get("limits", {})
    ours = OURS.match(service["image"])
    kept = {
        "the root filesystem can be written": service.get("read_only") is True,
        "it has capabilities": service.get("cap_drop") == ["ALL"]
        and set(service.get("cap_add", ())) <= {"NET_BIND_SERVICE"},
        "it may gain privileges": "no-new-privileges:true" in service.get("security_opt", ()),
        "its user is not 10001": not ours or service.get("user") == "10001:10001",
        "memory is not limited": "memory" in limits,
        "processes are not limited": "pids" in limits,
        "it is not started again": service.get("restart") in ("unless-stopped", "on-failure:3"),
        "logs grow without end": set(service.get("logging", {}).get("options", ()))
        == {"max-size", "max-file"},
        "the image is not pinned": bool(ours) or _is_pinned(service["image"]),
        "nobody sees whether it is well": bool(ours) or "healthcheck" in service,
        "it holds the engine's socket": "docker.sock" not in str(service),
    }
    return [what for what, is_kept in kept.items() if not is_kept]


def _is_pinned(image: str) -> bool:
    tag = image.rpartition(":")[2]
    return bool(re.search(r"\d+\.\d+|RELEASE\.\d{4}", tag))
