"""What the database knows about photos under way."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Final

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from services.ingestion.sources import Refused
from shared.quoting import quotable
from shared.records.ingestion import Photo, Refusal
from shared.records.photo_ledger import HAS_ENDED

MAX_NAME: Final = 500


def under_way(session: Session, photo_ids: Iterable[str]) -> Sequence[Photo]:
    """Return those of the photos that are neither settled nor buried, in order of arrival."""
    return session.scalars(
        select(Photo)
        .where(Photo.photo_id.in_(list(photo_ids)), Photo.buried_at.is_(None), ~HAS_ENDED)
        .order_by(Photo.received_at)
    ).all()


def mark_announced(session: Session, photo_ids: Iterable[str], *, at: datetime) -> None:
    """Note the first announcement of photos; one that is noted already stays as it is.

    ``at`` is before the message is sent: a photo may fail in the very next moment.
    """
    session.execute(
        update(Photo)
        .where(Photo.photo_id.in_(list(photo_ids)), Photo.published_at.is_(None))
        .values(published_at=at, attempts=Photo.attempts + 1)
    )


def write_refusals(
    session: Session, refused: Sequence[Refused], *, taken: Sequence[str], source: str
) -> None:
    """Write the last word on each name: why it was refused, or nothing any more if taken."""
    names = {entry.name: entry for entry in refused}
    session.execute(
        delete(Refusal).where(
            Refusal.source == source,
            Refusal.name.in_([_shown(name) for name in (*names, *taken)]),
        )
    )
    now = datetime.now(UTC)
    session.add_all(
        Refusal(
            name=_shown(name),
            source=source,
            reason=entry.error.reason,
            text=entry.error.text,
            text_ko=entry.error.text_ko,
            refused_at=now,
        )
        for name, entry in names.items()
    )


def _shown(name: str) -> str:
    return quotable(name, limit=MAX_NAME)
