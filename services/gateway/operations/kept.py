"""Figures that cost a look at a whole table: kept for some seconds, for all who ask."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, Generic, TypeVar

from services.gateway.operations.models import Census
from services.gateway.operations.photo_views import PhotosOverview

T = TypeVar("T")
_SHARE: Final = 20
"""A look may take one part in so many of the time."""


class Kept(Generic[T]):
    """What was found by a look some seconds ago, or as long ago as twenty looks take."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._lock = threading.Lock()
        self._until = 0.0
        self._found: T | None = None

    def get(self, look: Callable[[], T]) -> T:
        """Return what is kept, or else look; who asks meanwhile waits for the one look."""
        with self._lock:
            began = time.monotonic()
            if self._found is None or self._until <= began:
                self._found = look()
                took = time.monotonic() - began
                self._until = began + max(self._seconds, took * _SHARE)
            return self._found

    def drop(self) -> None:
        """Look anew the next time: something was changed here."""
        with self._lock:
            self._found = None


@dataclass(frozen=True)
class Operated:
    """What operators look at again and again."""

    photos: Kept[PhotosOverview] = field(default_factory=lambda: Kept(3.0))
    models: Kept[Census] = field(default_factory=lambda: Kept(30.0))
