"""The same POST twice, one effect: what a request with an Idempotency-Key was answered is kept."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import Header
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from services.gateway.problems import RefusedError
from shared.records import Database
from shared.records.gateway import Answer

IdempotencyKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=80,
        description="Any text of yours; the same one with the same request is answered alike, "
        "without a second effect.",
    ),
]


@dataclass(frozen=True)
class Asked:
    """A POST: who made it, under which Idempotency-Key, and what it holds."""

    key_id: str
    idempotency_key: str | None
    request_hash: str


def hash_of(*parts: bytes) -> str:
    """Return the hash that tells one request from another."""
    return hashlib.sha256(b"\0".join(hashlib.sha256(part).digest() for part in parts)).hexdigest()


def recall(database: Database, asked: Asked) -> dict[str, Any] | None:
    """Return what ``asked`` was answered before, or None; RefusedError as in ``once``."""
    if asked.idempotency_key is None:
        return None
    with database.reading() as session:
        return _kept(session, asked)


def once(
    database: Database, asked: Asked, effect: Callable[[Session], dict[str, Any]], *, status: int
) -> tuple[dict[str, Any], bool]:
    """Run ``effect`` and keep the body it returns, in one transaction; or return what was kept.

    The second value tells whether the effect happened now. Of two requests at the same time one
    waits for the other or is rolled back. RefusedError where the key was used for another request.
    """
    try:
        with database.transaction() as session:
            kept = _kept(session, asked)
            if kept is not None:
                return kept, False
            body = effect(session)
            keep(session, asked, body, status=status)
            return body, True
    except IntegrityError:
        kept = recall(database, asked)
        if kept is None:
            raise
        return kept, False


def keep(session: Session, asked: Asked, body: dict[str, Any], *, status: int) -> None:
    """Keep what ``asked`` is answered; without an Idempotency-Key there is nothing to keep."""
    if asked.idempotency_key is not None:
        session.add(_answer(asked, status, body))


def _kept(session: Session, asked: Asked) -> dict[str, Any] | None:
    if asked.idempotency_key is None:
        return None
    answer = session.get(Answer, (asked.key_id, asked.idempotency_key))
    if answer is None:
        return None
    if answer.request_hash != asked.request_hash:
        raise RefusedError(
            422,
            "this Idempotency-Key was used for another request; take a new one",
            text_ko="이 Idempotency-Key는 다른 요청에 쓰였습니다. 새로 정하세요",
            reason="idempotency_key_reused",
        )
    return answer.body


def _answer(asked: Asked, status: int, body: dict[str, Any]) -> Answer:
    assert asked.idempotency_key is not None  # noqa: S101 - the caller looked
    return Answer(
        key_id=asked.key_id,
        idempotency_key=asked.idempotency_key,
        request_hash=asked.request_hash,
        status=status,
        body=body,
        created_at=datetime.now(UTC),
    )
