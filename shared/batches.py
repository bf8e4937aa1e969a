"""One bad photo in a batch fails alone."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Protocol, TypeVar

import structlog

from shared import metrics
from shared.contracts.photos import PhotoRef, PhotosSettled, SettledPhoto
from shared.errors import PermanentError
from shared.logging import logger

log = logger(__name__)


class HasPhoto(Protocol):
    """A message's item that is about one photo."""

    @property
    def photo(self) -> PhotoRef: ...


In = TypeVar("In", bound="PhotoRef | HasPhoto")
Out = TypeVar("Out")


def each_photo(
    items: Iterable[In], work: Callable[[In], Out], *, stage: str
) -> tuple[list[Out], list[SettledPhoto]]:
    """Apply ``work`` to every item; a PermanentError settles that photo as failed, alone.

    Returns the results of the photos that worked, in order, and the photos that ended here.
    """
    results: list[Out] = []
    failed: list[SettledPhoto] = []
    for item in items:
        photo = item if isinstance(item, PhotoRef) else item.photo
        try:
            results.append(work(item))
        except PermanentError as error:
            log.warning("photo failed", photo_id=photo.photo_id, stage=stage, reason=str(error))
            metrics.PHOTOS.labels(stage, "failed").inc()
            metrics.ERRORS.labels(_task(stage), error.reason).inc()
            failed.append(
                SettledPhoto(photo=photo, outcome="failed", stage=stage, reason=str(error))
            )
    return results, failed


def _task(stage: str) -> str:
    """Return the task at hand, as the bus has noted it for the logs."""
    return str(structlog.contextvars.get_contextvars().get("task", stage))


def settled(photos: Iterable[SettledPhoto]) -> list[PhotosSettled]:
    """Return the message for photos that ended, or none."""
    ended = tuple(photos)
    return [PhotosSettled(photos=ended)] if ended else []
