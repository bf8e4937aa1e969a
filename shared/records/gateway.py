"""The gateway's tables: API keys, wishes for pictures, and answers kept for repeated requests."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from shared.records.base import Base


class ApiKey(Base):
    """A key of one client; only its hash is kept."""

    __tablename__ = "api_keys"

    key_id: Mapped[str] = mapped_column(String(32), primary_key=True)
    secret_hash: Mapped[str] = mapped_column(String(64), unique=True, doc="SHA-256 of the key")
    name: Mapped[str] = mapped_column(String(120))
    role: Mapped[str] = mapped_column(String(16), doc="user or admin")
    created_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]


class Wish(Base):
    """A picture someone asked for; ``generation.Job`` says how far it is."""

    __tablename__ = "wishes"

    job_id: Mapped[str] = mapped_column(String(32), primary_key=True)
    key_id: Mapped[str] = mapped_column(String(32), index=True)
    wish: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]
    cancelled_at: Mapped[datetime | None]


class Answer(Base):
    """What a POST with an idempotency key was answered, to be said again."""

    __tablename__ = "answers"

    key_id: Mapped[str] = mapped_column(String(32), primary_key=True)
    idempotency_key: Mapped[str] = mapped_column(String(80), primary_key=True)
    request_hash: Mapped[str] = mapped_column(String(64))
    status: Mapped[int] = mapped_column(Integer)
    body: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]
