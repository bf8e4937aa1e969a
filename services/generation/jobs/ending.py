"""The one end of every job, and the news on the way to it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from services.generation.domain import FINAL_STATES, Progress, advances
from services.generation.jobs.book import Book
from services.generation.jobs.shares import refund
from shared import metrics
from shared.contracts.generation import LookProgressed
from shared.logging import logger
from shared.records.generation import Job

log = logger(__name__)
Files = Mapping[str, tuple[bytes, str]]
"""By name: bytes and content type."""


def note(message: LookProgressed, book: Book) -> bool:
    """Write the news of a job down where it is news; a worker that tells of it keeps its lease.

    Return whether its place on the GPU is free.
    """
    if message.state in FINAL_STATES:
        return end(message, book)
    with book.under_way(message.job_id) as (session, job):
        if job is None:
            return False
        ours = job.batch is not None and message.attempt == job.attempt
        if message.state == "queued":
            if ours:
                refund(session, job, book)
                _give_back(job, message, book)
            return ours
        if advances(Progress(job.state, job.attempt, job.step), message):
            _show(job, message)
        if ours:
            job.lease_until, job.updated_at = book.lease(), datetime.now(UTC)
    return False


def _show(job: Job, message: LookProgressed) -> None:
    job.state, job.step, job.steps = message.state, message.step, message.steps
    job.preview = job.preview or message.preview
    job.updated_at = datetime.now(UTC)


def _give_back(job: Job, message: LookProgressed, book: Book) -> None:
    """What draws is away: the job waits a little, and then for its turn, until its deadline."""
    job.batch, job.reason = None, message.reason
    job.lease_until = datetime.now(UTC) + timedelta(seconds=book.settings.lease_seconds / 4)


def end(news: LookProgressed, book: Book, files: Files | None = None) -> bool:
    """Bring a job to its end, with its last files; return whether this call did.

    The end is written to the store first and to the table then, which so says nothing that is not
    there. Where a worker died between the two, the store's end is taken, whatever ``news`` says.
    Raises RetryableError where the database or the store is away.
    """
    store = book.files(news.job_id)
    with book.under_way(news.job_id) as (_, job):
        if job is not None:
            told = store.end()
            if told is None:
                for name, (data, content_type) in (files or {}).items():
                    store.put(name, data, content_type)
                store.put_end(news)
            store.clear()
            _close(job, told or news)
    if job is None:
        book.tidy(news.job_id)
        return False
    metrics.LOOKS.labels(job.wish.get("backend", "lookbook"), job.state).inc()
    log.info("look ended", job=news.job_id, state=job.state, reason=job.reason)
    return True


def _close(job: Job, told: LookProgressed) -> None:
    job.state, job.step, job.steps = told.state, told.step, told.steps
    job.result_key, job.reason, job.manifest = told.result_key, told.reason, told.manifest
    job.seconds += told.seconds
    job.batch = job.lease_until = None
    job.updated_at = told.at


def cancelled(job_id: str) -> LookProgressed:
    """Return the end of a job that was called off."""
    return LookProgressed(job_id=job_id, state="cancelled", at=datetime.now(UTC))


def failed(job_id: str, reason: str) -> LookProgressed:
    """Return the end of a job that cannot be drawn."""
    return LookProgressed(job_id=job_id, state="failed", reason=reason, at=datetime.now(UTC))
