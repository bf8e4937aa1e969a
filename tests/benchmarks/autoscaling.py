"""How KEDA and Kubernetes' autoscaler choose the number of workers, from our own ScaledObjects.

Sources: keda.sh/docs (polling, activation, cooldown; a trigger of type AverageValue asks for
``ceil(value / threshold)`` replicas, the largest of all triggers counts) and kubernetes.io's
Horizontal Pod Autoscaling (tolerance, policies, stabilization windows).
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from math import ceil
from pathlib import Path
from typing import Any, Final

import yaml

MANIFESTS: Final = Path("k8s/components/autoscaling")
GPU: Final = Path("k8s/overlays/gpu")
_UP_EACH: Final = 30.0
_DOWN_EACH: Final = 60.0
_TOLERANCE: Final = 0.1
"""A trigger that asks for so little more or less asks for nothing."""


@dataclass(frozen=True)
class Rule:
    """One ScaledObject: replicas, and how much of each measure one worker is there for."""

    least: int
    most: int
    per_worker: Mapping[str, float]
    """By the trigger's name: length, age, busy, looks."""
    cooldown: float = 300.0
    down_window: float = 300.0
    busy_window: float = 60.0
    """Seconds over which the trigger ``busy`` takes its rate."""

    def wanted(self, measured: Mapping[str, float], replicas: int) -> int:
        """Return how many the triggers ask for where there are ``replicas``, within no bounds."""
        shares = self.per_worker.items()
        return max(_asked(measured[name], share, replicas) for name, share in shares)

    def without(self, trigger: str) -> Rule:
        """Return the rule as it would be without a trigger."""
        left = {name: share for name, share in self.per_worker.items() if name != trigger}
        return replace(self, per_worker=left)


def _asked(value: float, share: float, replicas: int) -> int:
    if abs(value / (share * replicas) - 1) <= _TOLERANCE:
        return replicas
    return ceil(value / share)


def read_rules(*files: Path) -> dict[str, Rule]:
    """Return the rules of the ScaledObjects in YAML files; later files change earlier ones."""
    found: dict[str, dict[str, Any]] = {}
    for file in files:
        for document in yaml.safe_load_all(file.read_text("utf-8")):
            if document and document["kind"] == "ScaledObject":
                known = found.setdefault(document["metadata"]["name"], {})
                known.update(document["spec"])
    return {name: _rule(spec) for name, spec in found.items() if "triggers" in spec}


def _rule(spec: Mapping[str, Any]) -> Rule:
    shares = {
        trigger["name"]: float(
            trigger["metadata"].get("listLength") or trigger["metadata"]["threshold"]
        )
        for trigger in spec["triggers"]
    }
    ranges = re.findall(r"busy_seconds_total{[^}]*}\[(\d+)m\]", str(spec["triggers"]))
    return Rule(
        least=spec["minReplicaCount"],
        most=spec["maxReplicaCount"],
        per_worker=shares,
        cooldown=float(spec.get("cooldownPeriod", 300)),
        busy_window=max((60.0 * int(minutes) for minutes in ranges), default=60.0),
    )


@dataclass
class Scaler:
    """The replicas of one Deployment, poll by poll."""

    rule: Rule
    replicas: int
    _asked: deque[tuple[float, int]] = field(default_factory=deque)
    _active: float = 0.0
    _up_from: tuple[float, int] = (-1e9, 0)
    _down_from: tuple[float, int] = (-1e9, 0)

    def poll(self, now: float, measured: Mapping[str, float]) -> int:
        """Look at the triggers at ``now`` (s) and return the replicas from here on."""
        if any(value > 0 for value in measured.values()):
            self._active = now
        if self.replicas == 0:
            self.replicas = 1 if self._active == now else 0
            return self.replicas
        if self.rule.least == 0 and now - self._active >= self.rule.cooldown:
            self.replicas = 0
            return 0
        asked = self.rule.wanted(measured, self.replicas)
        wanted = min(max(asked, self.rule.least, 1), self.rule.most)
        self._asked.append((now, wanted))
        while self._asked[0][0] < now - self.rule.down_window:
            self._asked.popleft()
        self.replicas = self._bounded(now, wanted, max(count for _, count in self._asked))
        return self.replicas

    def _bounded(self, now: float, wanted: int, steady: int) -> int:
        """Apply the policies: at most twice or two more in 30 s, at most half fewer in 60 s."""
        if wanted > self.replicas:
            if now - self._up_from[0] >= _UP_EACH:
                self._up_from = (now, self.replicas)
            base = self._up_from[1]
            return min(wanted, max(base * 2, base + 2))
        if steady < self.replicas:
            if now - self._down_from[0] >= _DOWN_EACH:
                self._down_from = (now, self.replicas)
            return max(steady, ceil(self._down_from[1] * 0.5))
        return self.replicas


def shipped_rules() -> dict[str, Rule]:
    """Return the rules of workers without a GPU."""
    return read_rules(MANIFESTS / "workers.yaml")


def quantile(values: Iterable[float], share: float) -> float:
    """Return the nearest-rank quantile; 0 where there is nothing."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0
