"""What each pod promises: restricted, known, and with its share of a node."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tests.contract.deploy.manifests import Manifests, name_of
from tests.contract.deploy.promise import Broken, Known, promise


@promise
def every_pod_is_restricted(manifests: Manifests, known: Known) -> Broken:
    """Pod Security "restricted", a read-only root and no token, said by each pod itself."""
    for pod in manifests.pods:
        own = pod.spec.get("securityContext", {})
        broken = {
            "runs as root": own.get("runAsNonRoot") is not True or own.get("runAsUser") == 0,
            "no seccomp": own.get("seccompProfile", {}).get("type") != "RuntimeDefault",
            "has a token": pod.spec.get("automountServiceAccountToken") is not False,
            "is on the host": any(pod.spec.get(f"host{one}") for one in ("Network", "PID", "IPC")),
            "mounts the host": any("hostPath" in one for one in pod.spec.get("volumes", [])),
        }
        yield from ((pod.where, what) for what, is_so in broken.items() if is_so)
        for box in pod.containers:
            yield from ((pod.where, what) for what in _looseness(box.get("securityContext", {})))


def _looseness(own: dict[str, Any]) -> Iterator[str]:
    capabilities = own.get("capabilities", {})
    if own.get("allowPrivilegeEscalation") is not False or own.get("privileged"):
        yield "may gain privileges"
    if capabilities.get("drop") != ["ALL"] or capabilities.get("add"):
        yield "keeps capabilities"
    if own.get("readOnlyRootFilesystem") is not True:
        yield "may write its root filesystem"
    if own.get("runAsUser") == 0 or own.get("runAsNonRoot") is False:
        yield "runs as root"


@promise
def the_namespace_enforces_it(manifests: Manifests, known: Known) -> Broken:
    """The API server refuses what is not restricted; accounts have no token either."""
    for space in manifests.of("Namespace"):
        if space["metadata"]["labels"].get("pod-security.kubernetes.io/enforce") != "restricted":
            yield "Namespace", "does not enforce restricted"
    for account in manifests.of("ServiceAccount"):
        if account.get("automountServiceAccountToken") is not False:
            yield f"ServiceAccount {name_of(account)}", "gives its pods a token"


@promise
def every_image_is_known(manifests: Manifests, known: Known) -> Broken:
    """Ours are targets of the Dockerfile at this version; others are those of Compose."""
    for pod in manifests.pods:
        for box in pod.containers:
            name, _, tag = box["image"].rpartition(":")
            ours = name.removeprefix("mapsi/") if name.startswith("mapsi/") else None
            if not name or tag == "latest" or "/" in tag:
                yield pod.where, f"{box['image']} has no tag that stays"
            elif ours is not None and (ours not in known.images or tag != known.version):
                yield pod.where, f"{box['image']} is no target of a Dockerfile at this version"
            elif ours is None and box["image"] not in known.stores:
                yield pod.where, f"{box['image']} is not what Compose has"


@promise
def every_setting_exists(manifests: Manifests, known: Known) -> Broken:
    """A misspelt variable would be passed over in silence by who reads it."""
    for pod in manifests.pods:
        names = {*manifests.environment(pod), *(key for key, _ in pod.secret_keys())}
        for name in sorted(names):
            if name.startswith("MAPSI_") and name not in known.settings:
                yield pod.where, f"{name} is no setting"


@promise
def every_container_has_its_share(manifests: Manifests, known: Known) -> Broken:
    """Requests and limits of CPU, memory and disk."""
    for pod in manifests.pods:
        for box in pod.containers:
            for side in ("requests", "limits"):
                own = box.get("resources", {}).get(side, {})
                for what in {"cpu", "memory", "ephemeral-storage"} - set(own):
                    yield pod.where, f"no {what} in {side}"


@promise
def probes_mean_something(manifests: Manifests, known: Known) -> Broken:
    """All three where a process runs on, and none is restarted because another is away."""
    for pod in manifests.pods:
        if pod.kind not in ("Deployment", "StatefulSet"):
            continue
        for box in pod.spec["containers"]:
            for probe in ("startupProbe", "readinessProbe", "livenessProbe"):
                if probe not in box:
                    yield pod.where, f"no {probe}"
            for probe in ("startupProbe", "livenessProbe"):
                if any(word in str(box.get(probe)) for word in ("--ready", "/readyz")):
                    yield pod.where, f"{probe} asks for other servers"
