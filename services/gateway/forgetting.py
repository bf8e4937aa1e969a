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
from shared.records.generation import Job
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
        pictures = _pictures_of(session, gone) if gone else []
    for job_id in pictures:
        remove_pictures(storage, job_id)
    with database.transaction() as session:
        session.execute(delete(Wish).where(Wish.job_id.in_(pictures)))
        session.execute(delete(Job).where(Job.job_id.in_(pictures)))
        return len(pictures) + _delete_uploads(session, sorted(gone))


def remove_pictures(storage: ObjectStore, job_id: str) -> None:
    """Remove all of a job's files; the mark stays that stops a drawing that is under way.

    Whatever a worker writes after it has seen the mark, generation removes: it knows the job no
    more, and no file outlives its row.
    """
    mark = generation_key(job_id, "cancelled")
    storage.put(mark, b"", content_type="application/octet-stream")
    for key in list(storage.list(mark.removesuffix("cancelled"))):
        if key != mark:
            storage.delete(key)


def _pictures_of(session: Session, photo_ids: Iterable[str]) -> list[str]:
    """Return the jobs whose picture shows a piece of one of the photos, or was made from such."""
    gone, found = set(photo_ids), set[str]()
    parents: dict[str, str] = {}
    rows = session.execute(select(Wish.job_id, Wish.wish).execution_options(yield_per=_MANY))
    for job_id, wish in rows:
        look = LookWish.model_validate(wish)
        if look.edit is not None:
            parents[job_id] = look.edit.of
        if any(piece.photo_id in gone for piece in look.pieces):
            found.add(job_id)
    while more := {child for child, of in parents.items() if of in found} - found:
        found |= more
    return sorted(found)


def _delete_uploads(session: Session, photo_ids: list[str]) -> int:
    deleted = 0
    for start in range(0, len(photo_ids), _MANY):
        some = photo_ids[start : start + _MANY]
        gone = delete(Upload).where(Upload.photo_id.in_(some)).returning(Upload.photo_id)
        deleted += len(session.scalars(gone).all())
    return deleted
