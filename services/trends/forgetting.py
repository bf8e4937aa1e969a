"""Forgetting deleted photos: out of the ledger, the facts and every count."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import delete

from services.trends import rollup
from shared.records import Database
from shared.records.deletion_queries import deleted_among, stale_among
from shared.records.trends import Settlement
from shared.storage import ObjectStore
from shared.storage.removal import remove_photos


def forget_withdrawn(
    database: Database, storage: ObjectStore, photo_ids: Sequence[str], *, author_cap: int
) -> int:
    """Forget those of the photos that are deleted, and those that are counted as they were.

    Returns how many they were. What else was stored of deleted ones meanwhile is removed.
    Safe to repeat. Raises RetryableError where the database or the store is away.
    """
    with database.transaction() as session:
        # Whoever counts begins with the ledger: none is half-way through one of these photos.
        database.hold_writers(session, Settlement)
        gone = deleted_among(session, "photo", photo_ids)
        changed = deleted_among(session, "changed", photo_ids)
        forgotten = gone | stale_among(session, sorted(changed))
        session.execute(delete(Settlement).where(Settlement.photo_id.in_(forgotten)))
        rollup.forget_photos(database, session, sorted(forgotten), author_cap=author_cap)
    remove_photos(storage, sorted(gone))
    return len(forgotten)
