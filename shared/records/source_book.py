"""Adding, finding, pausing and removing sources: for the command line and for HTTP."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from shared.errors import UsageError
from shared.records.sources import FoundItem, HashtagSlot, ScheduledSource, SourceCursor
from shared.source_calls import Allowance, Asked
from shared.source_kinds import (
    HASHTAG_LIMIT,
    HASHTAG_SAFETY,
    HASHTAG_WINDOW,
    KINDS,
    SourceSpec,
)


def add_source(session: Session, spec: SourceSpec, *, now: datetime) -> ScheduledSource:
    """Add a source; it is due at once. UsageError where its name is taken."""
    if session.get(ScheduledSource, spec.name) is not None:
        raise UsageError(
            f"there is a source {spec.name} already; take another name, or remove that one",
            text_ko=f"출처 {spec.name}이(가) 이미 있습니다. 다른 이름을 쓰거나 먼저 지우세요",
            reason="source_exists",
        )
    source = ScheduledSource(
        name=spec.name,
        kind=spec.kind,
        spec=spec.model_dump(mode="json", exclude_none=True),
        created_at=now,
        due_at=now,
        failures=0,
        found=0,
        taken=0,
        refused=0,
        videos=0,
        withheld=0,
    )
    session.add(source)
    session.flush()
    return source


def list_sources(session: Session) -> Sequence[ScheduledSource]:
    """Return all sources by name."""
    return session.scalars(select(ScheduledSource).order_by(ScheduledSource.name)).all()


def find_source(session: Session, name: str) -> ScheduledSource:
    """Return a source; UsageError where there is none of that name."""
    source = session.get(ScheduledSource, name)
    if source is None:
        raise UsageError(
            f"there is no source {name}; see `mapsi sources list`",
            text_ko=f"출처가 없습니다: {name}. `mapsi sources list`를 보세요",
            reason="unknown_source_name",
        )
    return source


def spec_of(source: ScheduledSource) -> SourceSpec:
    """Return what a person said of the source."""
    return SourceSpec.model_validate(source.spec)


def pace_of(source: ScheduledSource) -> timedelta:
    """Return how often the source is looked at."""
    minutes = spec_of(source).every_minutes or KINDS[source.kind].every_minutes
    return timedelta(minutes=minutes)


@dataclass(frozen=True)
class Quota:
    """What a platform lets us ask for, as far as we keep the book."""

    limit: int
    used: int
    resets_at: datetime | None
    """When the next of what is used comes free; None: nothing is used."""


def quota_of(session: Session, source: ScheduledSource, *, now: datetime) -> Quota | None:
    """Return an Instagram account's unique hashtags of seven days; None for other kinds."""
    if source.kind != "instagram":
        return None
    opened = HashtagSlot.opened_at
    window = HASHTAG_WINDOW + HASHTAG_SAFETY
    mine = HashtagSlot.account == (spec_of(source).user_id or "")
    moments = session.scalars(select(opened).where(mine, opened > now - window)).all()
    return Quota(HASHTAG_LIMIT, len(moments), min(moments) + window if moments else None)


@dataclass(frozen=True)
class Calls:
    """How often a source was asked today, and what its platform told of that last."""

    today: int
    """Pages asked for since midnight, UTC."""
    allowance: Allowance | None
    """None: it told nothing so far."""


def calls_of(session: Session, source: ScheduledSource, *, now: datetime) -> Calls:
    """Return the calls of a source, all its hashtags together."""
    places = select(SourceCursor.position).where(SourceCursor.source == source.name)
    asked = [Asked.model_validate(at.get("asked", {})) for at in session.scalars(places)]
    told = [one.allowance for one in asked if one.allowance]
    return Calls(
        today=sum(one.calls_on(now.date()) for one in asked),
        allowance=max(told, key=lambda one: one.told_at, default=None),
    )


State = Literal["active", "resting", "failing", "paused"]
"""active: at work, or due; resting: until its next look; failing: its last look had trouble."""


def source_state(source: ScheduledSource, *, now: datetime) -> State:
    """Return how a source is, in a word."""
    if source.paused_at is not None:
        return "paused"
    if source.error is not None:
        return "failing"
    return "active" if source.due_at <= now else "resting"


def pause_source(session: Session, name: str, *, now: datetime, reason: str = "asked") -> None:
    """Let a source rest until it is resumed; the others go on."""
    source = find_source(session, name)
    source.paused_at = source.paused_at or now
    source.pause_reason = reason


def resume_source(session: Session, name: str, *, now: datetime) -> None:
    """Let a paused source go on from where it was, now."""
    source = find_source(session, name)
    source.paused_at = source.pause_reason = source.error = source.error_ko = None
    source.failures = 0
    source.due_at = now


def remove_source(session: Session, name: str) -> None:
    """Forget a source and how far it was read. The posts it brought stay."""
    session.delete(find_source(session, name))
    session.execute(delete(SourceCursor).where(SourceCursor.source == name))
    session.execute(delete(FoundItem).where(FoundItem.source == name))
