"""Traces by OpenTelemetry, where MAPSI_OTLP_ENDPOINT names who collects them; else nothing happens.

A request, the messages it causes and the tasks that handle them are one trace: the W3C header
``traceparent`` comes in by HTTP and travels in the messages' headers. A task that beat starts is in
no trace; what it sends begins one. OpenTelemetry's own variables are heeded (OTEL_TRACES_SAMPLER,
OTEL_EXPORTER_OTLP_HEADERS and the others).

Spans have no photo, author, address or text in them; what was looked for is found in the logs,
whose lines have the ``trace_id``.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, Final, Literal

from shared.errors import UsageError
from shared.settings import Settings

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.trace import Tracer

Kind = Literal["server", "client", "producer", "consumer", "internal"]
Attribute = str | int | float | bool

CARRIED: Final = ("traceparent", "tracestate")
"""W3C's headers, of HTTP requests and of messages."""
_PATIENCE: Final = 3.0
"""Seconds that a collector gets to take spans; a process that ends waits that long, too."""


@dataclass
class _Process:
    """What this process traces with; nothing where it does not."""

    provider: TracerProvider | None = None
    tracer: Tracer | None = None


_process: Final = _Process()


@dataclass
class Span:
    """What is being done; where nothing is traced its methods do nothing."""

    _inner: Any = field(default=None)

    def tell(self, **attributes: Attribute) -> None:
        """Add attributes; a double underscore stands for a dot."""
        if self._inner is not None:
            dotted = {name.replace("__", "."): value for name, value in attributes.items()}
            self._inner.set_attributes(dotted)

    def rename(self, name: str) -> None:
        """Give it the name that is known only now."""
        if self._inner is not None:
            self._inner.update_name(name)

    def fail(self, reason: str) -> None:
        """Say that it failed, with a reason of few values."""
        if self._inner is not None:
            from opentelemetry.trace import StatusCode

            self._inner.set_status(StatusCode.ERROR)
            self._inner.set_attribute("error.type", reason)


NOT_TRACED: Final = Span()


def start(settings: Settings, process: str) -> None:
    """Trace in this process from now on, where an endpoint is set; ``process`` names its kind.

    Raises UsageError where the extra ``traces`` is not installed.
    """
    if settings.otlp_endpoint is None:
        return
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ImportError as error:
        raise UsageError(
            "MAPSI_OTLP_ENDPOINT is set, but OpenTelemetry is missing; pip install 'mapsi[traces]' "
            "or unset the variable",
            text_ko="MAPSI_OTLP_ENDPOINT가 설정되어 있지만 OpenTelemetry가 없습니다. "
            "pip install 'mapsi[traces]'를 하거나 변수를 지우세요",
            reason="no_opentelemetry",
        ) from error
    named = {"service.namespace": "mapsi", "service.version": version("mapsi")}
    provider = TracerProvider(resource=Resource.create({"service.name": process, **named}))
    url = f"{settings.otlp_endpoint.rstrip('/')}/v1/traces"
    exporter = OTLPSpanExporter(url, timeout=_PATIENCE)
    # One line for spans that are lost, none for each of the tries before.
    logging.getLogger(OTLPSpanExporter.__module__).setLevel(logging.ERROR)
    provider.add_span_processor(BatchSpanProcessor(exporter))
    _process.provider, _process.tracer = provider, provider.get_tracer("mapsi", version("mapsi"))


def stop() -> None:
    """Send what is left, and trace no more; a process that ends by itself need not call it."""
    if _process.provider is not None:
        _process.provider.shutdown()
    _process.provider = _process.tracer = None


@contextmanager
def span(
    name: str,
    *,
    kind: Kind = "internal",
    parent: Mapping[str, str] | None = None,
    attributes: Mapping[str, Attribute] | None = None,
) -> Iterator[Span]:
    """Trace what is done meanwhile, as a part of what is being traced.

    ``parent``: headers that came with a request or a message; whatever they name is what this is
    a part of. An error that passes is told by its class alone: texts may name a photo.
    """
    if _process.tracer is None:
        yield NOT_TRACED
        return
    from opentelemetry.trace import SpanKind
    from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

    came = None if parent is None else TraceContextTextMapPropagator().extract(dict(parent))
    with _process.tracer.start_as_current_span(
        name,
        context=came,
        kind=SpanKind[kind.upper()],
        attributes=attributes,
        record_exception=False,
        set_status_on_exception=False,
    ) as inner:
        found = Span(inner)
        try:
            yield found
        except Exception as error:
            found.fail(type(error).__name__)
            raise


def carried() -> dict[str, str]:
    """Return the headers that make what is sent now a part of what is being traced."""
    if _process.tracer is None:
        return {}
    from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

    headers: dict[str, str] = {}
    TraceContextTextMapPropagator().inject(headers)
    return headers


def for_logs() -> dict[str, str]:
    """Return the ``trace_id`` (32 hex digits) of what is being traced, for log lines."""
    if _process.tracer is None:
        return {}
    from opentelemetry.trace import format_trace_id, get_current_span

    context = get_current_span().get_span_context()
    return {"trace_id": format_trace_id(context.trace_id)} if context.is_valid else {}
