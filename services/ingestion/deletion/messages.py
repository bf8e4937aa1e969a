"""An order to delete as messages: a step, and what comes after it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from sqlalchemy import select

from services.ingestion.deletion.orders import close, pending, take_up
from services.ingestion.deletion.steps import delete_some
from shared.contracts.deletions import DeletionRequested, PhotosWithdrawn
from shared.contracts.message import MAX_PHOTOS, Message
from shared.errors import UsageError
from shared.records import Database
from shared.records.deletion import Deletion
from shared.storage import ObjectStore

_QUIET: Final = timedelta(seconds=10)
"""An order that nobody touched for so long waits for its next step."""


def step(
    database: Database, storage: ObjectStore, deletion_id: str, *, key: bytes
) -> Sequence[Message]:
    """Count or delete a little of an order; return what asks for the rest.

    Raises RetryableError where the database or the store is away.
    """
    with database.transaction() as session:
        order = session.get(Deletion, deletion_id)
        if order is None:
            return ()
        try:
            take_up(session, order, key=key)
        except UsageError:  # a target of nothing: there is nothing to delete
            order.state, order.target = "done", ""
        if order.state != "running":
            return ()
    if delete_some(database, storage, deletion_id):
        return (DeletionRequested(deletion_id=deletion_id),)
    return () if close(database, deletion_id) else withdrawals(database, deletion_id)


def withdrawals(database: Database, deletion_id: str) -> list[PhotosWithdrawn]:
    """Return what trends has still to forget of an order, so far as is known now."""
    left = pending(database, deletion_id)
    return [
        PhotosWithdrawn(photo_ids=tuple(left[start : start + MAX_PHOTOS]))
        for start in range(0, len(left), MAX_PHOTOS)
    ]


def overdue_orders(database: Database) -> list[DeletionRequested]:
    """Return a message for each order that waits for its next step."""
    before = datetime.now(UTC) - _QUIET
    waiting = select(Deletion.deletion_id).where(
        Deletion.state.in_(("asked", "ordered", "running")),
        Deletion.touched_at < before,
    )
    with database.reading() as session:
        return [DeletionRequested(deletion_id=each) for each in session.scalars(waiting)]
