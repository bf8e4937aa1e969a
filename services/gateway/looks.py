"""Wishes for pictures: found, listed, followed, called off.

A picture that was drawn is its owner's alone, admins see none: nothing has judged yet whether
others may. A board is made of photos that were shown before, and admins see it.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any, cast

from sqlalchemy import and_, or_, select

from services.gateway.access import Caller, Gateway
from services.gateway.domain import FINAL_JOB_STATES, from_cursor, job_state, to_cursor
from services.gateway.problems import not_found
from shared.contracts.generation import JobState, LookWish
from shared.records.gateway import Wish
from shared.records.generation import Job
from shared.storage.keys import generation_key


@dataclass(frozen=True)
class KnownLook:
    """A wish, and what generation recorded of it."""

    wish: Wish
    job: Job | None

    @cached_property
    def look(self) -> LookWish:
        """What the picture shall show."""
        return LookWish.model_validate(self.wish.wish)

    @property
    def state(self) -> JobState:
        """Where the job is on its way."""
        return job_state(self.job.state if self.job else None)

    @property
    def is_final(self) -> bool:
        """The job's state will not change any more."""
        return self.job is not None and self.job.state in FINAL_JOB_STATES

    @property
    def is_done(self) -> bool:
        """The picture is there."""
        return self.job is not None and self.job.state == "done"

    @property
    def pictures(self) -> list[dict[str, Any]]:
        """What the manifest tells of each variant; none of a board."""
        told = self.job.manifest.get("pictures", []) if self.job and self.is_done else []
        return cast("list[dict[str, Any]]", told)

    @property
    def cursor(self) -> str:
        """The wish's place in the list, latest first."""
        return to_cursor(self.wish.created_at, self.wish.job_id)


def find_look(gateway: Gateway, caller: Caller, job_id: str) -> KnownLook:
    """Return a wish that ``caller`` may see; RefusedError with 404 otherwise."""
    with gateway.database.reading() as session:
        row = session.execute(
            select(Wish, Job).outerjoin(Job, Job.job_id == Wish.job_id).where(Wish.job_id == job_id)
        ).one_or_none()
    if row is not None:
        known = KnownLook(*row)
        is_board = known.look.backend == "lookbook"
        if known.wish.key_id == caller.key_id or (caller.is_admin and is_board):
            return known
    raise not_found(
        f"picture {job_id}", f"그림 {job_id}", reason="unknown_job", hint="GET /v1/generations"
    )


def list_looks(
    gateway: Gateway, caller: Caller, *, cursor: str | None, limit: int
) -> Sequence[KnownLook]:
    """Return up to ``limit`` of one's own wishes behind ``cursor``, the latest first."""
    at, key = Wish.created_at, Wish.job_id
    rows = select(Wish, Job).outerjoin(Job, Job.job_id == key)
    rows = rows.where(Wish.key_id == caller.key_id)
    if cursor is not None:
        last, last_id = from_cursor(cursor, datetime, str)
        rows = rows.where(or_(at < last, and_(at == last, key < last_id)))
    with gateway.database.reading() as session:
        found = session.execute(rows.order_by(at.desc(), key.desc()).limit(limit))
        return [KnownLook(*row) for row in found]


def edits_of(gateway: Gateway, known: KnownLook) -> list[str]:
    """Return the jobs that change a picture, oldest first."""
    with gateway.database.reading() as session:
        return list(
            session.scalars(
                select(Wish.job_id)
                .where(
                    Wish.key_id == known.wish.key_id,
                    Wish.wish["edit"]["of"].as_string() == known.wish.job_id,
                )
                .order_by(Wish.created_at, Wish.job_id)
            )
        )


def call_off(gateway: Gateway, known: KnownLook) -> None:
    """Ask the drawing side to stop at its next step; without effect where the job has ended."""
    if known.is_final:
        return
    job_id = known.wish.job_id
    gateway.context.storage.put(
        generation_key(job_id, "cancelled"), b"", content_type="application/octet-stream"
    )
    with gateway.database.transaction() as session:
        wish = session.get_one(Wish, job_id)
        wish.cancelled_at = wish.cancelled_at or datetime.now(UTC)


def new_wish(gateway: Gateway, caller: Caller, look: LookWish) -> Wish:
    """Return a wish for ``look``, to be written down and announced."""
    now = datetime.now(UTC)
    return Wish(
        job_id=secrets.token_hex(16),
        key_id=caller.key_id,
        wish=look.model_dump(mode="json"),
        created_at=now,
        deadline=now + timedelta(seconds=gateway.settings.job_seconds),
        cancelled_at=None,
        published_at=None,
        publications=0,
    )
