"""A job's life. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from shared.contracts.generation import LookProgressed

FINAL_STATES: Final = frozenset({"done", "failed", "cancelled"})


@dataclass(frozen=True)
class Progress:
    """How far a job is."""

    state: str
    step: int


def advances(now: Progress | None, message: LookProgressed) -> bool:
    """Tell whether ``message`` is news: a final state stays, and steps are not taken back."""
    if now is None or now.state == "queued":
        return True
    if now.state in FINAL_STATES:
        return False
    return message.state in FINAL_STATES or message.step > now.step
