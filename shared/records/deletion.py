"""Ingestion's tables of what was deleted: the orders, and the hashes that keep it from coming back.

Neither says whose posts they were once an order is done.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, Integer, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from shared.records.base import Base


class Deletion(Base):
    """An order to delete the posts of one target, how far it is, and afterwards its audit line."""

    __tablename__ = "deletions"

    deletion_id: Mapped[str] = mapped_column(String(32), primary_key=True)
    kind: Mapped[str] = mapped_column(String(16), doc="post, author or source")
    target: Mapped[str] = mapped_column(
        Text, doc="as it was asked for, then in the form of the tables; empty once it is done"
    )
    state: Mapped[str] = mapped_column(String(16), doc="asked, counted, running or done")
    requested_by: Mapped[str] = mapped_column(String(32), doc="id of an API key, or cli")
    created_at: Mapped[datetime]
    touched_at: Mapped[datetime] = mapped_column(doc="last step; a later one takes it up again")
    done_at: Mapped[datetime | None]
    posts_found: Mapped[int] = mapped_column(Integer, default=0)
    photos_found: Mapped[int] = mapped_column(Integer, default=0)
    posts: Mapped[int] = mapped_column(Integer, default=0, doc="deleted so far")
    photos: Mapped[int] = mapped_column(Integer, default=0, doc="deleted so far")
    __table_args__ = (
        Index(
            "ix_deletions_open",
            "touched_at",
            sqlite_where=text("state = 'running'"),
            postgresql_where=text("state = 'running'"),
        ),
    )


class Tombstone(Base):
    """A SHA-256 that keeps something deleted from being taken in, or counted, again.

    ``photo``: its id. ``post``: its id. ``link``, ``author``: a hash of the post's address, of the
    pseudonym. ``changed``: id of a photo that stays under another post or look.
    """

    __tablename__ = "tombstones"

    kind: Mapped[str] = mapped_column(String(8), primary_key=True)
    hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    deletion_id: Mapped[str] = mapped_column(String(32))
    created_at: Mapped[datetime]
    swept_at: Mapped[datetime | None] = mapped_column(
        doc="when nothing of it was left; always set where there is nothing to sweep"
    )
    __table_args__ = (
        Index(
            "ix_tombstones_unswept",
            "deletion_id",
            sqlite_where=text("swept_at IS NULL"),
            postgresql_where=text("swept_at IS NULL"),
        ),
    )
