"""Rendered Kubernetes documents, read the way the promises need them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

Document = dict[str, Any]
_POD_AT: Final = {
    "Deployment": ("spec", "template"),
    "StatefulSet": ("spec", "template"),
    "Job": ("spec", "template"),
    "CronJob": ("spec", "jobTemplate", "spec", "template"),
}


@dataclass(frozen=True)
class Pod:
    """The pod that one document makes."""

    kind: str
    name: str
    owner: Document
    template: Document

    @property
    def where(self) -> str:
        """How findings name it."""
        return f"{self.kind} {self.name}"

    @property
    def labels(self) -> Mapping[str, str]:
        """The pod's labels, by which policies and Services choose it."""
        labels: dict[str, str] = self.template.get("metadata", {}).get("labels", {})
        return labels

    @property
    def service(self) -> str:
        """What it is by its label."""
        return self.labels.get("app.kubernetes.io/name", "")

    @property
    def component(self) -> str:
        """``worker``, ``gateway``, ``beat``, ``store`` or ``task``."""
        return self.labels.get("app.kubernetes.io/component", "")

    @property
    def spec(self) -> Document:
        """The pod's own specification."""
        spec: Document = self.template["spec"]
        return spec

    @property
    def containers(self) -> list[Document]:
        """Those that run, and those that run before."""
        return [*self.spec.get("initContainers", []), *self.spec["containers"]]

    @property
    def has_gpu(self) -> bool:
        """True where a container is given a GPU."""
        return any("nvidia.com/gpu" in str(box.get("resources")) for box in self.containers)

    @property
    def queue(self) -> str | None:
        """The queue that a worker serves, by its command."""
        command = self.containers[-1].get("command", [])
        return command[2] if command[:2] == ["mapsi", "worker"] and len(command) > 2 else None

    def secret_keys(self) -> Iterator[tuple[str, bool]]:
        """Keys of mapsi-secrets that are asked for, and whether each may be missing."""
        for box in self.containers:
            for variable in box.get("env", []):
                found = variable.get("valueFrom", {}).get("secretKeyRef")
                if found:
                    yield found["key"], found.get("optional", False)


@dataclass(frozen=True)
class Manifests:
    """All documents of one overlay."""

    documents: Sequence[Document]

    def of(self, kind: str) -> list[Document]:
        """All documents of a kind."""
        return [document for document in self.documents if document.get("kind") == kind]

    @cached_property
    def pods(self) -> list[Pod]:
        """Every pod that the documents make."""
        return [_pod(document) for document in self.documents if document.get("kind") in _POD_AT]

    @property
    def settings(self) -> Mapping[str, str]:
        """The ConfigMap mapsi-settings; empty where there is none."""
        maps = [found for found in self.of("ConfigMap") if is_settings(name_of(found))]
        return dict(maps[0]["data"]) if maps else {}

    def environment(self, pod: Pod) -> dict[str, str]:
        """What a pod's last container reads: the settings and its own plain variables."""
        box = pod.containers[-1]
        names = [one["configMapRef"]["name"] for one in box.get("envFrom", [])]
        own = {one["name"]: one["value"] for one in box.get("env", []) if "value" in one}
        return {**(self.settings if any(map(is_settings, names)) else {}), **own}

    def most_replicas(self, name: str) -> int:
        """How many pods a Deployment may have at most, by itself or by its scaler."""
        scalers = [*self.of("ScaledObject"), *self.of("HorizontalPodAutoscaler")]
        most = [
            scaler["spec"].get("maxReplicaCount") or scaler["spec"].get("maxReplicas") or 100
            for scaler in scalers
            if scaler["spec"]["scaleTargetRef"]["name"] == name
        ]
        own = [pod.owner["spec"].get("replicas", 1) for pod in self.pods if pod.name == name]
        return max([*most, *own], default=0)


def _pod(document: Document) -> Pod:
    template = document
    for step in _POD_AT[document["kind"]]:
        template = template[step]
    return Pod(document["kind"], name_of(document), document, template)


def name_of(document: Document) -> str:
    """The document's name."""
    return str(document["metadata"]["name"])


def is_settings(name: str) -> bool:
    """True for mapsi-settings, with or without the hash that kustomize appends."""
    return re.fullmatch(r"mapsi-settings(-[a-z0-9]{10})?", name) is not None


def selects(selector: Document, labels: Mapping[str, str]) -> bool:
    """True where a label selector (``matchLabels``, ``matchExpressions``) chooses ``labels``."""
    same = all(labels.get(key) == value for key, value in selector.get("matchLabels", {}).items())
    return same and all(_holds(one, labels) for one in selector.get("matchExpressions", []))


def _holds(expression: Document, labels: Mapping[str, str]) -> bool:
    value, operator = labels.get(expression["key"]), expression["operator"]
    if operator == "In":
        return value in expression["values"]
    if operator == "NotIn":
        return value not in expression["values"]
    return (value is not None) == (operator == "Exists")
