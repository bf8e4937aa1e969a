"""Wishes for pictures: taken down, followed, called off."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.gateway.access import Caller, Gateway
from services.gateway.answers import Asked, hash_of, once, recall
from services.gateway.domain import FINAL_JOB_STATES, Language, job_state
from services.gateway.job_views import GenerationIn, GenerationLinks, GenerationView, PieceIn
from services.gateway.outbox import announce_wish
from services.gateway.photo_records import analysis_of, find_photo
from services.gateway.problems import RefusedError, not_found
from shared.contracts.generation import LookPiece, LookWish
from shared.records.gateway import Wish
from shared.records.generation import Job
from shared.storage.keys import generation_key


@dataclass(frozen=True)
class KnownLook:
    """A wish, and what generation recorded of it."""

    wish: Wish
    job: Job | None

    @property
    def is_final(self) -> bool:
        """The job's state will not change any more."""
        return self.job is not None and self.job.state in FINAL_JOB_STATES

    def view(self) -> GenerationView:
        """Return the job as clients see it."""
        path, job = f"/v1/generations/{self.wish.job_id}", self.job
        done = job is not None and job.state == "done"
        return GenerationView(
            id=self.wish.job_id,
            state=job_state(job.state if job else None),
            step=job.step if job else 0,
            steps=job.steps if job else 0,
            cancel_requested=self.wish.cancelled_at is not None,
            reason=job.reason if job else None,
            created_at=self.wish.created_at,
            deadline=self.wish.deadline,
            manifest=job.manifest if job else {},
            links=GenerationLinks(
                self=path,
                events=f"{path}/events",
                picture=f"{path}/picture.png" if done else None,
            ),
        )


def wish_for(
    gateway: Gateway,
    caller: Caller,
    asked_for: GenerationIn,
    *,
    language: Language,
    idempotency_key: str | None,
) -> dict[str, Any]:
    """Take a wish down, announce it, and return the body of the answer."""
    request_hash = hash_of(asked_for.model_dump_json().encode())
    asked = Asked(caller.key_id, idempotency_key, request_hash)
    kept = recall(gateway.database, asked)
    if kept is not None:
        return kept
    wish = _wish(gateway, caller, asked_for, language=language)

    def write(session: Session) -> dict[str, Any]:
        session.add(wish)
        return KnownLook(wish, None).view().model_dump(mode="json")

    body, happened = once(gateway.database, asked, write, status=202)
    if happened:
        announce_wish(gateway, wish)
    return body


def find_look(gateway: Gateway, caller: Caller, job_id: str) -> KnownLook:
    """Return a wish that ``caller`` may see; RefusedError with 404 otherwise."""
    with gateway.database.reading() as session:
        row = session.execute(
            select(Wish, Job).outerjoin(Job, Job.job_id == Wish.job_id).where(Wish.job_id == job_id)
        ).one_or_none()
    if row is None or not (caller.is_admin or row[0].key_id == caller.key_id):
        raise not_found(
            f"picture {job_id}", f"그림 {job_id}", reason="unknown_job", hint="POST /v1/generations"
        )
    return KnownLook(*row)


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


def _wish(gateway: Gateway, caller: Caller, asked_for: GenerationIn, *, language: Language) -> Wish:
    look = LookWish(
        backend=asked_for.backend,
        title=asked_for.title,
        language=asked_for.language or language,
        pieces=tuple(_piece(gateway, caller, piece) for piece in asked_for.pieces),
        seed=asked_for.seed,
    )
    return new_wish(gateway, caller, look)


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


def _piece(gateway: Gateway, caller: Caller, piece: PieceIn) -> LookPiece:
    """Return where a piece lies; RefusedError where its photo or garment is not there."""
    with gateway.database.reading() as session:
        known = find_photo(session, piece.photo_id, caller)
    if known is None or known.photo is None or known.state != "analyzed":
        state = known.state if known else "unknown"
        raise RefusedError(
            422,
            f"photo {piece.photo_id} is {state}; a piece needs an analysed photo of yours",
            text_ko=f"사진 {piece.photo_id}의 상태: {state}. 분석이 끝난 내 사진이어야 합니다",
            reason="photo_not_analyzed",
        )
    garments = analysis_of(gateway.context.storage, known).garments
    if piece.garment >= len(garments):
        raise RefusedError(
            422,
            f"photo {piece.photo_id} has {len(garments)} garments, counted from 0; "
            f"there is no garment {piece.garment}",
            text_ko=f"사진 {piece.photo_id}의 옷은 {len(garments)}벌이고 0부터 셉니다. "
            f"{piece.garment}번은 없습니다",
            reason="unknown_garment",
        )
    assert known.settlement is not None and known.settlement.analysis_key  # noqa: S101
    return LookPiece(
        photo_id=piece.photo_id,
        analysis_key=known.settlement.analysis_key,
        photo_key=known.photo.key,
        garment=piece.garment,
        caption=piece.caption,
    )
