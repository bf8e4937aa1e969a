"""Attempts of a job: what came back of one is taken once, and another follows where it may."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from services.generation.jobs.book import Book
from services.generation.jobs.costs import costs
from services.generation.jobs.shares import charge
from shared import metrics
from shared.contracts.generation import LookDrawn
from shared.records.generation import Job


def take(message: LookDrawn, book: Book) -> Job | None:
    """Take pictures in to be looked at: their place on the GPU is free, their time is charged.

    None where nobody waits for them: the job ended, or another attempt was ordered since.
    """
    with book.under_way(message.job_id) as (session, job):
        if job is None or job.attempt != message.attempt:
            return None
        if job.batch is not None:  # not taken before
            job.seconds += message.seconds
            charge(session, job.requester, message.seconds, book)
            metrics.LOOK_SECONDS.labels(job.wish["backend"]).observe(message.seconds)
        job.batch, job.lease_until = None, book.lease()
        return job


def order_again(
    job: Job, facts: Sequence[dict[str, Any]], book: Book, *, stress: Sequence[str]
) -> bool:
    """Let a job wait for another attempt, with other seeds; False where it may not have one.

    It may while the settings allow one more and time is left for drawing and looking at it.
    """
    if job.attempt + 1 >= book.settings.attempts:
        return False
    with book.under_way(job.job_id) as (session, now):
        if now is None or now.attempt != job.attempt:
            return True  # whoever took it up meanwhile goes on
        longest = timedelta(seconds=2 * costs(session, {now.kin})[now.kin] * now.pictures)
        if datetime.now(UTC) + longest > now.deadline:
            return False
        now.attempt, now.step = now.attempt + 1, 0
        now.reviews = [*now.reviews, *facts]
        now.stress = list(stress)
        now.batch = now.lease_until = None
    metrics.LOOK_RETRIES.labels("review").inc()
    return True
