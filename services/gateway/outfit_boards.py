"""The picture of a recommended outfit: wished for once, whoever asks, and then kept.

The job's id is a hash of what is drawn, so that a second request finds the first one's job. A job
that failed (the deadline passed while no worker ran, say) is followed by another, a few times.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Final

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from services.gateway.access import Gateway
from services.gateway.catalog.domain import Item
from services.gateway.domain import Language
from services.gateway.outbox import announce_wish
from services.gateway.recommend.views import outfit_title
from shared.contracts.generation import JobState, LookPiece, LookWish
from shared.records.gateway import Wish
from shared.records.generation import Job
from shared.records.ingestion import Photo
from shared.records.trends import Settlement

OWNER: Final = "boards"
"""Stands for a key: a board is nobody's, and shows nothing of who asked first."""

_TRIES: Final = 3
_CAPTION: Final = 120


@dataclass(frozen=True)
class OutfitBoard:
    """How far the picture is."""

    job_id: str
    state: JobState
    picture_key: str | None
    """Where the picture lies, once it is done."""


def outfit_board(
    gateway: Gateway, pieces: Sequence[Item], *, language: Language
) -> OutfitBoard | None:
    """Return the board of an outfit, wishing for it where nobody has.

    None: a piece cannot be drawn, since its photo is gone or no garment was found on it.
    """
    look = look_of(gateway, pieces, language=language)
    if look is None:
        return None
    ids = [_job_id(look, number) for number in range(_TRIES)]
    with gateway.database.reading() as session:
        rows = session.scalars(select(Job).where(Job.job_id.in_(ids)))
        jobs = {job.job_id: job for job in rows}
    for job_id in ids:
        job = jobs.get(job_id)
        if job is None:
            _wish(gateway, look, job_id)
            return OutfitBoard(job_id, "queued", None)
        if job.state not in ("failed", "cancelled"):
            return OutfitBoard(job_id, _state(job), job.result_key)
    return OutfitBoard(ids[-1], "failed", None)


def _state(job: Job) -> JobState:
    return "done" if job.state == "done" else "running"


def look_of(gateway: Gateway, pieces: Sequence[Item], *, language: Language) -> LookWish | None:
    """Return what a board of items shows; None: a piece of it cannot be drawn."""
    found = lying_pieces(gateway, pieces)
    if any(piece is None for piece in found):
        return None
    return LookWish(
        title=outfit_title(pieces, language)[:_CAPTION],
        language=language,
        pieces=tuple(piece for piece in found if piece is not None),
    )


def lying_pieces(gateway: Gateway, items: Sequence[Item]) -> list[LookPiece | None]:
    """Return each item as a piece of a board; None where its photo is gone or shows no garment."""
    with gateway.database.reading() as session:
        lying = _lying(session, [item.photo_id for item in items])
    return [
        LookPiece(
            photo_id=item.photo_id,
            photo_key=lying[item.photo_id][0],
            analysis_key=lying[item.photo_id][1],
            garment=item.garment,
            category=item.category,
            caption=item.title[:_CAPTION],
        )
        if item.photo_id in lying and item.garment >= 0
        else None
        for item in items
    ]


def _lying(session: Session, photo_ids: Sequence[str]) -> dict[str, tuple[str, str]]:
    """Return where each photo and its analysis lie, by photo id."""
    rows = session.execute(
        select(Photo.photo_id, Photo.key, Settlement.analysis_key)
        .join(Settlement, Settlement.photo_id == Photo.photo_id)
        .where(Photo.photo_id.in_(photo_ids), Settlement.analysis_key.is_not(None))
    )
    return {photo_id: (key, analysis) for photo_id, key, analysis in rows if analysis}


def _job_id(look: LookWish, number: int) -> str:
    return sha256(f"{number} {look.model_dump_json()}".encode()).hexdigest()[:32]


def _wish(gateway: Gateway, look: LookWish, job_id: str) -> None:
    """Write the wish down and announce it, unless that was done before."""
    now = datetime.now(UTC)
    wish = Wish(
        job_id=job_id,
        key_id=OWNER,
        wish=look.model_dump(mode="json"),
        created_at=now,
        deadline=now + timedelta(seconds=gateway.settings.job_seconds),
        cancelled_at=None,
        published_at=None,
        publications=0,
    )
    try:
        with gateway.database.transaction() as session:
            if session.get(Wish, job_id) is not None:
                return
            session.add(wish)
    except IntegrityError:  # somebody else did at this moment
        return
    announce_wish(gateway, wish)
