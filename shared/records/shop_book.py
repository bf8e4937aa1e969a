"""Adding, finding, claiming and removing shops' feeds: for the command line and for HTTP."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from shared.errors import UsageError
from shared.records.ingestion import Refusal
from shared.records.items import ShopFeed, ShopItem

Form = Literal["tsv", "xml", "jsonl"]
State = Literal["active", "resting", "failing", "paused", "by_command"]
"""active: at work, or due; resting: until its next reading; failing: its last one had trouble;
paused: it has a schedule, but is not due until somebody lets it go on."""

_PREFIX: Final = "shop:"


class FeedSpec(BaseModel):
    """A feed that is to be read on a schedule."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(
        pattern=r"^[a-z0-9][a-z0-9._-]{0,39}$", description="the shop's name; of your choice"
    )
    url: str = Field(
        pattern=r"^https://[^\s\"<>\\]+$", max_length=2000, description="the feed; https"
    )
    format: Form | None = Field(default=None, description="null: told by how it begins")
    every_minutes: int = Field(default=60, ge=5, le=10_080, description="how often it is read")


def source_of(feed: str) -> str:
    """Return what photos and refusals of a feed name as their source."""
    return f"{_PREFIX}{feed}"


def add_feed(session: Session, spec: FeedSpec, *, now: datetime) -> ShopFeed:
    """Add a feed, due at once; one that only commands read so far gets a schedule.

    UsageError where there is one of that name with a schedule.
    """
    known = session.get(ShopFeed, spec.name)
    if known is not None and known.every_minutes is not None:
        raise UsageError(
            f"there is a feed {spec.name} already; take another name, or remove that one",
            text_ko=f"피드 {spec.name}이(가) 이미 있습니다. 다른 이름을 쓰거나 먼저 지우세요",
            reason="feed_exists",
        )
    feed = known or new_feed(session, spec.name, place=spec.url, now=now)
    feed.place, feed.form, feed.every_minutes = spec.url, spec.format, spec.every_minutes
    feed.due_at, feed.content_hash = now, None
    session.flush()
    return feed


def new_feed(session: Session, name: str, *, place: str, now: datetime) -> ShopFeed:
    """Write a feed without a schedule."""
    feed = ShopFeed(
        name=name, place=place, created_at=now, failures=0, figures={}, version=0
    )  # fmt: skip
    session.add(feed)
    session.flush()
    return feed


def list_feeds(session: Session) -> Sequence[ShopFeed]:
    """Return all feeds by name."""
    return session.scalars(select(ShopFeed).order_by(ShopFeed.name)).all()


def feed_state(feed: ShopFeed, *, now: datetime) -> State:
    """Return how a feed is, in a word."""
    if feed.due_at is None:
        return "by_command" if feed.every_minutes is None else "paused"
    if feed.error is not None:
        return "failing"
    return "active" if feed.due_at <= now else "resting"


def pause_feed(feed: ShopFeed) -> None:
    """Let a feed rest until it is resumed; UsageError where it has no schedule."""
    _check_schedule(feed)
    feed.due_at = None


def resume_feed(feed: ShopFeed, *, now: datetime) -> None:
    """Let a paused feed be read again, now; UsageError where it has no schedule."""
    _check_schedule(feed)
    feed.due_at = feed.due_at or now


def _check_schedule(feed: ShopFeed) -> None:
    if feed.every_minutes is None:
        raise UsageError(
            f"feed {feed.name} has no schedule; only `mapsi ingest --shop` reads it",
            text_ko=f"피드 {feed.name}에는 주기가 없습니다. `mapsi ingest --shop`으로만 읽습니다",
            reason="feed_without_schedule",
        )


def refusals_of(session: Session, feed: str, *, limit: int) -> Sequence[Refusal]:
    """Return what is wrong with lines and photos of a feed, the latest first."""
    query = select(Refusal).where(Refusal.source == source_of(feed))
    return session.scalars(query.order_by(Refusal.refusal_id.desc()).limit(limit)).all()


def disagreements_of(session: Session, feed: str, *, limit: int) -> Sequence[ShopItem]:
    """Return items of which the feed and the photo say different things."""
    query = select(ShopItem).where(
        ShopItem.feed == feed, ShopItem.note.is_not(None), ShopItem.gone.is_(False)
    )
    return session.scalars(query.order_by(ShopItem.offer_id).limit(limit)).all()


def grow_version(session: Session, feed: str) -> int:
    """Return the next version of a feed's items; holds the feed until the transaction ends."""
    query = (
        update(ShopFeed)
        .where(ShopFeed.name == feed)
        .values(version=ShopFeed.version + 1)
        .returning(ShopFeed.version)
        .execution_options(synchronize_session=False)
    )
    return session.scalar(query) or 0


def remove_feed(session: Session, feed: ShopFeed) -> None:
    """Forget a feed and its items. Their photos stay in the store, and are shown to nobody."""
    session.execute(delete(ShopItem).where(ShopItem.feed == feed.name))
    session.execute(delete(Refusal).where(Refusal.source == source_of(feed.name)))
    session.delete(feed)
