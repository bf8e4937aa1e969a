"""How much of the GPU each requester has had, of which what was long ago counts less."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.generation.domain import decayed
from services.generation.jobs.book import Book
from shared.records.generation import GpuShare


def charge(session: Session, requester: str, seconds: float, book: Book) -> None:
    """Add GPU seconds to what a requester has had."""
    if not seconds:
        return
    now = datetime.now(UTC)
    book.database.alone(session, f"gpu share {requester}")
    share = session.get(GpuShare, requester)
    if share is None:
        session.add(GpuShare(requester=requester, seconds=seconds, at=now))
    else:
        share.seconds, share.at = _counting(share, book, now) + seconds, now


def used(session: Session, requesters: Collection[str], book: Book) -> dict[str, float]:
    """Return the GPU seconds of each requester as they count now; who had none is left out."""
    now = datetime.now(UTC)
    shares = session.scalars(select(GpuShare).where(GpuShare.requester.in_(requesters)))
    return {share.requester: _counting(share, book, now) for share in shares}


def _counting(share: GpuShare, book: Book, now: datetime) -> float:
    half_life = timedelta(seconds=book.settings.half_life)
    return decayed(share.seconds, age=now - share.at, half_life=half_life)
