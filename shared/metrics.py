"""Prometheus metrics, named as ``docs/metrics.md`` says; this file is their only list.

Under a supervisor with several processes, ``PROMETHEUS_MULTIPROC_DIR`` lets the gateway
serve the sum of all of them.
"""

from __future__ import annotations

import os
from importlib.metadata import version
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

from shared.contracts.message import ModelRef

_NEWEST: Final = "livemostrecent"
"""Of several processes that set a gauge the last one is right, as long as it lives."""
_SUM: Final = "livesum"
"""What living processes have adds up."""

BUILD_INFO: Final = Gauge(
    "mapsi_build_info", "1, labelled with the version that runs.", ["version"],
    multiprocess_mode=_NEWEST,
)  # fmt: skip
PROCESSES: Final = Gauge(
    "mapsi_processes", "Living processes by what they run: a worker's queues, beat, gateway.",
    ["process"], multiprocess_mode=_SUM,
)  # fmt: skip
WATCHED: Final = Gauge(
    "mapsi_watched_timestamp_seconds",
    "When figures that are looked up by the clock were last true: queues, photos, drift, "
    "forecast.",
    ["what"], multiprocess_mode=_NEWEST,
)  # fmt: skip
QUEUE_LENGTH: Final = Gauge(
    "mapsi_queue_length", "Messages that wait in a queue.", ["queue"], multiprocess_mode=_NEWEST
)
QUEUE_IN_HAND: Final = Gauge(
    "mapsi_queue_in_hand",
    "Messages of a queue that a worker holds and has not acknowledged: at work, waiting for their "
    "next try, or held by a dead worker.",
    ["queue"], multiprocess_mode=_NEWEST,
)  # fmt: skip
QUEUE_OLDEST_SECONDS: Final = Gauge(
    "mapsi_queue_oldest_seconds",
    "Age of the oldest message that waits in a queue, since it was put there; 0: none waits.",
    ["queue"], multiprocess_mode=_NEWEST,
)  # fmt: skip
BUSY_SECONDS: Final = Counter(
    "mapsi_busy_seconds",
    "Seconds at work on messages of a queue, counted while they pass, however the work ends; its "
    "rate is the number of workers at work.",
    ["queue"],
)
TASKS: Final = Counter(
    "mapsi_tasks", "Tasks by how they ended: ok, retry, permanent, error, dropped.",
    ["task", "outcome"],
)  # fmt: skip
TASK_SECONDS: Final = Histogram(
    "mapsi_task_seconds", "Seconds one task ran, without the stages it hosted inline.", ["task"],
    buckets=(0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 100, 300),
)  # fmt: skip
ERRORS: Final = Counter(
    "mapsi_errors", "Attempts of tasks, and photos in them, that failed, by the error's reason.",
    ["task", "reason"],
)  # fmt: skip
MESSAGES: Final = Counter("mapsi_messages", "Messages published, by schema.", ["schema"])
PHOTOS: Final = Counter(
    "mapsi_photos", "Photos by stage and outcome: done, skipped, failed, not_fashion.",
    ["stage", "outcome"],
)  # fmt: skip
PHOTOS_STATE: Final = Gauge(
    "mapsi_photos_state",
    "Photos by state: waiting, done, not_fashion, failed, buried.",
    ["state"], multiprocess_mode=_NEWEST,
)  # fmt: skip
PHOTOS_OLDEST_PENDING_SECONDS: Final = Gauge(
    "mapsi_photos_oldest_pending_seconds",
    "Age of the photo that waits longest for its end, since it came, or was asked for anew; "
    "0: none waits.",
    multiprocess_mode=_NEWEST,
)
STAGE_SECONDS: Final = Histogram(
    "mapsi_stage_seconds",
    "Seconds a photo spent at a stage, from the message that brought it to the stage's end.",
    ["stage"], buckets=(0.1, 0.3, 1, 3, 10, 30, 60, 120, 300, 900, 3600, 14400),
)  # fmt: skip
PHOTO_SECONDS: Final = Histogram(
    "mapsi_photo_seconds", "Seconds from a photo's announcement to its end in trends.",
    buckets=(0.3, 1, 3, 10, 30, 60, 120, 300, 900, 3600, 14400, 86400),
)  # fmt: skip
FASHION: Final = Counter(
    "mapsi_fashion", "Photos judged by the classifier: fashion, not_fashion.", ["answer"]
)
GARMENTS: Final = Counter("mapsi_garments", "Garments found, by category.", ["category"])
GARMENT_COLORS: Final = Counter(
    "mapsi_garment_colors", "Garments by their dominant basic colour; unknown: none.", ["color"]
)
GARMENT_PATTERNS: Final = Counter(
    "mapsi_garment_patterns", "Garments by pattern; unknown: none is told.", ["pattern"]
)
STYLES: Final = Counter(
    "mapsi_styles", "Analysed photos by their most probable style; unknown: none is told.",
    ["style"],
)  # fmt: skip
MODEL_INFO: Final = Gauge(
    "mapsi_model_info", "1, labelled with a model that makes results now.", ["model", "version"],
    multiprocess_mode=_NEWEST,
)  # fmt: skip
DRIFT_PSI: Final = Gauge(
    "mapsi_drift_psi",
    "Population stability index of the last whole week against the weeks before it: category, "
    "color, style, fashion; NaN: too few looks to say.",
    ["what"], multiprocess_mode=_NEWEST,
)  # fmt: skip
FORECAST_ERROR_RATIO: Final = Gauge(
    "mapsi_forecast_error_ratio",
    "Error of what was foretold weeks ago for the last whole week, divided by the seasonal naive "
    "forecast's; below 1 is better; NaN: too few weeks to say.",
    ["weeks"], multiprocess_mode=_NEWEST,
)  # fmt: skip
FORECAST_COVERAGE_RATIO: Final = Gauge(
    "mapsi_forecast_coverage_ratio",
    "Share of the 80 % intervals foretold weeks ago that held the last whole week's shares; NaN: "
    "too few weeks to say.",
    ["weeks"], multiprocess_mode=_NEWEST,
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
    multiprocess_mode=_NEWEST,
)  # fmt: skip
SOURCE_QUOTA_REMAINING: Final = Gauge(
    "mapsi_source_quota_remaining", "New hashtags a source may still ask for in its 7 days.",
    ["source"], multiprocess_mode=_NEWEST,
)  # fmt: skip
LOOKS: Final = Counter(
    "mapsi_looks", "Looks by how they ended: done, failed, cancelled.", ["backend", "state"]
)
LOOKS_WAITING: Final = Gauge(
    "mapsi_looks_waiting", "Looks that wait for the GPU: interactive, batch.", ["priority"],
    multiprocess_mode=_NEWEST,
)  # fmt: skip
LOOKS_OUT: Final = Gauge(
    "mapsi_looks_out", "Looks that are being drawn, or are on their way to the GPU.", ["priority"],
    multiprocess_mode=_NEWEST,
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
GPU_MEMORY_BYTES: Final = Gauge(
    "mapsi_gpu_memory_bytes",
    "GPU memory of a process: used, peak (since its start), total (the device's).",
    ["process", "kind"], multiprocess_mode=_NEWEST,
)  # fmt: skip
HTTP_IN_FLIGHT: Final = Gauge(
    "mapsi_http_in_flight", "HTTP requests being answered now, event streams too.",
    multiprocess_mode=_SUM,
)  # fmt: skip
HTTP_REQUESTS: Final = Counter(
    "mapsi_http_requests", "HTTP requests by route and status.", ["method", "route", "status"]
)
HTTP_SECONDS: Final = Histogram("mapsi_http_seconds", "Seconds a request took.", ["route"])
BACKUP_LAST_SUCCESS: Final = Gauge(
    "mapsi_backup_last_success_timestamp_seconds", "When the last backup was finished.",
    multiprocess_mode=_NEWEST,
)  # fmt: skip


def exposition() -> bytes:
    """Return this process's metrics, or the sum over all processes of one supervisor."""
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        registry = CollectorRegistry()
        multiprocess.MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
        return generate_latest(registry)
    return generate_latest(REGISTRY)


def show_process(*names: str) -> None:
    """Show that this process lives, what it runs, and of which version it is."""
    BUILD_INFO.labels(version("mapsi")).set(1)
    for name in names:
        PROCESSES.labels(name).set(1)


def forget_process(pid: int, folder: str) -> None:
    """Take back the gauges of a process that has ended; ``folder``: PROMETHEUS_MULTIPROC_DIR."""
    multiprocess.mark_process_dead(pid, folder)  # type: ignore[no-untyped-call]


def show_models(*models: ModelRef) -> None:
    """Show which models this process makes results with; cheap enough for each batch."""
    for model in models:
        MODEL_INFO.labels(model.name, model.mark).set(1)


def serve(port: int | None) -> None:
    """Serve ``/metrics`` on ``port`` from a background thread; nothing without a port."""
    if port is not None:
        start_http_server(port)
