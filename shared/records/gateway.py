"""The gateway's tables: API keys, browsers, uploads, wishes for pictures, answers said again."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from shared.records.base import Base


class ApiKey(Base):
    """A key of one client; only its hash is kept."""

    __tablename__ = "api_keys"

    key_id: Mapped[str] = mapped_column(String(32), primary_key=True)
    secret_hash: Mapped[str] = mapped_column(String(64), unique=True, doc="SHA-256 of the key")
    name: Mapped[str] = mapped_column(String(120))
    role: Mapped[str] = mapped_column(String(16), doc="user, admin or guest")
    created_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]


class Upload(Base):
    """A photo that a key sent; ``ingestion.Photo`` says that it arrived."""

    __tablename__ = "uploads"

    photo_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    key_id: Mapped[str] = mapped_column(String(32), primary_key=True)
    object_key: Mapped[str] = mapped_column(String(255), doc="where the bytes wait")
    name: Mapped[str] = mapped_column(String(255), doc="the client's file name")
    posted_at: Mapped[datetime]
    created_at: Mapped[datetime] = mapped_column(index=True)
    published_at: Mapped[datetime | None] = mapped_column(doc="last time it was announced")
    publications: Mapped[int] = mapped_column(Integer, default=0, doc="announcements so far")
    __table_args__ = (Index("ix_uploads_key_id_created_at", "key_id", "created_at"),)


class Wish(Base):
    """A picture someone asked for; ``generation.Job`` says how far it is."""

    __tablename__ = "wishes"

    job_id: Mapped[str] = mapped_column(String(32), primary_key=True)
    key_id: Mapped[str] = mapped_column(String(32), index=True)
    wish: Mapped[dict[str, Any]]
    created_at: Mapped[datetime] = mapped_column(index=True)
    deadline: Mapped[datetime]
    cancelled_at: Mapped[datetime | None]
    published_at: Mapped[datetime | None] = mapped_column(doc="last time it was announced")
    publications: Mapped[int] = mapped_column(Integer, default=0, doc="announcements so far")


class Answer(Base):
    """What a POST with an idempotency key was answered, to be said again."""

    __tablename__ = "answers"

    key_id: Mapped[str] = mapped_column(String(32), primary_key=True)
    idempotency_key: Mapped[str] = mapped_column(String(80), primary_key=True)
    request_hash: Mapped[str] = mapped_column(String(64))
    status: Mapped[int] = mapped_column(Integer)
    body: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]


class PageSession(Base):
    """A browser that may use a key; only the hash of its token is kept, and never the key."""

    __tablename__ = "page_sessions"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True, doc="SHA-256")
    key_id: Mapped[str] = mapped_column(String(32), index=True)
    kind: Mapped[str] = mapped_column(
        String(16), doc="session: a cookie's; ticket: opens one session, once"
    )
    created_at: Mapped[datetime]
    used_at: Mapped[datetime] = mapped_column(index=True, doc="to the day")
