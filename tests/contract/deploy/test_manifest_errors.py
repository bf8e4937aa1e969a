"""An error in the Kubernetes manifests does not get past the tests."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy

import pytest

from tests.contract.deploy.manifests import Document, Manifests, Pod, name_of
from tests.contract.deploy.promises import PROMISES, findings
from tests.contract.deploy.rendering import GPU, NEWEST, complaint, known, needs_kubectl, rendered

pytestmark = needs_kubectl


def pod_of(manifests: Manifests, name: str) -> Pod:
    return next(pod for pod in manifests.pods if pod.name == name)


def document_of(manifests: Manifests, kind: str, name: str) -> Document:
    return next(one for one in manifests.of(kind) if name_of(one) == name)


def trigger_of(manifests: Manifests, scaler: str, name: str) -> Document:
    triggers = document_of(manifests, "ScaledObject", scaler)["spec"]["triggers"]
    found: Document = next(one for one in triggers if one["name"] == name)
    return found


def run_as_root(manifests: Manifests) -> None:
    del pod_of(manifests, "color").spec["securityContext"]["runAsNonRoot"]


def write_the_root(manifests: Manifests) -> None:
    pod_of(manifests, "backup").containers[0]["securityContext"]["readOnlyRootFilesystem"] = False


def keep_capabilities(manifests: Manifests) -> None:
    pod_of(manifests, "gateway").containers[0]["securityContext"]["capabilities"] = {"drop": []}


def give_a_token(manifests: Manifests) -> None:
    pod_of(manifests, "gateway").spec["automountServiceAccountToken"] = True


def allow_everybody(manifests: Manifests) -> None:
    space = manifests.of("Namespace")[0]
    space["metadata"]["labels"]["pod-security.kubernetes.io/enforce"] = "baseline"


def take_any_image(manifests: Manifests) -> None:
    pod_of(manifests, "trends").containers[0]["image"] = "mapsi/trends"


def take_the_latest_image(manifests: Manifests) -> None:
    pod_of(manifests, "trends").containers[0]["image"] = "mapsi/trends:latest"


def take_another_store(manifests: Manifests) -> None:
    pod_of(manifests, "trends").containers[0]["image"] = "postgres:9.6"


def take_another_image(manifests: Manifests) -> None:
    pod_of(manifests, "trends").containers[0]["image"] = "mapsi/trend:0.1.0"


def misspell_a_setting(manifests: Manifests) -> None:
    manifests.of("ConfigMap")[0]["data"]["MAPSI_DRAWR"] = "openai"


def misspell_a_variable(manifests: Manifests) -> None:
    pod_of(manifests, "color").containers[0]["env"].append({"name": "MAPSI_COLR", "value": "1"})


def forget_a_limit(manifests: Manifests) -> None:
    del pod_of(manifests, "segmentation").containers[0]["resources"]["limits"]["memory"]


def serve_an_unknown_queue(manifests: Manifests) -> None:
    pod_of(manifests, "color").containers[0]["command"][2] = "colour"


def watch_an_unknown_queue(manifests: Manifests) -> None:
    triggers = document_of(manifests, "ScaledObject", "color")["spec"]["triggers"]
    triggers[0]["metadata"]["listName"] = "colour"


def forget_a_scaler(manifests: Manifests) -> None:
    document_of(manifests, "ScaledObject", "trends")["kind"] = "ConfigMap"


def forget_the_age(manifests: Manifests) -> None:
    document_of(manifests, "ScaledObject", "trends")["spec"]["triggers"].pop()


def misspell_a_trigger(manifests: Manifests) -> None:
    metadata = document_of(manifests, "ScaledObject", "trends")["spec"]["triggers"][0]["metadata"]
    metadata["listLenght"] = metadata.pop("listLength")


def ask_for_an_unknown_metric(manifests: Manifests) -> None:
    metadata = trigger_of(manifests, "trends", "age")["metadata"]
    metadata["query"] = metadata["query"].replace("oldest_seconds", "oldest_second")


def ask_for_a_counter_by_half_its_name(manifests: Manifests) -> None:
    metadata = trigger_of(manifests, "trends", "busy")["metadata"]
    metadata["query"] = metadata["query"].replace("busy_seconds_total", "busy_seconds")


def forget_who_is_at_work(manifests: Manifests) -> None:
    triggers = document_of(manifests, "ScaledObject", "generation-review")["spec"]["triggers"]
    triggers.remove(trigger_of(manifests, "generation-review", "busy"))


def count_the_work_of_others(manifests: Manifests) -> None:
    metadata = trigger_of(manifests, "color", "busy")["metadata"]
    metadata["query"] = metadata["query"].replace('"color"', '"trends"')


def let_busy_workers_go(manifests: Manifests) -> None:
    trigger_of(manifests, "color", "busy")["metadata"]["threshold"] = "1.25"


def kill_at_work(manifests: Manifests) -> None:
    pod_of(manifests, "generation-gpu").spec["terminationGracePeriodSeconds"] = 300


def forget_a_probe(manifests: Manifests) -> None:
    del pod_of(manifests, "ingestion").containers[0]["livenessProbe"]


def restart_while_redis_is_away(manifests: Manifests) -> None:
    probe = pod_of(manifests, "ingestion").containers[0]["livenessProbe"]
    probe["exec"]["command"] = ["mapsi", "health", "--ready"]


def forget_a_budget(manifests: Manifests) -> None:
    document_of(manifests, "PodDisruptionBudget", "gateway")["kind"] = "ConfigMap"


def let_the_gateway_go(manifests: Manifests) -> None:
    rollout = pod_of(manifests, "gateway").owner["spec"]["strategy"]["rollingUpdate"]
    rollout["maxUnavailable"] = 1


def start_two_clocks(manifests: Manifests) -> None:
    pod_of(manifests, "beat").owner["spec"]["replicas"] = 2


def move_nobody(manifests: Manifests) -> None:
    scaler = document_of(manifests, "ScaledObject", "gateway")
    scaler["spec"]["scaleTargetRef"]["name"] = "getaway"


def serve_nobody(manifests: Manifests) -> None:
    service = document_of(manifests, "Service", "gateway")
    service["spec"]["selector"]["app.kubernetes.io/name"] = "getaway"


def deny_nothing(manifests: Manifests) -> None:
    document_of(manifests, "NetworkPolicy", "default-deny")["spec"]["egress"] = [{}]


def choose_nobody(manifests: Manifests) -> None:
    spec = document_of(manifests, "NetworkPolicy", "to-redis")["spec"]
    spec["podSelector"]["matchExpressions"][0]["values"].append("ingress")


def reach_the_metadata_service(manifests: Manifests) -> None:
    spec = document_of(manifests, "NetworkPolicy", "to-internet")["spec"]
    spec["egress"][0]["to"][0]["ipBlock"]["except"].remove("169.254.0.0/16")


def let_the_gpu_out(manifests: Manifests) -> None:
    spec = document_of(manifests, "NetworkPolicy", "to-internet")["spec"]
    spec["podSelector"]["matchExpressions"][0]["values"].append("generation-gpu")


def let_the_gpu_at_the_database(manifests: Manifests) -> None:
    spec = document_of(manifests, "NetworkPolicy", "to-database")["spec"]
    spec["podSelector"]["matchExpressions"][0]["values"].append("generation-gpu")


def tell_the_gpu_the_database(manifests: Manifests) -> None:
    reference = {"secretKeyRef": {"name": "mapsi-secrets", "key": "MAPSI_DATABASE_URL"}}
    variables = pod_of(manifests, "generation-gpu").containers[0]["env"]
    variables.append({"name": "MAPSI_DATABASE_URL", "valueFrom": reference})


def lock_a_worker_out(manifests: Manifests) -> None:
    spec = document_of(manifests, "NetworkPolicy", "to-storage")["spec"]
    spec["podSelector"]["matchExpressions"][0]["values"].remove("color")


def land_anywhere(manifests: Manifests) -> None:
    del pod_of(manifests, "generation-gpu").spec["nodeSelector"]


PLANTED: dict[Callable[[Manifests], None], str] = {
    run_as_root: "every_pod_is_restricted",
    write_the_root: "every_pod_is_restricted",
    keep_capabilities: "every_pod_is_restricted",
    give_a_token: "every_pod_is_restricted",
    allow_everybody: "the_namespace_enforces_it",
    take_any_image: "every_image_is_known",
    take_the_latest_image: "every_image_is_known",
    take_another_image: "every_image_is_known",
    take_another_store: "every_image_is_known",
    misspell_a_setting: "every_setting_exists",
    misspell_a_variable: "every_setting_exists",
    forget_a_limit: "every_container_has_its_share",
    serve_an_unknown_queue: "every_queue_has_a_worker",
    watch_an_unknown_queue: "every_queue_has_a_scaler",
    forget_a_scaler: "every_queue_has_a_scaler",
    forget_the_age: "every_queue_has_a_scaler",
    misspell_a_trigger: "every_trigger_is_whole",
    ask_for_an_unknown_metric: "every_trigger_is_whole",
    ask_for_a_counter_by_half_its_name: "every_trigger_is_whole",
    forget_who_is_at_work: "who_is_at_work_counts",
    count_the_work_of_others: "who_is_at_work_counts",
    let_busy_workers_go: "who_is_at_work_counts",
    kill_at_work: "nobody_is_killed_at_work",
    forget_a_probe: "probes_mean_something",
    restart_while_redis_is_away: "probes_mean_something",
    forget_a_budget: "disruptions_have_a_budget",
    let_the_gateway_go: "rollouts_leave_somebody",
    start_two_clocks: "rollouts_leave_somebody",
    move_nobody: "every_reference_is_met",
    serve_nobody: "every_reference_is_met",
    deny_nothing: "traffic_is_denied_unless_named",
    choose_nobody: "traffic_is_denied_unless_named",
    reach_the_metadata_service: "traffic_is_denied_unless_named",
    let_the_gpu_out: "each_pod_calls_what_it_needs",
    let_the_gpu_at_the_database: "each_pod_calls_what_it_needs",
    lock_a_worker_out: "each_pod_calls_what_it_needs",
    tell_the_gpu_the_database: "who_draws_knows_no_database",
    land_anywhere: "who_draws_knows_no_database",
}


@pytest.mark.parametrize("plant", PLANTED, ids=lambda plant: plant.__name__)
def test_a_planted_error_is_found(plant: Callable[[Manifests], None]) -> None:
    broken = Manifests(deepcopy(tuple(rendered(GPU).documents)))
    plant(broken)
    assert PLANTED[plant] in {found.promise for found in findings(broken, known())}


def test_every_promise_has_a_planted_error() -> None:
    assert set(PLANTED.values()) == set(PROMISES)


def misspell_a_key(manifests: Manifests) -> Document:
    spec = pod_of(manifests, "color").spec
    spec["terminationGracePeriodSecond"] = spec.pop("terminationGracePeriodSeconds")
    return pod_of(manifests, "color").owner


def quote_a_number(manifests: Manifests) -> Document:
    budget = document_of(manifests, "PodDisruptionBudget", "color")
    budget["spec"]["maxUnavailable"] = ["1"]
    return budget


def misspell_a_scaler_key(manifests: Manifests) -> Document:
    scaler = document_of(manifests, "ScaledObject", "color")
    scaler["spec"]["maxReplicas"] = scaler["spec"].pop("maxReplicaCount")
    return scaler


def leave_a_number_unquoted(manifests: Manifests) -> Document:
    scaler = document_of(manifests, "ScaledObject", "color")
    scaler["spec"]["triggers"][0]["metadata"]["listLength"] = 5
    return scaler


@pytest.mark.parametrize(
    "plant",
    [misspell_a_key, quote_a_number, misspell_a_scaler_key, leave_a_number_unquoted],
    ids=lambda plant: plant.__name__,
)
def test_a_wrong_key_or_type_is_found(plant: Callable[[Manifests], Document]) -> None:
    broken = Manifests(deepcopy(tuple(rendered(GPU).documents)))
    assert complaint(plant(broken), NEWEST) is not None
