"""Scheduled sources as the API tells of them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from services.gateway.domain import Language
from services.gateway.views import example
from shared.records.source_book import Calls, Quota, State, pace_of, source_state, spec_of
from shared.records.sources import ScheduledSource
from shared.source_kinds import KINDS, KindName, SourceSpec

_SPEC: dict[str, Any] = {
    "name": "fashion-town",
    "kind": "mastodon",
    "url": "https://fashion.town",
    "hashtags": ["ootd", "코디"],
}


_SOURCE: dict[str, Any] = {
    **_SPEC,
    "user_id": None,
    "every_minutes": 15,
    "state": "paused",
    "pause_reason": "token",
    "error": "source fashion-town: its token is missing, expired or not allowed to "
    "(HTTP 401); put a good one under fashion-town in MAPSI_INGESTION_TOKENS, restart, "
    "then `mapsi sources resume fashion-town`",
    "created_at": "2026-03-01T09:00:00Z",
    "looked_at": "2026-03-02T09:15:00Z",
    "due_at": "2026-03-02T09:30:00Z",
    "calls_today": 42,
    "allowance": {
        "limit": 300,
        "remaining": 287,
        "resets_at": "2026-03-02T09:20:00Z",
        "told_at": "2026-03-02T09:15:00Z",
    },
    "limits": "300 calls in 5 minutes, unless the instance has its own limit",
    "figures": {"found": 120, "taken": 117, "refused": 3, "videos": 9, "withheld": 2},
    "licence": "author's own; see permalink",
    "terms": "The instance's own rules (its /about page). …",
}


class SourceIn(SourceSpec):
    """A source that is to be read on a schedule. Its token is a setting, never sent here."""

    model_config = ConfigDict(frozen=True, extra="forbid", json_schema_extra={"examples": [_SPEC]})


class SourceChange(BaseModel):
    """What can be changed: whether it rests."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", json_schema_extra={"examples": [{"paused": True}]}
    )

    paused: bool


class SourceFigures(BaseModel):
    """What the source brought since it was added, each photo and video once."""

    found: int
    taken: int
    refused: int
    videos: int = Field(description="counted, not taken in")
    withheld: int = Field(description="their authors or the platform ask not to show them")


class QuotaView(BaseModel):
    """What the platform lets us ask for: Instagram's unique hashtags in seven days."""

    limit: int
    used: int
    resets_at: datetime | None = Field(description="when the next of them comes free")


class AllowanceView(BaseModel):
    """What the platform's last answer told of the calls that it lets us make."""

    limit: int = Field(description="calls in its window")
    remaining: int
    resets_at: datetime | None = Field(description="when all of them are free again")
    told_at: datetime


class SourceView(BaseModel):
    """A scheduled source and how it is."""

    name: str
    kind: KindName
    url: str | None
    user_id: str | None
    hashtags: list[str] | None = Field(description="null: those of the hashtags file")
    every_minutes: float
    state: State
    pause_reason: str | None = Field(description="asked, or token: it needs a new one")
    error: str | None = Field(description="the last look's trouble, with the fix")
    created_at: datetime
    looked_at: datetime | None
    due_at: datetime
    figures: SourceFigures
    quota: QuotaView | None = Field(
        default=None, description="null: the platform tells its own by its answers, and is obeyed"
    )
    calls_today: int = Field(default=0, description="pages asked for since midnight, UTC")
    allowance: AllowanceView | None = Field(
        default=None, description="null: it told nothing of it so far"
    )
    limits: str = Field(
        default="", description="how often it may be asked, as the platform documents it"
    )
    licence: str = Field(description="kept with each post that names none of its own")
    terms: str = Field(description="what the platform allows, in short")

    model_config = example(_SOURCE)


class SourcePage(BaseModel):
    """Sources by name."""

    sources: list[SourceView]
    next: str | None = Field(description="cursor of the next page; null: this was the last")

    model_config = example({"sources": [_SOURCE], "next": None})


def source_view(
    source: ScheduledSource,
    *,
    language: Language,
    now: datetime,
    calls: Calls,
    quota: Quota | None = None,
) -> SourceView:
    """Return a source as clients see it."""
    spec, kind, told = spec_of(source), KINDS[source.kind], calls.allowance
    return SourceView(
        name=source.name,
        kind=kind.name,
        url=spec.url or kind.url,
        user_id=spec.user_id,
        hashtags=list(spec.hashtags) if spec.hashtags else None,
        every_minutes=pace_of(source).total_seconds() / 60,
        state=source_state(source, now=now),
        pause_reason=source.pause_reason,
        error=source.error_ko if language == "ko" else source.error,
        created_at=source.created_at,
        looked_at=source.looked_at,
        due_at=source.due_at,
        figures=SourceFigures.model_validate(source, from_attributes=True),
        quota=QuotaView.model_validate(quota, from_attributes=True) if quota else None,
        calls_today=calls.today,
        allowance=AllowanceView.model_validate(told, from_attributes=True) if told else None,
        limits=kind.limits_ko if language == "ko" else kind.limits,
        licence=kind.licence,
        terms=kind.terms_ko if language == "ko" else kind.terms,
    )
