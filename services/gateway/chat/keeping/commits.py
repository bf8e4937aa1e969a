"""Many turns, one transaction: whoever waits while one is written goes with the next.

A commit costs about as much as twenty rows. With one user a turn is written at once; with fifty,
a transaction holds those that came in while the last one ran.
"""

from __future__ import annotations

import asyncio
from typing import Final

from anyio import to_thread

from services.gateway.chat.keeping.store import Turn, Written, write_turns
from shared.records import Database

_MOST: Final = 64
"""Turns of one transaction."""


class Commits:
    """Writes turns, in the order in which they come; for one event loop."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._waiting: list[tuple[Turn, asyncio.Future[Written | None]]] = []
        self._writer: asyncio.Task[None] | None = None

    async def write(self, turn: Turn) -> Written | None:
        """Write ``turn``; None where its conversation has gone on since.

        Raises what the database raises: RetryableError where it is away.
        """
        done: asyncio.Future[Written | None] = asyncio.get_running_loop().create_future()
        self._waiting.append((turn, done))
        if self._writer is None:
            self._writer = asyncio.create_task(self._write_all())
        # Whoever hangs up meanwhile does not take the others' answers away.
        return await asyncio.shield(done)

    async def _write_all(self) -> None:
        try:
            while self._waiting:
                batch, self._waiting = self._waiting[:_MOST], self._waiting[_MOST:]
                await self._write(batch)
        finally:
            self._writer = None

    async def _write(self, batch: list[tuple[Turn, asyncio.Future[Written | None]]]) -> None:
        turns = [turn for turn, _ in batch]
        try:
            written = await to_thread.run_sync(write_turns, self._database, turns)
        except Exception as error:  # whoever waits for it gets it
            for _, done in batch:
                done.set_exception(error)
            return
        for (_, done), one in zip(batch, written, strict=True):
            done.set_result(one)
