"""When a photo's way began and when the message at hand was sent: told by message headers.

A retry keeps them, so that a stage's time holds its failed tries and the waits between them.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, Final

BEGAN_AT: Final = "began_at"
"""Header: seconds since 1970 when the first message of this way was sent."""
STAGE_AT: Final = "stage_at"
"""Header: seconds since 1970 when this message was first sent."""


@dataclass(frozen=True)
class Leg:
    """One stage of a way, in seconds since 1970."""

    began_at: float
    stage_at: float

    @property
    def seconds_on_the_way(self) -> float:
        """Seconds since the way began, from 0: another machine's clock may be ahead."""
        return max(0.0, time.time() - self.began_at)

    @property
    def seconds_at_stage(self) -> float:
        """Seconds since the message was first sent, from 0."""
        return max(0.0, time.time() - self.stage_at)


_at_hand: Final[ContextVar[Leg | None]] = ContextVar("leg", default=None)


def leg_at_hand() -> Leg | None:
    """Return the leg of the message that is being handled; None: outside of a task."""
    return _at_hand.get()


def headers() -> dict[str, float]:
    """Return the headers of a message that is sent now."""
    now, leg = time.time(), _at_hand.get()
    return {BEGAN_AT: leg.began_at if leg else now, STAGE_AT: now}


@contextmanager
def arrived(request: Any) -> Iterator[None]:
    """Handle a message: ``request`` has its headers as attributes, as Celery's has.

    One without them, as beat's, begins a way of its own with each message that is sent.
    """
    began_at, stage_at = (getattr(request, name, None) for name in (BEGAN_AT, STAGE_AT))
    leg = None
    if isinstance(began_at, int | float) and isinstance(stage_at, int | float):
        leg = Leg(began_at, stage_at)
    token = _at_hand.set(leg)
    try:
        yield
    finally:
        _at_hand.reset(token)


@contextmanager
def next_stage() -> Iterator[None]:
    """Handle a following message in the same process, without a hop."""
    leg = _at_hand.get()
    token = _at_hand.set(Leg(leg.began_at, time.time()) if leg else None)
    try:
        yield
    finally:
        _at_hand.reset(token)
