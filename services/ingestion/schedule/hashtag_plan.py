"""Which hashtags a source is asked for now, with Instagram's quota kept in the database."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from services.ingestion.schedule.quota import SAFETY, WINDOW, Plan, Wish, plan
from services.ingestion.settings import IngestionSettings
from services.ingestion.sources.hashtags import read_hashtags, weights_of
from shared.records.source_book import find_source, spec_of
from shared.records.sources import HashtagSlot, ScheduledSource, SourceCursor


def wanted(
    session: Session, source: ScheduledSource, settings: IngestionSettings, *, now: datetime
) -> list[str]:
    """Return the hashtags to ask for now; those with the greatest weight first."""
    if source.kind == "feed":
        return [""]
    if source.kind == "instagram":
        return list(plan_of(session, source, settings, now=now).chosen)
    weights = weights_for(source, settings)
    return sorted(weights, key=lambda hashtag: -weights[hashtag])


def plan_of(
    session: Session, source: ScheduledSource, settings: IngestionSettings, *, now: datetime
) -> Plan:
    """Return how an Instagram source's quota is spent now."""
    cursors = session.execute(
        select(SourceCursor.hashtag, SourceCursor.looked_at).where(
            SourceCursor.source == source.name
        )
    )
    looks = {row.hashtag: row.looked_at for row in cursors}
    weights = weights_for(source, settings)
    wishes = [Wish(tag, weight, looks.get(tag)) for tag, weight in weights.items()]
    slots = session.execute(
        select(HashtagSlot.hashtag, HashtagSlot.opened_at).where(
            HashtagSlot.account == _account(source)
        )
    )
    return plan(wishes, {row.hashtag: row.opened_at for row in slots}, now=now)


def weights_for(source: ScheduledSource, settings: IngestionSettings) -> dict[str, float]:
    """Return a source's hashtags and their weights: its own, else those of the file."""
    named = spec_of(source).hashtags
    known = read_hashtags(settings.hashtags)
    return known if named is None else weights_of(named, known)


def open_slot(session: Session, source: ScheduledSource, hashtag: str, *, now: datetime) -> None:
    """Write down that a hashtag of the quota is spent, before it is: a crash must not hide it."""
    if source.kind != "instagram":
        return
    account = _account(source)
    slot = session.get(HashtagSlot, (account, hashtag))
    if slot is None:
        session.add(HashtagSlot(account=account, hashtag=hashtag, opened_at=now))
    elif slot.opened_at + WINDOW + SAFETY <= now:
        slot.opened_at = now


def close_slot(session: Session, name: str, hashtag: str) -> None:
    """Take back a slot that the platform did not grant."""
    account = _account(find_source(session, name))
    session.execute(
        delete(HashtagSlot).where(HashtagSlot.account == account, HashtagSlot.hashtag == hashtag)
    )


def _account(source: ScheduledSource) -> str:
    return spec_of(source).user_id or ""
