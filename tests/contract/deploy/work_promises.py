"""What is promised of the work: each queue has its workers, and nobody is stopped in the middle."""

from __future__ import annotations

import re
from typing import Final

from tests.contract.deploy.manifests import Manifests, name_of, selects
from tests.contract.deploy.promise import Broken, Known, promise

TRIGGERS: Final = {
    "redis": ({"address", "listName", "listLength"}, {"enableTLS", "databaseIndex"}),
    "cpu": ({"value"}, set()),
    "prometheus": ({"serverAddress", "query", "threshold"}, {"activationThreshold"}),
}
"""What KEDA's triggers need and what they may say; its schema takes any word for both."""


@promise
def every_queue_has_a_worker(manifests: Manifests, known: Known) -> Broken:
    """And every worker a queue."""
    served = {pod.queue: pod for pod in manifests.pods if pod.queue}
    yield from ((f"queue {queue}", "nobody serves it") for queue in known.queues - set(served))
    unknown = set(served) - known.queues
    yield from ((served[queue].where, f"{queue} is no queue") for queue in unknown)


@promise
def every_queue_has_a_scaler(manifests: Manifests, known: Known) -> Broken:
    """By its length and its age, and each scaler moves the workers of the queue it looks at.

    An overlay without any scaler has fixed numbers.
    """
    scalers, workers = manifests.of("ScaledObject"), {pod.name: pod for pod in manifests.pods}
    seen = set()
    for scaler in scalers:
        where, target = f"ScaledObject {name_of(scaler)}", scaler["spec"]["scaleTargetRef"]["name"]
        told = scaler["spec"]["triggers"]
        lists = {one["metadata"].get("listName") for one in told if one["type"] == "redis"}
        if not lists and target in workers and workers[target].queue is None:
            continue  # it serves no queue
        seen |= lists
        if target not in workers or lists != {workers[target].queue}:
            yield where, f"looks at {sorted(map(str, lists))} and moves {target}"
        ages = [one["metadata"].get("query", "") for one in told if one["type"] == "prometheus"]
        own = [f'mapsi_queue_oldest_seconds{{queue="{name}"}}' for name in lists]
        if not any(age in query for query in ages for age in own):
            yield where, "does not look at its queue's age"
    missing = known.queues - seen if scalers else set()
    yield from ((f"queue {queue}", "has no scaler") for queue in missing)
    yield from ((f"queue {queue}", "does not exist") for queue in seen - known.queues)


@promise
def who_is_at_work_counts(manifests: Manifests, known: Known) -> Broken:
    """A message at work is in no list, and workers that keep up must not be stopped for it.

    All of them at work ask for a little more than they are.
    """
    for scaler in manifests.of("ScaledObject"):
        where, told = f"ScaledObject {name_of(scaler)}", scaler["spec"]["triggers"]
        lists = [one["metadata"].get("listName") for one in told if one["type"] == "redis"]
        asked = [one["metadata"] for one in told if one["type"] == "prometheus"]
        if not lists:
            continue  # it serves no queue
        own = f'mapsi_busy_seconds_total{{queue="{lists[0]}"}}'
        shares = [float(one["threshold"]) for one in asked if own in one.get("query", "")]
        if not shares:
            yield where, "does not see who is at work"
        if any(not 0.5 <= share < 0.9 for share in shares):
            # Within a tenth of 1 the autoscaler would see no difference.
            yield where, f"a worker at work asks for 1 / {shares[0]} workers"


@promise
def every_trigger_is_whole(manifests: Manifests, known: Known) -> Broken:
    """Words that KEDA knows, and figures that exist."""
    for scaler in manifests.of("ScaledObject"):
        where = f"ScaledObject {name_of(scaler)}"
        for trigger in scaler["spec"]["triggers"]:
            needed, possible = TRIGGERS.get(trigger["type"], (set(), set()))
            said = set(trigger["metadata"])
            if not needed or needed - said or said - needed - possible:
                yield where, f"trigger {trigger['type']} says {sorted(said)}"
            for name in re.findall(r"mapsi_\w+", trigger["metadata"].get("query", "")):
                if name not in known.metrics:
                    yield where, f"{name} is no metric"


@promise
def nobody_is_killed_at_work(manifests: Manifests, known: Known) -> Broken:
    """A picture's deadline < a task's longest time < what a worker gets to stop."""
    longest = int(manifests.settings.get("MAPSI_VISIBILITY_TIMEOUT", "570"))
    deadline = float(manifests.settings.get("MAPSI_GATEWAY_JOB_SECONDS", "540"))
    if deadline >= longest:
        yield "mapsi-settings", "a picture may take longer than a message is held"
    for pod in manifests.pods:
        grace = pod.spec.get("terminationGracePeriodSeconds", 30)
        if pod.component == "worker" and grace <= longest:
            yield pod.where, f"is killed after {grace} s, a task takes up to {longest}"


@promise
def disruptions_have_a_budget(manifests: Manifests, known: Known) -> Broken:
    """Of each Deployment that may have two pods or more, one goes at a time."""
    budgets = manifests.of("PodDisruptionBudget")
    for pod in manifests.pods:
        held = [one for one in budgets if selects(one["spec"]["selector"], pod.labels)]
        if pod.kind == "Deployment" and manifests.most_replicas(pod.name) > 1 and not held:
            yield pod.where, "has no PodDisruptionBudget"
    for budget in budgets:
        if not any(selects(budget["spec"]["selector"], pod.labels) for pod in manifests.pods):
            yield f"PodDisruptionBudget {name_of(budget)}", "chooses no pod"


@promise
def rollouts_leave_somebody(manifests: Manifests, known: Known) -> Broken:
    """The gateway never has fewer pods than before; there is one beat."""
    for pod in manifests.pods:
        spec = pod.owner["spec"]
        strategy = spec.get("strategy", {})
        if (
            pod.service == "gateway"
            and strategy.get("rollingUpdate", {}).get("maxUnavailable") != 0
        ):
            yield pod.where, "may be unavailable while it is upgraded"
        if pod.component == "beat" and (
            spec.get("replicas") != 1 or strategy != {"type": "Recreate"}
        ):
            yield pod.where, "may run twice"


@promise
def every_reference_is_met(manifests: Manifests, known: Known) -> Broken:
    """Services choose pods, and autoscalers move Deployments, one each."""
    deployments = {pod.name for pod in manifests.pods if pod.kind == "Deployment"}
    moved: set[str] = set()
    for scaler in [*manifests.of("ScaledObject"), *manifests.of("HorizontalPodAutoscaler")]:
        target = scaler["spec"]["scaleTargetRef"]["name"]
        if target not in deployments or target in moved:
            yield f"{scaler['kind']} {name_of(scaler)}", f"{target} is missing, or moved twice"
        moved.add(target)
    for service in manifests.of("Service"):
        selector = {"matchLabels": service["spec"].get("selector", {})}
        chooses = any(selects(selector, pod.labels) for pod in manifests.pods)
        if selector["matchLabels"] and not chooses:
            yield f"Service {name_of(service)}", "chooses no pod"
