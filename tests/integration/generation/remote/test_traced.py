"""A drawing server's work is a part of the trace of the wish."""

from __future__ import annotations

import pytest

from services.generation.remote.openai_images import open_backend
from services.generation.remote.settings import RemoteSettings
from shared import tracing
from shared.settings import Settings
from tests.integration.generation.remote.conftest import drawing
from tests.servers.drawing.http import Said
from tests.servers.drawing.openai_images import OpenAIServer
from tests.servers.otlp import running_collector
from tests.servers.serving import serving

pytestmark = pytest.mark.integration


def test_each_try_is_told_and_the_server_gets_the_trace(watch, monkeypatch):
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    with running_collector() as collector, serving(OpenAIServer) as server:
        server.faults = [Said(status=503, headers={"Retry-After": "0"})]
        backend = open_backend(RemoteSettings(openai_url=f"{server.url}/v1/"))
        tracing.start(Settings(otlp_endpoint=collector.url), "test")
        with tracing.span("process generation.gpu", kind="consumer"):
            trace_id = tracing.for_logs()["trace_id"]
            backend.draw([drawing()], watch=watch)
        tracing.stop()
        failed, drawn, _ = collector.of(trace_id)
    assert (failed.kind, failed.failed, drawn.failed) == ("client", True, False)
    carried = [asked.headers["traceparent"].split("-")[1:3] for asked in server.asked]
    assert carried == [[trace_id, span.span_id] for span in (failed, drawn)]
    assert "jacket" not in str(collector.spans)
