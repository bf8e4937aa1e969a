"""What the gateway keeps of photos goes with them: uploads, wishes, pictures made of them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from shared.contracts.generation import LookWish
from shared.records import Database
from shared.records.deletion import Tombstone
from shared.records.gateway import Upload, Wish
from shared.storage import ObjectStore
from shared.storage.keys import generation_key

_MANY = 500


def forget_deleted(database: Database, storage: ObjectStore, *, since: datetime) -> int:
    """Forget photos deleted since then; return how many uploads and pictures that took away.

    Safe to repeat. Raises RetryableError where the database or the store is away.
    """
    with database.reading() as session:
        gone = set(
            session.scalars(
                select(Tombstone.hash).where(
                    Tombstone.kind == "photo", Tombstone.created_at >= since
                )
            )
        )
        boards = _boards_of(session, gone) if gone else []
    for job_id in boards:
        _remove_board(storage, job_id)
    with database.transaction() as session:
        session.execute(delete(Wish).where(Wish.job_id.in_(boards)))
        return len(boards) + _delete_uploads(session, sorted(gone))


def _boards_of(session: Session, photo_ids: Iterable[str]) -> list[str]:
    """Return the jobs whose picture shows a piece of one of the photos."""
    gone, found = set(photo_ids), []
    rows = session.execute(select(Wish.job_id, Wish.wish).execution_options(yield_per=_MANY))
    for job_id, wish in rows:
        pieces = LookWish.model_validate(wish).pieces
        if any(piece.photo_id in gone for piece in pieces):
            found.append(job_id)
    return found


def _remove_board(storage: ObjectStore, job_id: str) -> None:
    folder = generation_key(job_id, "picture.png").rpartition("/")[0]
    for key in list(storage.list(f"{folder}/")):
        storage.delete(key)


def _delete_uploads(session: Session, photo_ids: list[str]) -> int:
    deleted = 0
    for start in range(0, len(photo_ids), _MANY):
        some = photo_ids[start : start + _MANY]
        gone = delete(Upload).where(Upload.photo_id.in_(some)).returning(Upload.photo_id)
        deleted += len(session.scalars(gone).all())
    return deleted
