"""Who follows a batch while it is drawn: cancels, deadlines, progress, previews, heartbeat."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from io import BytesIO
from itertools import islice
from types import TracebackType
from typing import Any, Final

from PIL import Image

from services.generation.files import PREVIEW
from services.generation.preparing import Sheet
from shared.contracts.generation import JobState, LookProgressed, Order
from shared.errors import MapsiError, PermanentError, RetryableError
from shared.imaging import Pixels
from shared.logging import logger

log = logger(__name__)
PERIOD: Final = 0.5
"""Seconds between two reports of a batch."""


class AllStoppedError(Exception):
    """No job of the batch is wanted any more."""


class Follower:
    """Follows one batch, and tells the recording side of each job in it.

    A job that is called off, or too late, is told of at once; its picture is drawn to the end
    only where others of its batch need the GPU anyway, and is then thrown away. Between the
    steps, while a model is loaded or a server draws, a thread says that the worker lives.
    """

    def __init__(
        self, sheets: Sequence[Sheet], report: Callable[[LookProgressed], None], *, every: float
    ) -> None:
        """Follow ``sheets``; say every ``every`` seconds at least that they are worked at."""
        self.live = list(sheets)
        self._sheets = tuple(sheets)
        self._report, self._every = report, every
        self._began = time.monotonic()
        self._told = -PERIOD
        self._at = (0, 0)
        self._over = threading.Event()
        self._beat = threading.Thread(target=self._keep_leases, daemon=True)

    def __enter__(self) -> Follower:
        self._check()
        self._tell()
        self._beat.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._over.set()
        if self._beat.is_alive():
            self._beat.join()

    def starts(self) -> None:
        """The model is loaded: from here on the GPU works for these jobs."""
        self._began = time.monotonic()

    @property
    def seconds(self) -> float:
        """Seconds since the drawing started."""
        return time.monotonic() - self._began

    def step(self, number: int, steps: int, preview: Callable[[], Pixels] | None) -> None:
        """Hear of a step; raise AllStoppedError where nobody waits for the picture any more."""
        self._check()
        self._at = (number, steps)
        now = time.monotonic()
        if now - self._told < PERIOD and number < steps:
            return
        self._told = now
        self._tell(self._show(preview()) if preview else ())

    def _check(self) -> None:
        """Let go of the jobs that were called off or are too late."""
        for sheet in list(self.live):
            end = self._end_of(sheet)
            if end is not None:
                self.live.remove(sheet)
                self._report(end)
        if not self.live:
            raise AllStoppedError

    def _end_of(self, sheet: Sheet) -> LookProgressed | None:
        share = self.seconds * len(sheet.drawings) / self._drawings
        if sheet.files.is_called_off():
            return news(sheet.order, "cancelled", seconds=share)
        if datetime.now(UTC) > sheet.order.deadline:
            return news(sheet.order, "failed", error=_late(), seconds=share)
        return None

    @property
    def _drawings(self) -> int:
        return sum(len(sheet.drawings) for sheet in self._sheets)

    def _tell(self, shown: Sequence[Sheet] = ()) -> None:
        """Tell how far the jobs are; of ``shown`` there is a preview.

        What does not get through is no reason to stop drawing.
        """
        step, steps = self._at
        try:
            for sheet in list(self.live):
                preview = sheet in shown
                told = news(sheet.order, "running", step=step, steps=steps, preview=preview)
                self._report(told)
        except RetryableError as error:
            log.warning("progress not told", error=str(error))

    def _show(self, pixels: Pixels) -> list[Sheet]:
        """Store previews of all drawings, or of the first alone; return whose are stored."""
        shown: list[Sheet] = []
        each = iter(pixels if pixels.ndim == 4 else pixels[None])
        try:
            for sheet in self._sheets:
                own = list(islice(each, len(sheet.drawings)))
                if own:
                    sheet.files.put(PREVIEW, _webp(own[0]), "image/webp")
                    shown.append(sheet)
        except RetryableError as error:
            log.warning("preview not stored", error=str(error))
        return shown

    def _keep_leases(self) -> None:
        while not self._over.wait(self._every):
            self._tell()


def news(
    order: Order, state: JobState, *, error: MapsiError | None = None, **more: Any
) -> LookProgressed:
    """Return the message that tells of an order's job."""
    return LookProgressed(
        job_id=order.job_id,
        state=state,
        attempt=order.attempt,
        reason=error.in_language(order.wish.language) if error else None,
        at=datetime.now(UTC),
        **more,
    )


def _webp(pixels: Pixels) -> bytes:
    out = BytesIO()
    Image.fromarray(pixels).save(out, "WEBP", quality=70)
    return out.getvalue()


def _late() -> PermanentError:
    return PermanentError(
        "the deadline passed before the picture was done; ask again",
        text_ko="제한 시간 안에 그림을 완성하지 못했습니다. 다시 요청하세요",
        reason="deadline",
    )
