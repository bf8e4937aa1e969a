"""What is promised of the network: each pod calls what it needs, and nobody else."""

from __future__ import annotations

from typing import Final

from tests.contract.deploy import network
from tests.contract.deploy.manifests import Manifests, Pod, name_of
from tests.contract.deploy.promise import Broken, Known, promise

_OUTWARD: Final = {"ingestion", "trends", "gateway"}
"""Who fetches, delivers, or asks a language model."""


@promise
def traffic_is_denied_unless_named(manifests: Manifests, known: Known) -> Broken:
    """Default deny, selectors that choose somebody, and an internet without private networks."""
    if not any(network.denies_all(one) for one in manifests.of("NetworkPolicy")):
        yield "NetworkPolicy", "no policy denies all"
    yield from network.unmatched(manifests)
    for policy in manifests.of("NetworkPolicy"):
        for private in network.open_ranges(policy):
            yield f"NetworkPolicy {name_of(policy)}", f"{private} is open"


@promise
def each_pod_calls_what_it_needs(manifests: Manifests, known: Known) -> Broken:
    """Who draws, cuts out or names colours: broker, object store, DNS. The database: who has
    its address. The internet: who fetches or delivers.
    """
    for pod in manifests.pods:
        ends = network.called(pod, manifests)
        may = _allowed(pod)
        for name, port in sorted(ends):
            if name not in may or (name in network.STORES and port != network.STORES[name]):
                yield pod.where, f"may call {name}:{port}"
        for name in (may & set(network.STORES)) - {end for end, _ in ends}:
            if pod.component != "store":
                yield pod.where, f"cannot call {name}"


def _allowed(pod: Pod) -> set[str]:
    keys = {key for key, _ in pod.secret_keys()}
    may = {network.DNS}
    if "MAPSI_REDIS_URL" in keys:
        may.add("redis")
    if "MAPSI_STORAGE_ACCESS_KEY" in keys:
        may.add("minio")
    if "MAPSI_DATABASE_URL" in keys:
        may.add("postgres")
    return may | ({network.INTERNET} if pod.service in _OUTWARD else set())


@promise
def who_draws_knows_no_database(manifests: Manifests, known: Known) -> Broken:
    """Neither its address nor a way there; a pod with a GPU is on a node with one."""
    for pod in manifests.pods:
        keys = {key for key, _ in pod.secret_keys()}
        bare = pod.has_gpu or pod.service in ("generation-gpu", "classification", "segmentation")
        if bare and "MAPSI_DATABASE_URL" in keys:
            yield pod.where, "knows the database"
        if pod.has_gpu and not (pod.spec.get("nodeSelector") and pod.spec.get("tolerations")):
            yield pod.where, "may land on a node without a GPU"
        needs_gpu = any(box["image"].split(":")[0].endswith("-gpu") for box in pod.containers)
        if needs_gpu != pod.has_gpu:
            yield pod.where, "its image and its GPU do not fit"
