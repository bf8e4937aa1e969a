"""The clock: what beat sends to tasks that run by time."""

from __future__ import annotations

from typing import ClassVar

from shared.contracts.message import Message


class Tick(Message):
    """From beat to the tasks in ``flow.SCHEDULE``."""

    schema_id: ClassVar[str] = "clock.tick/1"
