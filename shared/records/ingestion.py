"""Ingestion's tables: one row a photo, one a post, one a refusal."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import (
    BigInteger,
    Boolean,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Text,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from shared.records.base import Base


class Photo(Base):
    """A stored photo. ``trends.Settlement`` says how it ended; none there: still under way."""

    __tablename__ = "photos"

    photo_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    key: Mapped[str] = mapped_column(String(255))
    width: Mapped[int] = mapped_column(Integer)
    height: Mapped[int] = mapped_column(Integer)
    perceptual_hash: Mapped[int] = mapped_column(BigInteger, doc="64-bit pHash, as signed")
    fine_hash: Mapped[bytes] = mapped_column(LargeBinary(32), doc="256-bit pHash, big-endian")
    look_id: Mapped[str] = mapped_column(String(64), index=True, doc="the first near-duplicate")
    posted_at: Mapped[datetime]
    source: Mapped[str] = mapped_column(String(64))
    author: Mapped[str | None] = mapped_column(String(32), doc="keyed hash")
    received_at: Mapped[datetime] = mapped_column(index=True, doc="no two photos have the same")
    published_at: Mapped[datetime | None] = mapped_column(
        index=True, doc="last time it was announced"
    )
    attempts: Mapped[int] = mapped_column(Integer, default=0, doc="announcements so far")
    generation: Mapped[int] = mapped_column(
        Integer, default=0, server_default="0", doc="grows when its analysis is asked for anew"
    )
    catalogued: Mapped[bool] = mapped_column(
        Boolean,
        default=False,
        server_default=text("false"),
        doc="an item's photo of a shop that nobody has posted: no look, in no count",
    )
    closed_at: Mapped[datetime | None] = mapped_column(doc="when ingestion saw its settlement")
    last_error: Mapped[str | None] = mapped_column(Text)
    buried_at: Mapped[datetime | None]
    buried_reason: Mapped[str | None] = mapped_column(Text)
    # The photos under way: few, however many there ever were.
    __table_args__ = (
        Index(
            "ix_photos_open",
            "published_at",
            sqlite_where=text("closed_at IS NULL AND buried_at IS NULL"),
            postgresql_where=text("closed_at IS NULL AND buried_at IS NULL"),
        ),
        # Partial too: a whole one would be taken for `buried_at IS NULL`, which is nearly all.
        Index(
            "ix_photos_buried_at",
            "buried_at",
            sqlite_where=text("buried_at IS NOT NULL"),
            postgresql_where=text("buried_at IS NOT NULL"),
        ),
    )


class Post(Base):
    """One appearance of a photo somewhere; a repost is a post, not a new look."""

    __tablename__ = "posts"

    post_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    photo_id: Mapped[str] = mapped_column(ForeignKey("photos.photo_id"), index=True)
    source: Mapped[str] = mapped_column(String(64))
    url: Mapped[str | None] = mapped_column(Text)
    author: Mapped[str | None] = mapped_column(String(32), index=True)
    posted_at: Mapped[datetime]
    hashtags: Mapped[list[str]]
    likes: Mapped[int | None] = mapped_column(Integer)
    licence: Mapped[str | None] = mapped_column(String(120))
    credit: Mapped[str | None] = mapped_column(
        String(200), doc="the author's name, only where the licence asks that it be shown"
    )


class Refusal(Base):
    """Something that could not be ingested, and why: the last word on each name."""

    __tablename__ = "refusals"

    refusal_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    name: Mapped[str] = mapped_column(Text, doc="file, row or URL")
    source: Mapped[str] = mapped_column(String(64))
    reason: Mapped[str] = mapped_column(String(40), doc="the error's reason code")
    text: Mapped[str] = mapped_column(Text, doc="what a person reads, in English")
    text_ko: Mapped[str] = mapped_column(Text, doc="the same in Korean")
    refused_at: Mapped[datetime]
    __table_args__ = (
        Index("ix_refusals_source_refused_at", "source", "refused_at"),
        Index("ix_refusals_source_name", "source", "name"),
    )
