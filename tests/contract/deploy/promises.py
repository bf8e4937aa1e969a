"""All that the manifests promise."""

from __future__ import annotations

from tests.contract.deploy import pod_promises, traffic_promises, work_promises
from tests.contract.deploy.manifests import Manifests
from tests.contract.deploy.promise import PROMISES, Finding, Known

__all__ = ["PROMISES", "findings", "pod_promises", "traffic_promises", "work_promises"]


def findings(manifests: Manifests, known: Known) -> list[Finding]:
    """Return all broken promises."""
    return [
        Finding(name, where, what)
        for name, check in PROMISES.items()
        for where, what in check(manifests, known)
    ]
