"""Everybody's drawing jobs, without what they show."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session

from services.gateway.access import Gateway
from services.gateway.domain import FINAL_JOB_STATES
from services.gateway.looks import KnownLook
from services.gateway.operations.views import OperatedJob
from services.gateway.problems import not_found
from shared.records.gateway import Wish
from shared.records.generation import Job

Which = Literal["open", "ended"]


def list_jobs(
    session: Session, which: Which, *, before: tuple[datetime, str] | None, limit: int
) -> Sequence[KnownLook]:
    """Return up to ``limit`` jobs of all people, the latest first."""
    at, key = Wish.created_at, Wish.job_id
    rows = select(Wish, Job).outerjoin(Job, Job.job_id == key).where(_is(which))
    if before is not None:
        last, last_id = before
        rows = rows.where(or_(at < last, and_(at == last, key < last_id)))
    found = session.execute(rows.order_by(at.desc(), key.desc()).limit(limit))
    return [KnownLook(*row) for row in found]


def count_open(session: Session) -> int:
    """Return how many jobs wait or are drawn."""
    rows = select(func.count()).select_from(Wish).outerjoin(Job, Job.job_id == Wish.job_id)
    return session.scalar(rows.where(_is("open"))) or 0


def find_job(gateway: Gateway, job_id: str) -> KnownLook:
    """Return a job of whomever; RefusedError with 404 where there is none."""
    with gateway.database.reading() as session:
        row = session.execute(
            select(Wish, Job).outerjoin(Job, Job.job_id == Wish.job_id).where(Wish.job_id == job_id)
        ).one_or_none()
    if row is None:
        raise not_found(
            f"job {job_id}", f"작업 {job_id}", reason="unknown_job", hint="GET /v1/operations/jobs"
        )
    return KnownLook(*row)


def job_view(known: KnownLook) -> OperatedJob:
    """Return a job as an operator sees it."""
    wish, job = known.wish, known.job
    return OperatedJob(
        id=wish.job_id,
        state=known.state,
        backend=known.look.backend,
        person=wish.key_id,
        priority=job.priority if job else known.look.priority,
        created_at=wish.created_at,
        deadline=wish.deadline,
        step=job.step if job else 0,
        steps=job.steps if job else 0,
        pictures=job.pictures if job else known.look.variants,
        attempt=job.attempt if job else 0,
        cancel_requested=wish.cancelled_at is not None,
        reason=job.reason if job else None,
    )


def _is(which: Which) -> ColumnElement[bool]:
    ended = Job.state.in_(FINAL_JOB_STATES)
    return ended if which == "ended" else or_(Job.job_id.is_(None), ~ended)
