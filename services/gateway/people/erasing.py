"""Erasing a person: rows, pictures, photos and the key itself."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.gateway.access import Gateway
from services.gateway.forgetting import remove_pictures
from services.gateway.people.holdings import erase_rows
from services.gateway.web.sessions import idle_guests
from shared.bus import publish
from shared.contracts.deletions import DeletionRequested
from shared.errors import RetryableError
from shared.logging import logger
from shared.records.deletion import Deletion
from shared.records.gateway import ApiKey, Upload, Wish
from shared.storage.keys import upload_key

log = logger(__name__)


def erase(gateway: Gateway, person_id: str, *, now: datetime) -> str:
    """Erase a person and return the order by which ingestion deletes the photos.

    Objects go first: what is cut off is repeated by the next call, as long as the rows are there.
    Raises RetryableError where the database or the store is away.
    """
    with gateway.database.reading() as session:
        uploads = session.scalars(select(Upload.photo_id).where(Upload.key_id == person_id)).all()
        jobs = session.scalars(select(Wish.job_id).where(Wish.key_id == person_id)).all()
    for job_id in jobs:
        remove_pictures(gateway.context.storage, job_id)
    with gateway.database.transaction() as session:
        order = _order(session, person_id, now)
        alone = _sent_by_nobody_else(session, person_id, uploads)
        erase_rows(session, person_id)
        key = session.get_one(ApiKey, person_id)
        key.name, key.revoked_at = "", now
    gateway.keys.drop(person_id)
    gateway.sessions.drop(person_id)
    gateway.profiles.drop(person_id)
    for photo_id in alone:
        gateway.context.storage.delete(upload_key(photo_id))
    try:
        publish(DeletionRequested(deletion_id=order), gateway.context)
    except RetryableError as error:  # ingestion's clock finds the row
        log.warning("deletion not announced yet", error=str(error))
    return order


def erase_idle_guests(gateway: Gateway, *, now: datetime) -> int:
    """Erase the guests that have not come back; return how many."""
    guests = idle_guests(gateway.database, now=now)
    for person_id in guests:
        erase(gateway, person_id, now=now)
    return len(guests)


def _order(session: Session, person_id: str, now: datetime) -> str:
    order = Deletion(
        deletion_id=secrets.token_hex(16),
        kind="author",
        target=person_id,
        state="ordered",
        requested_by=person_id,
        created_at=now,
        touched_at=now,
        posts_found=0,
        photos_found=0,
        posts=0,
        photos=0,
    )
    session.add(order)
    return order.deletion_id


def _sent_by_nobody_else(session: Session, person_id: str, photo_ids: Sequence[str]) -> list[str]:
    others = session.scalars(
        select(Upload.photo_id).where(Upload.photo_id.in_(photo_ids), Upload.key_id != person_id)
    )
    shared = set(others)
    return [photo_id for photo_id in photo_ids if photo_id not in shared]
