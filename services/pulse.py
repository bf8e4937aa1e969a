"""The sign of life of a worker and of beat: a file, which ``mapsi health`` reads.

A thread touches it every few seconds, and says in it whether the broker answers. It stops where the
process hangs: a task runs longer than any may, or the loop stands still though the broker answers.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from celery import signals

from shared.broker import Broker
from shared.errors import RetryableError
from shared.logging import logger
from shared.settings import Settings

EVERY: Final = 5.0
"""Seconds between two signs, and between two turns of the loop that are looked for."""
_STANDSTILL: Final = 120.0
"""Seconds that an idle loop may not turn: to connect again after a while takes it up to 32."""
log = logger(__name__)


class Pulse:
    """What one process shows of itself."""

    def __init__(
        self,
        file: Path,
        *,
        longest_task: float,
        ping: Callable[[], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._file = file
        self._longest_task = longest_task
        self._ping = ping
        self._clock = clock
        self._turned = False
        self._since = self._clock()
        self._working = False

    def turn(self) -> None:
        """The process's own loop went round: it is connected and takes messages."""
        self._turned = True
        self._since = self._clock()

    def begin_task(self, **_: Any) -> None:
        """A task starts; the loop of a worker stands still until it ends."""
        self._working, self._since = True, self._clock()

    def end_task(self, **_: Any) -> None:
        """The task has ended, however."""
        self._working, self._since = False, self._clock()

    def look(self) -> None:
        """Touch the file, with the word ``ready``, ``starting`` or ``away``; not where it hangs."""
        away = self._is_away()
        if away and not self._working:
            # It waits for the broker, as it should, and has to connect again.
            self._turned, self._since = False, self._clock()
        limit = self._longest_task if self._working else _STANDSTILL
        if self._clock() - self._since > limit:
            log.error("hangs", working=self._working, seconds=round(limit))
            return
        word = "away" if away else "ready" if self._turned else "starting"
        beside = self._file.with_name(f"{self._file.name}.new")
        beside.write_text(word)
        beside.replace(self._file)

    def _is_away(self) -> bool:
        try:
            self._ping()
        except RetryableError:
            return True
        return False

    def show(self) -> None:
        """Look again and again, as long as the process lives."""
        while True:
            try:
                self.look()
            except OSError as error:
                log.error("no sign of life could be given", error=str(error))
            time.sleep(EVERY)


def show_pulse(settings: Settings) -> Pulse | None:
    """Start to show this process's pulse; None where no file is set for it."""
    if settings.health_file is None:
        return None
    pulse = Pulse(
        settings.health_file,
        longest_task=settings.visibility_timeout,
        ping=Broker(settings).ping,
    )
    signals.task_prerun.connect(pulse.begin_task, weak=False)
    signals.task_postrun.connect(pulse.end_task, weak=False)
    threading.Thread(target=pulse.show, name="pulse", daemon=True).start()
    return pulse
