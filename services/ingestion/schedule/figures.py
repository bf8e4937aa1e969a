"""What the metrics tell of scheduled sources."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from shared import metrics
from shared.records import Database
from shared.records.source_book import quota_of
from shared.records.sources import ScheduledSource


def show_sources(database: Database, *, now: datetime) -> None:
    """Tell which sources are paused, and what is left of the quota of those that have one."""
    with database.reading() as session:
        for source in session.scalars(select(ScheduledSource)):
            paused, quota = source.paused_at is not None, quota_of(session, source, now=now)
            metrics.SOURCE_PAUSED.labels(source.name).set(int(paused))
            if quota:
                left = max(0, quota.limit - quota.used)
                metrics.SOURCE_QUOTA_REMAINING.labels(source.name).set(left)
