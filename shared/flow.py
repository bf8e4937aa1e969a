"""THE ROUTE: which task handles which message.

    photo ─▶ ingestion ─PhotosStored─▶ classification ─PhotosClassified─▶ segmentation
                ▲                            │ not fashion                     │
                │                            ▼                           PhotosSegmented
          PhotosFailed                 PhotosSettled                           ▼
          (any worker)                       └──────▶ trends ◀─PhotosAnalyzed─ color

    order ─▶ gateway ─DeletionRequested─▶ ingestion ─PhotosWithdrawn─▶ trends

    wish ─▶ gateway ─LookRequested─▶ generation ─LooksOrdered─▶ generation.gpu
                                     │ ▲     ▲                    │      │
                          BoardOrdered └     └─LookProgressed─────┘      │
                                             └─LookDrawn─────────────────┴─▶ generation.review

A task's name is ``<service>.<verb>_<noun>``; its queue is the service's name. A part of a service
that needs other hardware, or is slow, has a queue of its own: ``<service>.<part>.<verb>_<noun>``.
"""

from __future__ import annotations

from typing import Final

from shared.contracts.clock import Tick
from shared.contracts.deletions import DeletionRequested, PhotosWithdrawn
from shared.contracts.failures import PhotosFailed
from shared.contracts.generation import (
    BoardOrdered,
    LookDrawn,
    LookProgressed,
    LookRequested,
    LooksOrdered,
)
from shared.contracts.message import Message
from shared.contracts.photos import (
    PhotosAnalyzed,
    PhotosClassified,
    PhotosSegmented,
    PhotosSettled,
    PhotosStored,
)
from shared.contracts.uploads import PhotoUploaded

ROUTE: Final[dict[type[Message], tuple[str, ...]]] = {
    PhotoUploaded: ("ingestion.accept_upload",),
    PhotosStored: ("classification.classify_photos",),
    PhotosClassified: ("segmentation.segment_photos",),
    PhotosSegmented: ("color.name_colors",),
    PhotosAnalyzed: ("trends.count_looks",),
    PhotosSettled: ("trends.settle_photos",),
    PhotosFailed: ("ingestion.note_failures",),
    DeletionRequested: ("ingestion.delete_posts",),
    PhotosWithdrawn: ("trends.forget_photos",),
    LookRequested: ("generation.accept_look",),
    BoardOrdered: ("generation.draw_look",),
    LooksOrdered: ("generation.gpu.draw_looks",),
    LookDrawn: ("generation.note_drawn", "generation.review.review_look"),
    LookProgressed: ("generation.record_progress",),
}

SCHEDULE: Final[dict[str, float]] = {
    "ingestion.republish_overdue": 15.0,
    "ingestion.resume_deletions": 15.0,
    "generation.dispatch_looks": 5.0,
    "trends.watch_rules": 60.0,
    "trends.export_facts": 300.0,
    "trends.watch_models": 300.0,
    "trends.refresh_leaders": 3600.0,
    "trends.write_report": 3600.0,
    "ingestion.read_sources": 30.0,
    "ingestion.read_feeds": 30.0,
    "ingestion.see_items": 15.0,
}
"""Tasks that beat starts with a ``Tick``, and how often in seconds."""

_MESSAGES: Final[tuple[type[Message], ...]] = (*ROUTE, Tick)
SCHEMAS: Final = {message.schema_id: message for message in _MESSAGES}


def queue_of(task: str) -> str:
    """Return the queue of a task's name: what stands before its last dot."""
    return task.rpartition(".")[0]
