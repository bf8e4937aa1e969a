"""How the gateway goes: without cutting off what it has in hand.

Told to stop, it says so at ``/readyz`` and goes on for a while, so that a load balancer can turn to
another one (``MAPSI_GATEWAY_LINGER_SECONDS``). Then it takes nothing new, and finishes what it has;
who has no answer by then gets one that may be tried again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

from services.gateway.problems import RefusedError

RETRY_AFTER = 1.0
"""Seconds; another gateway can serve at once, and this one is back soon."""


class Leaving:
    """Whether the gateway was told to stop, and the requests that wait for its answer."""

    def __init__(self) -> None:
        self.begun = False
        self._unanswered: set[asyncio.Timeout] = set()

    def begin(self) -> None:
        """The gateway was told to stop; it may be told twice, and from a signal."""
        self.begun = True

    @contextmanager
    def waiting(self, timer: asyncio.Timeout) -> Iterator[None]:
        """A request waits meanwhile, unless ``answered`` says otherwise before."""
        self._unanswered.add(timer)
        try:
            yield
        finally:
            self.answered(timer)

    def answered(self, timer: asyncio.Timeout) -> None:
        """The answer to a request has begun."""
        self._unanswered.discard(timer)

    def cut_short(self) -> int:
        """End the requests that still wait, by their timers; return how many."""
        now = asyncio.get_running_loop().time()
        late = [timer for timer in self._unanswered if not timer.expired()]
        for timer in late:
            timer.reschedule(now)
        return len(late)


def leaving() -> RefusedError:
    """Return the refusal of a gateway that goes."""
    return RefusedError(
        503,
        "this gateway is being stopped; try again",
        text_ko="게이트웨이를 멈추는 중입니다. 다시 시도하세요",
        reason="leaving",
        wait=RETRY_AFTER,
    )
