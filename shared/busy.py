"""How much of its time a process is at work on messages, by queue.

A message at work is in no queue any more: who starts and stops workers must know of both.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from shared import metrics


class BusyTime:
    """Counts the time at work while it passes: at its end it would come too late by minutes.

    One task at a time, as workers have one thread for tasks; another thread may count.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._queue: str | None = None
        self._counted_to = 0.0

    @contextmanager
    def at_work(self, queue: str) -> Iterator[None]:
        """Be at work on a message of ``queue`` meanwhile, however it ends."""
        with self._lock:
            self._queue, self._counted_to = queue, self._clock()
        try:
            yield
        finally:
            with self._lock:
                self._count()
                self._queue = None

    def count(self) -> None:
        """Count what has passed since it was last counted; nothing while there is no work."""
        with self._lock:
            self._count()

    def _count(self) -> None:
        if self._queue is not None:
            now = self._clock()
            metrics.BUSY_SECONDS.labels(self._queue).inc(now - self._counted_to)
            self._counted_to = now


def show_idle(*queues: str) -> None:
    """Tell that nothing was done yet: a rate needs a value from before the first task."""
    for queue in queues:
        metrics.BUSY_SECONDS.labels(queue)
