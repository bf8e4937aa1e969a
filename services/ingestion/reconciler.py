"""The reconciler: announces again what was lost on the way, and buries what never gets there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from sqlalchemy import and_, or_, select, update
from sqlalchemy.orm import Session

from services.ingestion.domain import lost_before
from services.ingestion.settings import IngestionSettings
from shared.contracts.photos import PhotosStored
from shared.records import Database
from shared.records.ingestion import Photo
from shared.records.photo_ledger import HAS_ENDED, OPEN, alone, reference
from shared.records.trends import Settlement

MAX_CLOSED: Final = 10_000
"""Photos whose settlement one tick takes note of."""

NEVER_FINISHED: Final = "no worker finished it in {attempts} tries; see the workers' logs"


@dataclass(frozen=True)
class Reconciled:
    """What one tick did."""

    messages: list[PhotosStored]
    buried: list[str]


def reconcile(
    database: Database, settings: IngestionSettings, queue_lengths: Mapping[str, int]
) -> Reconciled:
    """Look after at most ``republish_limit`` photos; safe beside another reconciler."""
    now = datetime.now(UTC)
    close_ended(database, now=now)
    with database.transaction() as session:
        database.alone(session, "reconciler")
        lost = _lost(session, settings, queue_lengths, now=now)
        hopeless = [photo for photo in lost if photo.attempts >= settings.max_attempts]
        for photo in hopeless:
            photo.buried_at = now
            photo.buried_reason = photo.last_error or NEVER_FINISHED.format(attempts=photo.attempts)
        again = [photo for photo in lost if photo.buried_at is None]
        messages = _messages(again, batch_size=settings.batch_size)
        for photo in again:
            # Claimed before it is sent: the other reconciler sees it as just announced.
            photo.published_at = now
            photo.attempts += 1
    return Reconciled(messages=messages, buried=[photo.photo_id for photo in hopeless])


def close_ended(database: Database, *, now: datetime) -> None:
    """Mark photos that trends has settled, so that later ticks need not look at them."""
    ended = select(Photo.photo_id).where(OPEN, HAS_ENDED).limit(MAX_CLOSED)
    with database.reading() as session:
        photo_ids = session.scalars(ended).all()
    with database.transaction() as session:
        for start in range(0, len(photo_ids), 500):
            some = photo_ids[start : start + 500]
            closing = update(Photo).where(Photo.photo_id.in_(some)).values(closed_at=now)
            session.execute(closing)


def note_failures(database: Database, photo_ids: Sequence[str], *, reason: str) -> None:
    """Keep why the photos' task did not end well, for the one who finds them buried."""
    with database.transaction() as session:
        session.execute(
            update(Photo).where(Photo.photo_id.in_(photo_ids)).values(last_error=reason)
        )


def _lost(
    session: Session,
    settings: IngestionSettings,
    queue_lengths: Mapping[str, int],
    *,
    now: datetime,
) -> Sequence[Photo]:
    """Return photos that were announced and lost, or saved and never announced."""
    overdue_after = timedelta(seconds=settings.overdue_after)
    # Only an analysed photo went all the way: one that is no fashion ends before the longest
    # queue and overtakes nobody there.
    newest_analyzed = session.scalar(
        select(Photo.published_at)
        .join(Settlement, Settlement.photo_id == Photo.photo_id)
        .where(
            Photo.closed_at.is_not(None),
            Photo.published_at.is_not(None),
            Settlement.outcome == "analyzed",
        )
        .order_by(Photo.published_at.desc())
        .limit(1)
    )
    lost = and_(Photo.published_at.is_(None), Photo.received_at < now - overdue_after)
    before = lost_before(
        queue_lengths, now=now, newest_analyzed=newest_analyzed, overdue_after=overdue_after
    )
    if before is not None:
        lost = or_(lost, Photo.published_at < before)
    return session.scalars(
        select(Photo)
        .where(OPEN, lost, ~HAS_ENDED)
        .order_by(Photo.published_at, Photo.received_at)
        .limit(settings.republish_limit)
    ).all()


def _messages(photos: Sequence[Photo], *, batch_size: int) -> list[PhotosStored]:
    """One message a photo, so that a poisonous one only buries itself.

    Photos that were never announced are under no suspicion: they go together.
    """
    suspects = [alone(photo) for photo in photos if photo.attempts]
    others = [reference(photo) for photo in photos if not photo.attempts]
    return suspects + [
        PhotosStored(photos=tuple(others[start : start + batch_size]))
        for start in range(0, len(others), batch_size)
    ]
