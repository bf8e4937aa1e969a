"""Attempts of a job: what came back of one is taken once, and another follows where it may."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from services.generation.jobs.book import Book
from shared import metrics
from shared.contracts.generation import LookDrawn
from shared.records.generation import Job


def take(message: LookDrawn, book: Book) -> Job | None:
    """Take pictures in to be looked at: their place on the GPU is free.

    None where nobody waits for them: the job ended, or another attempt was ordered since.
    """
    with book.under_way(message.job_id) as (_, job):
        if job is not None and job.attempt == message.attempt:
            _take(job, message, book)
            return job
    book.tidy(message.job_id)
    return None


def order_again(
    job: Job, facts: Sequence[dict[str, Any]], book: Book, *, stress: Sequence[str]
) -> bool:
    """Let a job wait for another attempt, with other seeds; False where it may not have one.

    It may while the settings allow one more and time is left for drawing and looking at it.
    """
    if job.attempt + 1 >= book.settings.attempts:
        return False
    with book.under_way(job.job_id) as (_, now):
        if now is None or now.attempt != job.attempt:
            return True  # whoever took it up meanwhile goes on
        usual = now.seconds / (now.attempt + 1)
        if datetime.now(UTC) + timedelta(seconds=2 * usual) > now.deadline:
            return False
        now.attempt, now.step = now.attempt + 1, 0
        now.reviews = [*now.reviews, *facts]
        now.stress = list(stress)
        now.batch = now.lease_until = None
    metrics.LOOK_RETRIES.labels("review").inc()
    return True


def _take(job: Job, message: LookDrawn, book: Book) -> None:
    if job.batch is not None:  # not taken before
        job.seconds += message.seconds
        metrics.LOOK_SECONDS.labels(job.wish["backend"]).observe(message.seconds)
    job.batch, job.lease_until = None, book.lease()
