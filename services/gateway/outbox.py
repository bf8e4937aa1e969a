"""Announcing uploads and wishes, and announcing again what nobody took up.

The row is written before the message is sent, so a broker that is away or loses a message
only delays. Whoever gets the message twice finds the work done.
"""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from typing import Final

from sqlalchemy import Select, delete, select, update

from services.gateway.access import Gateway
from services.gateway.domain import FINAL_JOB_STATES
from services.gateway.forgetting import forget_deleted
from services.gateway.people.erasing import erase_idle_guests
from shared.bus import publish
from shared.contracts.generation import LookRequested, LookWish
from shared.contracts.message import Message
from shared.contracts.uploads import PhotoUploaded
from shared.errors import RetryableError
from shared.logging import logger
from shared.records.gateway import Answer, Upload, Wish
from shared.records.generation import Job
from shared.records.ingestion import Photo

log = logger(__name__)

MAX_PUBLICATIONS: Final = 12
"""Patience doubles each time: with 60 s the last announcement comes after more than a day."""
_BATCH: Final = 500


def announce_upload(gateway: Gateway, upload: Upload) -> None:
    """Tell ingestion of an upload; where the broker is away, the next sweep does."""
    message = PhotoUploaded(
        photo_id=upload.photo_id,
        key=upload.object_key,
        name=upload.name,
        posted_at=upload.posted_at,
        author=upload.key_id,
    )
    _announce(gateway, upload, message)


def announce_wish(gateway: Gateway, wish: Wish) -> None:
    """Tell generation of a wish; where the broker is away, the next sweep does."""
    message = LookRequested(
        job_id=wish.job_id,
        wish=LookWish.model_validate(wish.wish),
        deadline=wish.deadline,
        requester=wish.key_id,
    )
    _announce(gateway, wish, message)


def announce_overdue(gateway: Gateway, *, now: datetime) -> int:
    """Announce again what waits too long; return how many. Forget old answers on the way."""
    with gateway.database.reading() as session:
        uploads = list(session.scalars(_waiting_uploads(now)))
        wishes = list(session.scalars(_waiting_wishes(now)))
    overdue_uploads = [upload for upload in uploads if _is_overdue(gateway, upload, now)]
    overdue_wishes = [wish for wish in wishes if _is_overdue(gateway, wish, now)]
    for upload in overdue_uploads:
        announce_upload(gateway, upload)
    for wish in overdue_wishes:
        announce_wish(gateway, wish)
    _forget_answers(gateway, now)
    return len(overdue_uploads) + len(overdue_wishes)


def sweep(gateway: Gateway, stop: threading.Event) -> None:
    """Call ``announce_overdue`` now and then until ``stop``; for a thread of its own."""
    since = datetime.now(UTC) - timedelta(days=1)
    while not stop.wait(gateway.settings.patience_seconds / 4):
        try:
            began = datetime.now(UTC)
            forget_deleted(gateway.database, gateway.context.storage, since=since)
            since = began - timedelta(minutes=10)  # transactions that were under way
            again = announce_overdue(gateway, now=datetime.now(UTC))
            erase_idle_guests(gateway, now=datetime.now(UTC))
        except RetryableError as error:
            log.warning("the outbox waits", error=str(error))
        else:
            if again:
                log.info("announced again", count=again)


def _announce(gateway: Gateway, row: Upload | Wish, message: Message) -> None:
    try:
        publish(message, gateway.context)
    except RetryableError as error:
        log.warning("not announced yet", schema=message.schema_id, error=str(error))
        return
    table = type(row)
    same = [column == getattr(row, column.key) for column in table.__table__.primary_key]
    with gateway.database.transaction() as session:
        session.execute(
            update(table)
            .where(*same)
            .values(published_at=datetime.now(UTC), publications=row.publications + 1)
        )


def _is_overdue(gateway: Gateway, row: Upload | Wish, now: datetime) -> bool:
    if row.published_at is None:
        return True
    patience = gateway.settings.patience_seconds * 2 ** (row.publications - 1)
    return row.published_at < now - timedelta(seconds=patience)


def _waiting_uploads(now: datetime) -> Select[Upload]:
    return (
        select(Upload)
        .outerjoin(Photo, Photo.photo_id == Upload.photo_id)
        .where(Photo.photo_id.is_(None), Upload.publications < MAX_PUBLICATIONS)
        .where(Upload.created_at > now - timedelta(days=7))
        .order_by(Upload.created_at)
        .limit(_BATCH)
    )


def _waiting_wishes(now: datetime) -> Select[Wish]:
    return (
        select(Wish)
        .outerjoin(Job, Job.job_id == Wish.job_id)
        .where(Job.job_id.is_(None) | Job.state.not_in(FINAL_JOB_STATES))
        .where(Wish.publications < MAX_PUBLICATIONS, Wish.created_at > now - timedelta(days=7))
        .order_by(Wish.created_at)
        .limit(_BATCH)
    )


def _forget_answers(gateway: Gateway, now: datetime) -> None:
    oldest = now - timedelta(hours=gateway.settings.answer_hours)
    with gateway.database.transaction() as session:
        session.execute(delete(Answer).where(Answer.created_at < oldest))
