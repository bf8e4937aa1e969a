"""What an operator sees of a running installation: one trace a photo, and figures that move."""

from __future__ import annotations

import hashlib
import json
from itertools import pairwise

import pytest
from prometheus_client.parser import text_string_to_metric_families

from shared.contracts.vocabulary import CATEGORIES
from tests.servers.otlp import Collector, Seen
from tests.system.installation import Installation, until
from tests.system.photos import sample_photos

pytestmark = pytest.mark.system
STAGES = ("ingestion", "classification", "segmentation", "color", "trends")
TRACE_ID = "4bf92f3577b34da6a3ce929d0e0e4736"
CALLER = "00f067aa0ba902b7"


def figures(running: Installation) -> dict[str, float]:
    """Return samples by name and labels' values, sorted by label."""
    with running.http() as client:
        text = client.get("/metrics").raise_for_status().text
    return {
        " ".join([sample.name, *sample.labels.values()]): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


@pytest.fixture(scope="module")
def photo() -> bytes:
    return sample_photos("amateur_posture.jpg")[2].read_bytes()


@pytest.fixture(scope="module")
def trace(running: Installation, collector: Collector, photo: bytes) -> list[Seen]:
    """The spans of one upload, from a caller who traces, to the photo's end in trends."""
    with running.http() as client:
        sent = client.post(
            "/v1/photos",
            files={"file": ("look.jpg", photo, "image/jpeg")},
            headers={"traceparent": f"00-{TRACE_ID}-{CALLER}-01"},
        ).raise_for_status()
        place = sent.json()["links"]["self"]
        until(lambda: client.get(place).json()["state"] == "analyzed", seconds=120)
    expected = {("gateway", "POST /v1/photos")} | {(name, f"process {name}") for name in STAGES}
    # Spans are sent together, every five seconds.
    until(lambda: expected <= {(one.process, one.name) for one in collector.of(TRACE_ID)})
    return collector.of(TRACE_ID)


def test_one_upload_is_one_trace_from_http_to_trends(trace: list[Seen]) -> None:
    by_id = {span.span_id: span for span in trace}
    (request,) = [span for span in trace if span.kind == "server"]
    assert request.parent_id == CALLER
    assert request.attributes["http.response.status_code"] == "202"
    way = []
    (span,) = [span for span in trace if (span.process, span.kind) == ("trends", "consumer")]
    while span is not request:
        way.append((span.process, span.kind))
        span = by_id[span.parent_id]
    steps = ["gateway", *STAGES]
    expected = []
    for sender, receiver in pairwise(steps):
        expected += [(sender, "producer"), (receiver, "consumer")]
    assert list(reversed(way)) == expected


def test_a_trace_names_no_photo_and_nothing_failed(trace: list[Seen], photo: bytes) -> None:
    told = [text for span in trace for text in (span.name, *span.attributes.values())]
    assert not [text for text in told if hashlib.sha256(photo).hexdigest() in text]
    assert not [span for span in trace if span.failed]


def test_log_lines_name_the_trace_beside_the_request(
    running: Installation, trace: list[Seen]
) -> None:
    for name in ("gateway", *STAGES):
        lines = [json.loads(line) for line in running.log(name).splitlines() if TRACE_ID in line]
        assert lines, name
        assert len({line["correlation_id"] for line in lines}) == 1


def test_what_beat_starts_is_in_no_trace(running: Installation, collector: Collector, trace):
    sent = {span.attributes.get("messaging.operation.name") for span in collector.spans}
    assert "trends.count_looks" in sent
    assert "generation.dispatch_looks" not in sent


def test_the_figures_of_all_processes_are_told_in_one_place(running: Installation, trace) -> None:
    found = figures(running)
    for name in ("beat", "gateway", "generation", *STAGES):
        assert found[f"mapsi_processes {name}"] == 1, name
    for stage in STAGES[1:]:
        assert found[f"mapsi_stage_seconds_count {stage}"] >= 1, stage
    assert found["mapsi_photo_seconds_count"] >= 1
    assert found["mapsi_http_in_flight"] >= 1  # this very question
    assert found["mapsi_fashion_total fashion"] >= 1
    assert sum(found.get(f"mapsi_garments_total {name}", 0) for name in CATEGORIES) >= 1
    models = {name.split()[1] for name in found if name.startswith("mapsi_model_info ")}
    assert len(models) >= 4


def test_beats_figures_come_to_the_same_place(running: Installation, trace) -> None:
    until(lambda: figures(running).get("mapsi_photos_state done", 0) >= 1)
    found = figures(running)
    assert found["mapsi_queue_length segmentation"] >= 0
    assert found["mapsi_watched_timestamp_seconds queues"] > 0


def test_no_label_is_a_photo_a_path_or_an_address(running: Installation, photo: bytes) -> None:
    with running.http() as client:
        for path in ("/v1/photos/" + "a" * 64, "/no/such/place", "/v1/items/x?query=1"):
            client.get(path)
        text = client.get("/metrics").text
    assert hashlib.sha256(photo).hexdigest() not in text
    assert "a" * 64 not in text
    assert "no/such" not in text
    assert running.url not in text
