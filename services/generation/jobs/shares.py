"""How much was drawn for each requester, of which what was long ago counts less."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import UTC, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.generation.domain import decayed
from services.generation.jobs.book import Book
from shared.records.generation import GpuShare, Job


def charge(session: Session, jobs: Sequence[Job], book: Book) -> None:
    """Charge each job's cost to its requester: it goes to the GPU."""
    for job in jobs:
        _add(session, job.requester, job.cost, book)


def refund(session: Session, job: Job, book: Book) -> None:
    """Give back what a job was charged: nothing came of it, and it goes there again."""
    _add(session, job.requester, -job.cost, book)


def had(session: Session, requesters: Collection[str], book: Book) -> dict[str, float]:
    """Return what each requester has had, as it counts now; who had nothing is left out."""
    now = datetime.now(UTC)
    shares = session.scalars(select(GpuShare).where(GpuShare.requester.in_(requesters)))
    return {share.requester: _counting(share, book, now) for share in shares}


def _add(session: Session, requester: str, cost: float, book: Book) -> None:
    now = datetime.now(UTC)
    book.database.alone(session, f"gpu share {requester}")
    share = session.get(GpuShare, requester, populate_existing=True)
    if share is None:
        session.add(GpuShare(requester=requester, pictures=max(0.0, cost), at=now))
        session.flush()
    else:
        share.pictures, share.at = max(0.0, _counting(share, book, now) + cost), now


def _counting(share: GpuShare, book: Book, now: datetime) -> float:
    half_life = timedelta(seconds=book.settings.half_life)
    return decayed(share.pictures, age=now - share.at, half_life=half_life)
