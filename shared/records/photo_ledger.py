"""Where photos are on their way: under way, ended, failed, buried; and putting them back on it.

Ingestion's row says what was announced and given up, trends' ledger how a photo ended.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from sqlalchemy import ColumnElement, and_, case, exists, func, or_, select
from sqlalchemy.orm import Session

from shared.contracts.photos import PhotoRef, PhotosStored
from shared.records.database import Database
from shared.records.ingestion import Photo
from shared.records.trends import Settlement

HAS_ENDED: Final = (
    exists()
    .where(
        Settlement.photo_id == Photo.photo_id,
        # An earlier generation's end is none for a photo whose analysis is asked for anew.
        Settlement.generation >= Photo.generation,
        # A failure is no end for a photo announced again since, as `mapsi retry` does.
        or_(Settlement.outcome != "failed", Settlement.settled_at >= Photo.published_at),
    )
    .correlate(Photo)
)
"""The photo is in trends' ledger."""

WELL_ENDED: Final = (
    exists()
    .where(
        Settlement.photo_id == Photo.photo_id,
        Settlement.generation >= Photo.generation,
        Settlement.outcome != "failed",
    )
    .correlate(Photo)
)
"""The photo is in the ledger as analysed or as no fashion."""

OPEN: Final = and_(Photo.closed_at.is_(None), Photo.buried_at.is_(None))
BURIED: Final = Photo.buried_at.is_not(None)
FAILED: Final = or_(BURIED, HAS_ENDED)
"""Buried, or settled as failed (``dig_up`` leaves out what ended well)."""


@dataclass(frozen=True)
class PhotoStates:
    """How many photos are where, shops' photos included."""

    pending: int
    analyzed: int
    not_fashion: int
    failed: int
    buried: int
    oldest_pending: tuple[str, datetime] | None
    """The photo that is under way for the longest time, and since when."""


def photo_states(session: Session) -> PhotoStates:
    """Count all photos; it reads trends' whole ledger. One analysed anew is pending, too."""
    under_way = and_(OPEN, ~HAS_ENDED)
    # To be announced again, because it was lost, makes no photo younger; to be asked for anew does.
    lost = and_(Photo.attempts > 1, Photo.generation == 0)
    since = case(
        (lost, Photo.received_at), else_=func.coalesce(Photo.published_at, Photo.received_at)
    )
    oldest = session.execute(
        select(Photo.photo_id, since).where(under_way).order_by(since, Photo.photo_id).limit(1)
    ).one_or_none()
    outcomes = select(Settlement.outcome, func.count()).group_by(Settlement.outcome)
    ended = {row[0]: row[1] for row in session.execute(outcomes)}
    return PhotoStates(
        pending=_count(session, under_way),
        analyzed=ended.get("analyzed", 0),
        not_fashion=ended.get("not_fashion", 0),
        failed=_count_failed(session),
        buried=_count(session, and_(BURIED, ~WELL_ENDED)),
        oldest_pending=(oldest[0], oldest[1]) if oldest else None,
    )


def dig_up(
    database: Database, which: ColumnElement[bool], *, limit: int | None = None
) -> list[PhotosStored]:
    """Give the photos that ``which`` tells (``BURIED``, ``FAILED``) all their attempts again.

    Photos that are analysed or are no fashion are left alone. Returns one message a photo, oldest
    first, noted as sent: should it get lost, a later tick of the reconciler finds it.
    """
    with database.transaction() as session:
        return dig_up_within(database, session, which, limit=limit)


def dig_up_within(
    database: Database, session: Session, which: ColumnElement[bool], *, limit: int | None
) -> list[PhotosStored]:
    """Do as ``dig_up``, in a transaction of the caller's."""
    now = datetime.now(UTC)
    database.alone(session, "reconciler")
    wanted = select(Photo).where(which, ~WELL_ENDED).order_by(Photo.received_at)
    photos = session.scalars(wanted.limit(limit)).all()
    for photo in photos:
        photo.published_at, photo.attempts = now, 1
        photo.closed_at = photo.buried_at = None
        photo.buried_reason = photo.last_error = None
    return [alone(photo) for photo in photos]


def reference(photo: Photo) -> PhotoRef:
    """Return what messages say of a photo."""
    return PhotoRef(
        photo_id=photo.photo_id,
        key=photo.key,
        width=photo.width,
        height=photo.height,
        posted_at=photo.posted_at,
        source=photo.source,
        author=photo.author,
        look_id=photo.look_id,
        generation=photo.generation,
        catalogued=photo.catalogued,
    )


def alone(photo: Photo) -> PhotosStored:
    """Return the message that announces one photo: a poisonous one only buries itself."""
    return PhotosStored(photos=(reference(photo),))


def still_failed() -> ColumnElement[bool]:
    """Joined with its settlement: the photo failed for good, and nobody tries it again yet."""
    return and_(
        Settlement.outcome == "failed",
        Settlement.generation >= Photo.generation,
        Photo.buried_at.is_(None),
        or_(Photo.published_at.is_(None), Settlement.settled_at >= Photo.published_at),
    )


def _count(session: Session, which: ColumnElement[bool]) -> int:
    return session.scalar(select(func.count()).select_from(Photo).where(which)) or 0


def _count_failed(session: Session) -> int:
    failed = select(func.count()).select_from(Photo)
    failed = failed.join(Settlement, Settlement.photo_id == Photo.photo_id)
    return session.scalar(failed.where(still_failed())) or 0
