"""Sources that are read on a schedule: how far each is, what it found, what its quota has left."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index, Integer, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from shared.records.base import Base


class ScheduledSource(Base):
    """A source and how it is; ``posts.source`` is its name."""

    __tablename__ = "sources"

    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    kind: Mapped[str] = mapped_column(String(16))
    spec: Mapped[dict[str, Any]] = mapped_column(doc="shared.source_kinds.SourceSpec")
    created_at: Mapped[datetime]
    due_at: Mapped[datetime] = mapped_column(index=True, doc="when to look at it next")
    leased_until: Mapped[datetime | None] = mapped_column(doc="a process is at work on it")
    round_at: Mapped[datetime | None] = mapped_column(doc="when the look under way began")
    looked_at: Mapped[datetime | None] = mapped_column(doc="when the last look ended")
    failures: Mapped[int] = mapped_column(Integer, default=0, doc="in a row")
    error: Mapped[str | None] = mapped_column(Text, doc="the last one, until a look ends well")
    error_ko: Mapped[str | None] = mapped_column(Text)
    paused_at: Mapped[datetime | None]
    pause_reason: Mapped[str | None] = mapped_column(String(40), doc="asked, or token")
    # Photos and posts since the source was added, each counted once.
    found: Mapped[int] = mapped_column(Integer, default=0)
    taken: Mapped[int] = mapped_column(Integer, default=0)
    refused: Mapped[int] = mapped_column(Integer, default=0)
    videos: Mapped[int] = mapped_column(Integer, default=0)
    withheld: Mapped[int] = mapped_column(Integer, default=0)


class SourceCursor(Base):
    """How far a source is read for one hashtag (a feed has one, the empty one)."""

    __tablename__ = "source_cursors"

    source: Mapped[str] = mapped_column(String(64), primary_key=True)
    hashtag: Mapped[str] = mapped_column(String(100), primary_key=True)
    position: Mapped[dict[str, Any]] = mapped_column(doc="services.ingestion.schedule.walks.Walk")
    looked_at: Mapped[datetime | None] = mapped_column(doc="when its last walk ended")
    error: Mapped[str | None] = mapped_column(Text, doc="of this hashtag alone")
    error_ko: Mapped[str | None] = mapped_column(Text)


class FoundItem(Base):
    """A photo (or video) that a source listed, so that it is taken in once.

    What waits keeps what was said of it; afterwards only the hash stays.
    """

    __tablename__ = "found_items"

    source: Mapped[str] = mapped_column(String(64), primary_key=True)
    item_id: Mapped[str] = mapped_column(
        String(64), primary_key=True, doc="SHA-256 of the platform's ids of post and photo"
    )
    state: Mapped[str] = mapped_column(String(16), doc="waiting, taken, refused, video or withheld")
    found: Mapped[dict[str, Any] | None] = mapped_column(doc="while waiting")
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    due_at: Mapped[datetime] = mapped_column(doc="when to fetch it next")
    seen_at: Mapped[datetime] = mapped_column(doc="when it was last listed")
    __table_args__ = (
        Index(
            "ix_found_items_waiting",
            "source",
            "due_at",
            sqlite_where=text("state = 'waiting'"),
            postgresql_where=text("state = 'waiting'"),
        ),
        Index("ix_found_items_seen_at", "seen_at"),
    )


class HashtagSlot(Base):
    """One of the unique hashtags that an Instagram account may ask for in seven days.

    It outlives its source: the quota is the account's.
    """

    __tablename__ = "hashtag_slots"

    account: Mapped[str] = mapped_column(String(64), primary_key=True)
    hashtag: Mapped[str] = mapped_column(String(100), primary_key=True)
    opened_at: Mapped[datetime] = mapped_column(doc="first asked for; it counts from here")
