"""Waiting for what happens elsewhere."""

from __future__ import annotations

import time
from collections.abc import Callable


def until(condition: Callable[[], bool], *, seconds: float = 60.0) -> None:
    """Wait for the condition; fail when it does not come true."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "did not happen in time"
        time.sleep(0.05)
