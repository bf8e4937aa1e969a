"""The dispatcher: takes back what was lost, ends what is over, and orders what is next.

It runs after whatever may free or fill the GPU, and by the clock. Everything it knows is in the
table, so that it may be killed anywhere: an order that was written down and not sent is a lease
that runs out.
"""

from __future__ import annotations

import secrets
from datetime import UTC, datetime, timedelta
from typing import Final

from pydantic import ValidationError
from sqlalchemy import ColumnElement, and_, func, or_, select, update
from sqlalchemy.orm import Session

from services.generation.domain import FINAL_STATES, Turns, Waiting, next_batch
from services.generation.jobs.book import Book
from services.generation.jobs.ending import cancelled, end, failed
from services.generation.jobs.shares import charge, had, refund
from shared import metrics
from shared.contracts.generation import LookDrawn, LooksOrdered, LookWish, Order
from shared.contracts.message import Message
from shared.errors import PermanentError
from shared.logging import logger
from shared.records.gateway import Wish
from shared.records.generation import Job

log = logger(__name__)
MAX_LOSSES: Final = 3
_MOST_ORDERS: Final = 8
"""Of one message, by its contract."""
_UNDER_WAY: Final = Job.state.not_in(FINAL_STATES)
_DRAWN_HERE: Final = and_(_UNDER_WAY, Job.kin != "")
_WAITS: Final = and_(_DRAWN_HERE, Job.lease_until.is_(None))


def dispatch(book: Book) -> list[Message]:
    """Return the orders that may go out now, and pictures whose review was lost.

    Raises RetryableError where the database or the store is away.
    """
    found = _take_back_what_was_lost(book)
    _end_what_is_over(book)
    orders = []
    while ordered := _order_next(book):
        orders.append(ordered)
    _tell(book)
    return [*found, *orders]


def _take_back_what_was_lost(book: Book) -> list[Message]:
    """Free jobs whose lease ran out; return what was drawn of them, to be looked at again."""
    now = datetime.now(UTC)
    with book.database.reading() as session:
        lost = session.scalars(select(Job.job_id).where(_DRAWN_HERE, Job.lease_until < now)).all()
    found = [_take_back(job_id, book) for job_id in lost]
    return [drawn for drawn in found if drawn is not None]


def _take_back(job_id: str, book: Book) -> LookDrawn | None:
    with book.under_way(job_id) as (session, job):
        if job is None or job.lease_until is None or job.lease_until >= datetime.now(UTC):
            return None
        drawn = book.files(job_id).drawn(job.attempt)
        if drawn is not None:
            job.lease_until = book.lease()
            return drawn
        if job.batch is not None:
            # No sign came since it was sent: no worker died over it, it waited where none was.
            begun = job.dispatched_at is not None and job.updated_at > job.dispatched_at
            log.warning("order lost", job=job_id, attempt=job.attempt, begun=begun)
            metrics.LOOK_RETRIES.labels("lost").inc(int(begun))
            refund(session, job, book)
            job.losses += begun
        job.batch = job.lease_until = None
        dead = job.losses >= MAX_LOSSES
    if dead:
        end(failed(job_id, _deadly(job)), book)
    return None


def _end_what_is_over(book: Book) -> None:
    """End jobs that were called off, and those whose deadline passed and nobody looks at."""
    now = datetime.now(UTC)
    # What is drawn already is still looked at, unless even that does not come to an end.
    grace = timedelta(seconds=5 * book.settings.lease_seconds)
    unseen = or_(Job.batch.is_not(None), Job.lease_until.is_(None), Job.deadline < now - grace)
    with book.database.reading() as session:
        called_off = session.scalars(
            select(Job.job_id)
            .join(Wish, Wish.job_id == Job.job_id)
            .where(_DRAWN_HERE, Wish.cancelled_at.is_not(None))
        ).all()
        late = session.scalars(select(Job).where(_DRAWN_HERE, Job.deadline < now, unseen)).all()
    for job_id in called_off:
        end(cancelled(job_id), book)
    for job in late:
        end(failed(job.job_id, _late(job)), book)


def _order_next(book: Book) -> LooksOrdered | None:
    """Give the next batch a lease and return its orders; None: nothing waits, or no room is."""
    settings, now = book.settings, datetime.now(UTC)
    turns = Turns(timedelta(seconds=settings.ageing_seconds), settings.max_batch)
    with book.database.transaction() as session:
        book.database.alone(session, "generation dispatch")
        if _batches_out(session) >= settings.in_flight:
            return None
        waiting = _waiting(session, turns)
        shares = had(session, {job.requester for job in waiting}, book)
        chosen = next_batch(waiting, shares, now=now, turns=turns)[:_MOST_ORDERS]
        ordered = session.scalars(
            update(Job)
            .where(Job.job_id.in_([job.job_id for job in chosen]), _WAITS)
            .values(batch=secrets.token_hex(8), lease_until=book.lease(), dispatched_at=now)
            .returning(Job)
        ).all()
        charge(session, ordered, book)
    orders = [(job, _order(job)) for job in sorted(ordered, key=lambda job: job.job_id)]
    for job, order in orders:
        if order is None:
            end(failed(job.job_id, _unreadable(job)), book)
    known = tuple(order for _, order in orders if order is not None)
    return LooksOrdered(orders=known) if known else None


def _batches_out(session: Session) -> int:
    out = select(func.count(Job.batch.distinct())).where(_DRAWN_HERE)
    return session.scalars(out).one()


def _waiting(session: Session, turns: Turns) -> list[Waiting]:
    """Return what waits: of each requester and priority the oldest, as many as one batch takes."""
    turn = func.row_number().over(
        partition_by=(Job.requester, Job.priority), order_by=(Job.created_at, Job.job_id)
    )
    ranked = select(Job.job_id, turn.label("turn")).where(_WAITS).subquery()
    rows = session.execute(
        select(
            Job.job_id,
            Job.requester,
            Job.priority,
            Job.created_at,
            Job.kin,
            Job.pictures,
            Job.cost,
        )
        .join(ranked, ranked.c.job_id == Job.job_id)
        .where(ranked.c.turn <= max(turns.batch, _MOST_ORDERS))
    )
    return [
        Waiting(
            job_id=row.job_id,
            requester=row.requester,
            interactive=row.priority == "interactive",
            since=row.created_at,
            kin=row.kin,
            pictures=row.pictures,
            cost=row.cost,
        )
        for row in rows
    ]


def _order(job: Job) -> Order | None:
    """Return a job's order; None where its wish was written by a version that said it otherwise."""
    try:
        wish = LookWish.model_validate(job.wish)
    except ValidationError as error:
        log.error("wish cannot be read", job=job.job_id, error=str(error))
        return None
    return Order(
        job_id=job.job_id,
        wish=wish,
        deadline=job.deadline,
        attempt=job.attempt,
        stress=tuple(job.stress),
    )


def _tell(book: Book) -> None:
    with book.database.reading() as session:
        rows = session.execute(
            select(Job.priority, func.count(), func.count(Job.batch))
            .where(_DRAWN_HERE, _waits_or_is_out())
            .group_by(Job.priority)
        ).all()
    counts = {priority: (waits_or_out - out, out) for priority, waits_or_out, out in rows}
    for priority in ("interactive", "batch"):
        waiting, out = counts.get(priority, (0, 0))
        metrics.LOOKS_WAITING.labels(priority).set(waiting)
        metrics.LOOKS_OUT.labels(priority).set(out)


def _waits_or_is_out() -> ColumnElement[bool]:
    return or_(Job.lease_until.is_(None), Job.batch.is_not(None))


def _late(job: Job) -> str:
    why = f" ({job.reason})" if job.reason else ""
    return _say(
        job,
        PermanentError(
            f"the deadline passed before the picture was done{why}; ask again",
            text_ko=f"제한 시간 안에 그림을 완성하지 못했습니다{why}. 다시 요청하세요",
        ),
    )


def _deadly(job: Job) -> str:
    return _say(
        job,
        PermanentError(
            f"{MAX_LOSSES} workers ended while they drew this; see their logs",
            text_ko=f"이 그림을 그리던 작업자가 {MAX_LOSSES}번 중단되었습니다. 기록을 확인하세요",
        ),
    )


def _unreadable(job: Job) -> str:
    return _say(
        job,
        PermanentError(
            "this version cannot read the wish, which an older one took; ask again",
            text_ko="이전 버전이 받은 요청이라 이 버전에서 읽을 수 없습니다. 다시 요청하세요",
        ),
    )


def _say(job: Job, error: PermanentError) -> str:
    return error.in_language(str(job.wish.get("language")))
