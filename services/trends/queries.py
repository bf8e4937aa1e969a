"""Why a trend table is empty."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shared.records.ingestion import Photo
from shared.records.trends import Settlement


@dataclass(frozen=True)
class Progress:
    """How far the stored photos are."""

    photos: int
    analyzed: int
    not_fashion: int
    failed: int

    @property
    def under_way(self) -> int:
        """Photos that reached no end yet."""
        return max(0, self.photos - self.analyzed - self.not_fashion - self.failed)


def progress(session: Session) -> Progress:
    """Count the photos by how they ended; reads the whole ledger, so only for empty tables."""
    ended = dict(
        session.execute(
            select(Settlement.outcome, func.count()).group_by(Settlement.outcome)
        ).tuples()
    )
    return Progress(
        photos=session.scalar(select(func.count()).select_from(Photo)) or 0,
        analyzed=ended.get("analyzed", 0),
        not_fashion=ended.get("not_fashion", 0),
        failed=ended.get("failed", 0),
    )
