"""Jobs come in: written down once, however often they are announced."""

from __future__ import annotations

from datetime import UTC, datetime

from services.generation.domain import FINAL_STATES, cost_of, kin_of
from services.generation.jobs.book import Book
from services.generation.jobs.ending import cancelled, end, failed
from shared.contracts.generation import BoardOrdered, LookRequested, Order
from shared.contracts.message import Message
from shared.errors import PermanentError
from shared.records.generation import Job


def accept(message: LookRequested, book: Book) -> list[Message]:
    """Write a wish down; a board goes on at once, a drawing waits for its turn."""
    called_off = book.files(message.job_id).is_called_off()
    with book.database.transaction() as session:
        book.database.alone(session, f"job {message.job_id}")
        known = session.get(Job, message.job_id)
        if known is not None and known.state in FINAL_STATES:
            return []
        if known is None:
            session.add(_job(message, called_off=called_off))
    backend = message.wish.backend
    if called_off:
        end(cancelled(message.job_id), book)
    elif backend == "lookbook":
        order = Order(job_id=message.job_id, wish=message.wish, deadline=message.deadline)
        return [BoardOrdered(order=order)]
    elif backend != book.drawer:
        reason = _not_here(backend).in_language(message.wish.language)
        end(failed(message.job_id, reason), book)
    return []


def _job(message: LookRequested, *, called_off: bool) -> Job:
    """Return the row; of a wish that was called off, or whose owner is gone, nothing is kept."""
    wish, now = message.wish, datetime.now(UTC)
    return Job(
        job_id=message.job_id,
        state="queued",
        manifest={},
        updated_at=now,
        requester="" if called_off else message.requester,
        priority=wish.priority,
        wish={} if called_off else wish.model_dump(mode="json"),
        parent=wish.edit.of if wish.edit else None,
        created_at=now,
        deadline=message.deadline,
        kin=kin_of(wish),
        pictures=wish.variants,
        cost=cost_of(wish),
    )


def _not_here(backend: str) -> PermanentError:
    return PermanentError(
        f"nobody draws with {backend} here; set MAPSI_DRAWER={backend} for all processes",
        text_ko=f"여기에는 {backend}(으)로 그리는 작업자가 없습니다. "
        f"모든 프로세스에 MAPSI_DRAWER={backend}을(를) 설정하세요",
        reason="no_drawer",
    )
