"""A collector of traces: OTLP over HTTP, decoded by OpenTelemetry's own protobuf."""

from __future__ import annotations

import gzip
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span as Proto
from opentelemetry.proto.trace.v1.trace_pb2 import Status

from tests.servers.serving import serving


@dataclass(frozen=True)
class Seen:
    """A span as it came."""

    process: str
    """``service.name``"""
    name: str
    kind: str
    trace_id: str
    span_id: str
    parent_id: str
    failed: bool
    attributes: dict[str, str]


@dataclass
class Collector:
    """The spans that came so far."""

    url: str = ""
    spans: list[Seen] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self, body: bytes) -> None:
        """Decode a request and keep its spans."""
        request = ExportTraceServiceRequest.FromString(body)
        with self.lock:
            self.spans += [
                _seen(resource.resource.attributes, span)
                for resource in request.resource_spans
                for scope in resource.scope_spans
                for span in scope.spans
            ]

    def of(self, trace_id: str) -> list[Seen]:
        """Return the spans of one trace, in the order they came."""
        with self.lock:
            return [span for span in self.spans if span.trace_id == trace_id]


@contextmanager
def running_collector() -> Iterator[Collector]:
    """Run a collector at ``url``."""
    collector = Collector()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if self.headers.get("Content-Encoding") == "gzip":
                body = gzip.decompress(body)
            known = self.path == "/v1/traces"
            if known:
                collector.take(body)
            self.send_response(200 if known else 404)
            self.send_header("Content-Type", "application/x-protobuf")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    class Server(ThreadingHTTPServer):
        def __init__(self) -> None:
            super().__init__(("127.0.0.1", 0), Handler)

    with serving(Server) as server:
        collector.url = f"http://127.0.0.1:{server.server_port}"
        yield collector


def _seen(resource: object, span: Proto) -> Seen:
    return Seen(
        process=_texts(resource).get("service.name", ""),
        name=span.name,
        kind=Proto.SpanKind.Name(span.kind).removeprefix("SPAN_KIND_").lower(),
        trace_id=span.trace_id.hex(),
        span_id=span.span_id.hex(),
        parent_id=span.parent_span_id.hex(),
        failed=span.status.code == Status.STATUS_CODE_ERROR,
        attributes=_texts(span.attributes),
    )


def _texts(attributes: object) -> dict[str, str]:
    return {
        one.key: str(getattr(one.value, one.value.WhichOneof("value") or "string_value"))
        for one in attributes  # type: ignore[attr-defined]
    }
