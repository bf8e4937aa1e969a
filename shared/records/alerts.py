"""Rules that watch the trend and what they said; and named queries.

``alert_rules`` and ``saved_views`` are the gateway's and its command's, ``alert_firings`` are
trends'.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import Date, Index, Integer, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from shared.records.base import Base


class AlertRule(Base):
    """A rule and where it reports to."""

    __tablename__ = "alert_rules"

    rule_id: Mapped[str] = mapped_column(String(32), primary_key=True)
    key_id: Mapped[str] = mapped_column(String(32), index=True, doc="id of an API key, or cli")
    rule: Mapped[dict[str, Any]] = mapped_column(doc="shared.alerts.rules.Rule")
    secret: Mapped[str | None] = mapped_column(String(80), doc="signs the webhook")
    created_at: Mapped[datetime]


class AlertFiring(Base):
    """What a rule said about a week: once, whoever evaluates it."""

    __tablename__ = "alert_firings"

    rule_id: Mapped[str] = mapped_column(String(32), primary_key=True)
    week: Mapped[date] = mapped_column(Date, primary_key=True, doc="the last whole week, Monday")
    event_id: Mapped[str] = mapped_column(String(32), doc="the same at every try")
    figures: Mapped[dict[str, Any]]
    state: Mapped[str] = mapped_column(String(16), doc="waiting, sent or failed")
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    due_at: Mapped[datetime]
    error: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    __table_args__ = (
        Index(
            "ix_alert_firings_waiting",
            "due_at",
            sqlite_where=text("state = 'waiting'"),
            postgresql_where=text("state = 'waiting'"),
        ),
    )


class SavedView(Base):
    """A trend query under a name, of one API key."""

    __tablename__ = "saved_views"

    view_id: Mapped[str] = mapped_column(String(32), primary_key=True)
    key_id: Mapped[str] = mapped_column(String(32))
    name: Mapped[str] = mapped_column(String(80))
    query: Mapped[dict[str, Any]] = mapped_column(doc="shared.alerts.rules.ViewQuery")
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    __table_args__ = (UniqueConstraint("key_id", "name"),)
