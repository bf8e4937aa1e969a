"""What is traced, and that nothing is where nobody asked for it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from shared import bus, tracing
from shared.bus import Context
from shared.contracts.clock import Tick
from shared.contracts.message import Message
from shared.errors import PermanentError, RetryableError, UsageError
from shared.settings import Settings
from tests.servers.otlp import Collector, running_collector
from tests.unit.bus.test_bus import CLASSIFIED, NAME, NEXT, STORED, FakeApp, FakeBroker, FakeTask

CALLER = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
TRACE_ID = CALLER.split("-")[1]


@pytest.fixture
def collector(monkeypatch: pytest.MonkeyPatch) -> Iterator[Collector]:
    """A collector, to which this process sends its spans."""
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    with running_collector() as running:
        tracing.start(Settings(otlp_endpoint=running.url), "test")
        yield running
        tracing.stop()


@pytest.fixture
def context() -> Context:
    return Context(
        settings=Settings(max_retries=3),
        storage=None,  # type: ignore[arg-type]
        broker=FakeBroker(),  # type: ignore[arg-type]
        app=FakeApp(),
    )


class Traced(FakeTask):
    """A delivery whose message is a part of the caller's trace."""

    def __init__(self, **headers: str) -> None:
        super().__init__()
        self.request = SimpleNamespace(id="delivery-1", retries=0, **headers)


def does(monkeypatch: pytest.MonkeyPatch, name: str, outcome: Any) -> None:
    """Put a task in place that returns messages, or raises."""

    def handler(message: Message, context: Context) -> Any:
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    monkeypatch.setitem(bus.HANDLERS, name, handler)


def receive(context: Context, task: FakeTask, message: Message = STORED) -> None:
    envelope = {"schema": message.schema_id, "body": message.body(), "correlation_id": "c1"}
    bus._receive(task, NAME, envelope, context)  # type: ignore[arg-type]


def test_a_task_and_what_it_sends_are_a_part_of_the_callers_trace(
    collector: Collector, context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    does(monkeypatch, NAME, [CLASSIFIED])
    receive(context, Traced(traceparent=CALLER))
    tracing.stop()
    send, process = collector.of(TRACE_ID)
    assert (process.name, process.kind) == ("process classification", "consumer")
    assert process.parent_id == CALLER.split("-")[2]
    assert (send.name, send.kind, send.parent_id) == (
        "send segmentation", "producer", process.span_id,
    )  # fmt: skip
    assert send.attributes["mapsi.photos"] == "1"


def test_a_hosted_stage_is_a_part_of_the_task_before_it(
    collector: Collector, context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    does(monkeypatch, NAME, [CLASSIFIED])
    does(monkeypatch, NEXT, [])
    receive(replace(context, hosted=frozenset({"segmentation"})), Traced(traceparent=CALLER))
    tracing.stop()
    hosted, process = collector.of(TRACE_ID)
    assert (hosted.name, hosted.kind) == (NEXT, "internal")
    assert hosted.parent_id == process.span_id


@pytest.mark.parametrize(
    ("error", "told"),
    [(PermanentError("photo x"), "permanent"), (ValueError("photo x"), "error")],
)
def test_a_failure_is_told_without_its_text(
    collector: Collector,
    context: Context,
    monkeypatch: pytest.MonkeyPatch,
    error: Exception,
    told: str,
) -> None:
    does(monkeypatch, NAME, error)
    receive(context, Traced(traceparent=CALLER))
    tracing.stop()
    process = next(span for span in collector.of(TRACE_ID) if span.kind == "consumer")
    assert process.failed
    assert process.attributes["error.type"] == told
    assert "photo x" not in str(collector.spans)


def test_a_try_that_is_made_again_has_failed(
    collector: Collector, context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    from celery.exceptions import Retry

    does(monkeypatch, NAME, RetryableError("away"))
    with pytest.raises(Retry):
        receive(context, Traced(traceparent=CALLER))
    tracing.stop()
    (process,) = collector.of(TRACE_ID)
    assert process.failed


def test_a_message_without_a_trace_begins_one(
    collector: Collector, context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    does(monkeypatch, NAME, [CLASSIFIED])
    receive(context, Traced(traceparent="nonsense"))
    receive(context, Traced())
    tracing.stop()
    starts = [span for span in collector.spans if not span.parent_id]
    assert [span.kind for span in starts] == ["consumer", "consumer"]
    assert len({span.trace_id for span in starts}) == 2


def test_a_tick_is_not_traced_and_what_it_sends_is(
    collector: Collector, context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    does(monkeypatch, NAME, [CLASSIFIED])
    receive(context, Traced(), Tick())
    tracing.stop()
    assert [span.kind for span in collector.spans] == ["producer"]


def test_log_lines_get_the_trace_of_what_is_done(collector: Collector) -> None:
    assert tracing.for_logs() == {}
    with tracing.span("request", kind="server", parent={"traceparent": CALLER}):
        assert tracing.for_logs() == {"trace_id": TRACE_ID}
        assert tracing.carried()["traceparent"].startswith(f"00-{TRACE_ID}-")


def test_without_an_endpoint_nothing_is_made_and_nothing_is_sent(
    context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    tracing.start(Settings(), "test")
    does(monkeypatch, NAME, [CLASSIFIED])
    with tracing.span("request", kind="server") as span:
        span.rename("other")
        span.tell(http__route="/")
        span.fail("500")
        assert (tracing.carried(), tracing.for_logs()) == ({}, {})
        receive(context, Traced(traceparent=CALLER))


def test_an_endpoint_without_the_extra_is_refused_in_one_line(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "opentelemetry.sdk.trace", None)
    with pytest.raises(UsageError, match=r"mapsi\[traces\]"):
        tracing.start(Settings(otlp_endpoint="http://collector:4318"), "test")
