"""Who may call whom: the sum of all NetworkPolicies that choose a pod."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import ip_network
from typing import Final

from tests.contract.deploy.manifests import Document, Manifests, Pod, name_of, selects

STORES: Final = {"redis": 6379, "minio": 9000, "postgres": 5432}
"""Stores by their label, which an operator's pods carry too, and their ports."""
PRIVATE: Final = (
    "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16",
    "172.16.0.0/12", "192.168.0.0/16", "224.0.0.0/4", "::1/128", "fc00::/7", "fe80::/10",
)  # fmt: skip
"""Networks that nothing which is named as the internet may reach."""
DNS: Final = "dns"
INTERNET: Final = "internet"
_NAMESPACE: Final = "kubernetes.io/metadata.name"


def called(pod: Pod, manifests: Manifests) -> set[tuple[str, int]]:
    """Return whom a pod may call: stores by name, ``dns``, ``internet``, else ``?``; and ports."""
    found = set()
    for policy in manifests.of("NetworkPolicy"):
        if selects(policy["spec"]["podSelector"], pod.labels):
            for rule in policy["spec"].get("egress") or []:
                found |= set(_ends(rule))
    return found


def _ends(rule: Document) -> Iterator[tuple[str, int]]:
    for peer in rule.get("to") or [{}]:
        for port in rule.get("ports") or [{}]:
            yield _named(peer), port.get("port", 0)


def _named(peer: Document) -> str:
    if "ipBlock" in peer:
        return INTERNET
    labels = peer.get("podSelector", {}).get("matchLabels", {})
    elsewhere = peer.get("namespaceSelector", {}).get("matchLabels", {}).get(_NAMESPACE)
    if elsewhere == "kube-system" and labels.get("k8s-app") == "kube-dns":
        return DNS
    if "namespaceSelector" in peer and elsewhere != "mapsi-stores":
        return "?"
    return str(labels.get("app.kubernetes.io/name", "?"))


def denies_all(policy: Document) -> bool:
    """True for a policy that chooses every pod and allows nothing in either direction."""
    spec = policy["spec"]
    nothing = not spec.get("ingress") and not spec.get("egress")
    both = set(spec.get("policyTypes", [])) == {"Ingress", "Egress"}
    return spec["podSelector"] == {} and nothing and both


def unmatched(manifests: Manifests) -> Iterator[tuple[str, str]]:
    """Yield policies whose selector, or one name in it, chooses nobody."""
    labels = [pod.labels for pod in manifests.pods]
    known = labels + [{"app.kubernetes.io/name": store} for store in STORES]
    for policy in manifests.of("NetworkPolicy"):
        for selector in _selectors(policy["spec"]):
            for narrow in _each_name(selector):
                if not any(selects(narrow, one) for one in known):
                    yield f"NetworkPolicy {name_of(policy)}", f"{narrow} chooses no pod"


def _selectors(spec: Document) -> Iterator[Document]:
    yield spec["podSelector"]
    for rule in [*(spec.get("ingress") or []), *(spec.get("egress") or [])]:
        for peer in [*(rule.get("from") or []), *(rule.get("to") or [])]:
            if "podSelector" in peer and "namespaceSelector" not in peer:
                yield peer["podSelector"]


def _each_name(selector: Document) -> Iterator[Document]:
    """Take ``In`` apart: each of its values shall choose somebody."""
    lists = [one for one in selector.get("matchExpressions", []) if one["operator"] == "In"]
    if not lists:
        yield selector
    for one in lists:
        for value in one["values"]:
            yield {"matchLabels": {**selector.get("matchLabels", {}), one["key"]: value}}


def open_ranges(policy: Document) -> Iterator[str]:
    """Yield private networks that a rule for the whole internet leaves open."""
    for rule in policy["spec"].get("egress") or []:
        for peer in rule.get("to") or []:
            block = peer.get("ipBlock")
            if block and ip_network(block["cidr"]).prefixlen == 0:
                closed = [ip_network(one) for one in block.get("except", [])]
                version = ip_network(block["cidr"]).version
                for private in map(ip_network, PRIVATE):
                    mine = [one for one in closed if one.version == private.version]
                    if private.version == version and not any(
                        private.subnet_of(one)  # type: ignore[arg-type]
                        for one in mine
                    ):
                        yield str(private)
