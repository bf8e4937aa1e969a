"""Shops' feeds, and their items with what was seen on the photos; ingestion writes the items."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Boolean, Index, Integer, LargeBinary, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from shared.records.base import Base


class ShopFeed(Base):
    """A shop's feed and how it is; the gateway adds and removes those that are on a schedule."""

    __tablename__ = "shop_feeds"

    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    place: Mapped[str] = mapped_column(Text, doc="URL, or the file of `mapsi ingest --shop`")
    form: Mapped[str | None] = mapped_column(String(8), doc="tsv, xml or jsonl; null: told by it")
    every_minutes: Mapped[int | None] = mapped_column(Integer, doc="null: only by command")
    created_at: Mapped[datetime]
    due_at: Mapped[datetime | None] = mapped_column(index=True, doc="when to read it next")
    leased_until: Mapped[datetime | None] = mapped_column(doc="a process is at work on it")
    read_at: Mapped[datetime | None] = mapped_column(doc="when the last reading ended well")
    content_hash: Mapped[str | None] = mapped_column(String(64), doc="SHA-256 of what was read")
    failures: Mapped[int] = mapped_column(Integer, default=0, doc="in a row")
    error: Mapped[str | None] = mapped_column(Text, doc="the last one, until a reading ends well")
    error_ko: Mapped[str | None] = mapped_column(Text)
    figures: Mapped[dict[str, Any]] = mapped_column(doc="of the last reading, by outcome")
    version: Mapped[int] = mapped_column(
        Integer, default=0, doc="grows with every change of an item that a catalogue would show"
    )


class ShopItem(Base):
    """An article of a feed, and what was seen on its photo. One that is gone stays, as gone."""

    __tablename__ = "shop_items"

    item_id: Mapped[str] = mapped_column(String(24), primary_key=True)
    feed: Mapped[str] = mapped_column(String(64))
    offer_id: Mapped[str] = mapped_column(String(100), doc="the shop's own id")
    fingerprint: Mapped[str] = mapped_column(String(32), doc="of all that the feed says of it")
    offer: Mapped[dict[str, Any]] = mapped_column(doc="services.ingestion.shop.offers.Offer")
    gone: Mapped[bool] = mapped_column(Boolean, default=False, doc="the feed lists it no more")
    image: Mapped[str] = mapped_column(Text, doc="the photo's URL, or its path beside the feed")
    # The photo on its way into the store.
    photo_state: Mapped[str] = mapped_column(String(16), doc="waiting, taken or refused")
    photo_attempts: Mapped[int] = mapped_column(Integer, default=0)
    photo_due_at: Mapped[datetime | None]
    photo_error: Mapped[str | None] = mapped_column(Text)
    photo_error_ko: Mapped[str | None] = mapped_column(Text)
    photo_id: Mapped[str | None] = mapped_column(String(64), index=True)
    # What was seen on it.
    seen: Mapped[str | None] = mapped_column(String(255), doc="the analysis that this is from")
    category: Mapped[str | None] = mapped_column(String(32))
    garment: Mapped[int | None] = mapped_column(Integer, doc="which of the analysis")
    looks: Mapped[dict[str, Any]] = mapped_column(doc="colors, pattern, styles")
    embedding: Mapped[bytes | None] = mapped_column(LargeBinary, doc="int8, of unit length")
    note: Mapped[str | None] = mapped_column(Text, doc="where feed and photo disagree")
    version: Mapped[int] = mapped_column(Integer, doc="the feed's when this row last changed")
    first_seen_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    __table_args__ = (
        Index("ix_shop_items_feed_offer_id", "feed", "offer_id", unique=True),
        Index("ix_shop_items_feed_version", "feed", "version"),
        Index(
            "ix_shop_items_waiting",
            "feed",
            "photo_due_at",
            sqlite_where=text("photo_state = 'waiting'"),
            postgresql_where=text("photo_state = 'waiting'"),
        ),
    )
