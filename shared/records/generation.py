"""Generation's tables: the life of a job, and how much of the GPU each requester has had."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Float, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from shared.records.base import Base


class Job(Base):
    """A job from its acceptance to its end; none yet: queued. A final state stays.

    A job that is not final is in one of these places: it waits (no lease), it is in a batch on
    its way to the GPU or there (``batch``), or its pictures are looked at (a lease alone). Boards
    wait for no GPU and have no ``kin``.
    """

    __tablename__ = "jobs"

    job_id: Mapped[str] = mapped_column(String(32), primary_key=True)
    state: Mapped[str] = mapped_column(String(16))
    step: Mapped[int] = mapped_column(Integer, default=0)
    steps: Mapped[int] = mapped_column(Integer, default=0)
    preview: Mapped[bool] = mapped_column(default=False, doc="preview.webp shows how it looks")
    result_key: Mapped[str | None] = mapped_column(String(255))
    reason: Mapped[str | None] = mapped_column(Text)
    manifest: Mapped[dict[str, Any]]
    updated_at: Mapped[datetime]
    requester: Mapped[str] = mapped_column(String(64), default="")
    priority: Mapped[str] = mapped_column(String(16), doc="interactive or batch")
    wish: Mapped[dict[str, Any]]
    parent: Mapped[str | None] = mapped_column(String(32), doc="the job whose picture it edits")
    created_at: Mapped[datetime]
    deadline: Mapped[datetime]
    kin: Mapped[str] = mapped_column(String(120), doc="jobs of one kin fit in one batch")
    pictures: Mapped[int] = mapped_column(Integer, default=1, doc="of an attempt")
    attempt: Mapped[int] = mapped_column(Integer, default=0)
    stress: Mapped[list[str]] = mapped_column(default=list, doc="categories to be said louder")
    reviews: Mapped[list[dict[str, Any]]] = mapped_column(
        JSON, default=list, doc="what was seen of each attempt so far"
    )
    batch: Mapped[str | None] = mapped_column(String(32))
    dispatched_at: Mapped[datetime | None]
    lease_until: Mapped[datetime | None]
    losses: Mapped[int] = mapped_column(Integer, default=0, doc="workers that died over it")
    cost: Mapped[float] = mapped_column(Float, default=0.0, doc="of an attempt, in pictures")
    seconds: Mapped[float] = mapped_column(Float, default=0.0, doc="of the GPU, as measured")
    __table_args__ = (Index("ix_jobs_state_updated_at", "state", "updated_at"),)


class GpuShare(Base):
    """How much was drawn for a requester; what was long ago counts less."""

    __tablename__ = "gpu_shares"

    requester: Mapped[str] = mapped_column(String(64), primary_key=True)
    pictures: Mapped[float] = mapped_column(Float, doc="as they count at ``at``")
    at: Mapped[datetime]
