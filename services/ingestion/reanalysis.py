"""Asking for the analyses anew that other models have made: ``mapsi ingest --reanalyze``.

A photo's row counts its generations. A photo asked for anew is in the next one, and is under way
until trends has settled that one; so the reconciler looks after it as after any other, whoever
crashes. Until then everything shows what was known before.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from services.ingestion import ledger
from shared.bus import Context, publish
from shared.contracts.message import MAX_PHOTOS, ModelRef
from shared.contracts.photos import PhotosStored
from shared.records import Database
from shared.records.ingestion import Photo
from shared.records.photo_ledger import BURIED, HAS_ENDED, reference
from shared.records.trends import Settlement

TOGETHER: Final = 320
"""Photos that are put under way and announced before the next are."""

Models = Mapping[str, AbstractSet[ModelRef]]
"""The models of today by outcome: what a photo meets before it is analysed, or no fashion."""


@dataclass(frozen=True)
class Which:
    """Which photos are asked for anew."""

    models: Models
    source: str | None = None
    since: datetime | None = None
    """Posted then or later."""
    same_models_too: bool = False
    """Also what today's models have analysed: after a threshold was changed."""


def due(database: Database, which: Which) -> list[str]:
    """Return the photos that ended well but by other models than today's, oldest first.

    Photos that are under way are left alone; what failed is `mapsi retry`'s business.
    """
    marks = {
        outcome: {model.name: model.mark for model in models}
        for outcome, models in which.models.items()
    }
    query = (
        select(Photo.photo_id, Settlement.outcome, Settlement.models)
        .join(Settlement, Settlement.photo_id == Photo.photo_id)
        .where(Settlement.outcome.in_(marks), or_(HAS_ENDED, BURIED))
        .order_by(Photo.received_at)
        .execution_options(yield_per=10_000)
    )
    if which.source is not None:
        query = query.where(Photo.source == which.source)
    if which.since is not None:
        query = query.where(Photo.posted_at >= which.since)
    with database.reading() as session:
        return [
            photo_id
            for photo_id, outcome, models in session.execute(query)
            if which.same_models_too or models != marks[outcome]
        ]


def ask_anew(database: Database, context: Context, photo_ids: Sequence[str]) -> Iterator[int]:
    """Put photos under way again and announce them; yield how many, some at a time.

    Raises RetryableError where the database or the broker is away: what was asked for until then
    goes on, and the rest is still due.
    """
    for start in range(0, len(photo_ids), TOGETHER):
        some = photo_ids[start : start + TOGETHER]
        with database.transaction() as session:
            database.alone(session, "reconciler")
            _reopen(session, some)
        _announce(database, context, some)
        yield len(some)


def _reopen(session: Session, photo_ids: Sequence[str]) -> None:
    """Begin the next generation of those photos that have ended."""
    session.execute(
        update(Photo)
        .where(Photo.photo_id.in_(photo_ids), or_(HAS_ENDED, BURIED))
        .values(
            generation=Photo.generation + 1,
            published_at=None,
            attempts=0,
            closed_at=None,
            buried_at=None,
            buried_reason=None,
            last_error=None,
        )
        .execution_options(synchronize_session=False)
    )


def _announce(database: Database, context: Context, photo_ids: Sequence[str]) -> None:
    with database.reading() as session:
        photos = [p for p in ledger.under_way(session, photo_ids) if p.published_at is None]
    for start in range(0, len(photos), MAX_PHOTOS):
        some = photos[start : start + MAX_PHOTOS]
        now = datetime.now(UTC)
        publish(PhotosStored(photos=tuple(map(reference, some))), context)
        with database.transaction() as session:
            ledger.mark_announced(session, [photo.photo_id for photo in some], at=now)
