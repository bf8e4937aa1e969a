"""Prometheus metrics, named ``mapsi_<what>_<unit>``; this file is their only list.

Under a supervisor with several processes, ``PROMETHEUS_MULTIPROC_DIR`` lets the gateway
serve the sum of all of them.
"""

from __future__ import annotations

import os
from typing import Final

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    generate_latest,
    multiprocess,
    start_http_server,
)
from prometheus_client.registry import REGISTRY

TASKS: Final = Counter(
    "mapsi_tasks", "Tasks by how they ended: ok, retry, permanent, error, dropped.",
    ["task", "outcome"],
)  # fmt: skip
TASK_SECONDS: Final = Histogram(
    "mapsi_task_seconds", "Seconds one task ran, without the stages it hosted inline.", ["task"],
    buckets=(0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 100, 300),
)  # fmt: skip
MESSAGES: Final = Counter("mapsi_messages", "Messages published, by schema.", ["schema"])
PHOTOS: Final = Counter(
    "mapsi_photos", "Photos by stage and outcome: done, skipped, failed, not_fashion.",
    ["stage", "outcome"],
)  # fmt: skip
SOURCE_CALLS: Final = Counter(
    "mapsi_source_calls",
    "Pages asked of scheduled sources: ok, slow_down, away, token, changed, hashtag, quota.",
    ["source", "outcome"],
)
SOURCE_ITEMS: Final = Counter(
    "mapsi_source_items",
    "Photos and videos of scheduled sources: found, taken, refused, late, video, withheld.",
    ["source", "outcome"],
)
SOURCE_PAUSED: Final = Gauge(
    "mapsi_source_paused", "1 while a scheduled source is paused, else 0.", ["source"],
    multiprocess_mode="mostrecent",
)  # fmt: skip
LOOKS: Final = Counter(
    "mapsi_looks", "Looks by how they ended: done, failed, cancelled.", ["backend", "state"]
)
LOOKS_WAITING: Final = Gauge(
    "mapsi_looks_waiting", "Looks that wait for the GPU: interactive, batch.", ["priority"],
    multiprocess_mode="mostrecent",
)  # fmt: skip
LOOKS_OUT: Final = Gauge(
    "mapsi_looks_out", "Looks that are being drawn, or are on their way to the GPU.", ["priority"],
    multiprocess_mode="mostrecent",
)  # fmt: skip
LOOK_SECONDS: Final = Histogram(
    "mapsi_look_seconds", "Seconds of the GPU that one attempt took: a look's share of its batch.",
    ["backend"], buckets=(0.3, 1, 2, 5, 10, 30, 60, 120, 300),
)  # fmt: skip
LOOK_REVIEWS: Final = Counter(
    "mapsi_look_reviews", "Drawn pictures that were looked at: passed, failed.", ["outcome"]
)
LOOK_RETRIES: Final = Counter(
    "mapsi_look_retries", "Looks ordered again: review, or lost (their worker died).", ["cause"]
)
HTTP_REQUESTS: Final = Counter(
    "mapsi_http_requests", "HTTP requests by route and status.", ["method", "route", "status"]
)
HTTP_SECONDS: Final = Histogram("mapsi_http_seconds", "Seconds a request took.", ["route"])


def exposition() -> bytes:
    """Return this process's metrics, or the sum over all processes of one supervisor."""
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        registry = CollectorRegistry()
        multiprocess.MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
        return generate_latest(registry)
    return generate_latest(REGISTRY)


def serve(port: int | None) -> None:
    """Serve ``/metrics`` on ``port`` from a background thread; nothing without a port."""
    if port is not None:
        start_http_server(port)
