"""Drawing a wish, step by step, and the one end that every job comes to.

Nothing here touches the database. A job's files lie at ``generations/<job>/``:
``picture.png``; ``manifest.json``, its end, written last and once; and ``cancelled``, a marker
that the gateway puts there.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from importlib.metadata import version
from typing import Any, Final

from services.generation.lookbook.board import Board, Worn
from services.generation.settings import GenerationSettings
from shared.contracts.garments import Analysis, Garment
from shared.contracts.generation import JobState, LookPiece, LookProgressed, LookRequested
from shared.errors import PermanentError
from shared.imaging import decode
from shared.storage import ObjectStore
from shared.storage.keys import generation_key

Report = Callable[[LookProgressed], None]
PICTURE: Final = "picture.png"
MANIFEST: Final = "manifest.json"
CANCELLED: Final = "cancelled"


class _CancelledError(Exception):
    """The gateway's marker is there."""


@dataclass(frozen=True)
class Job:
    """A request at work, and who hears of its steps."""

    request: LookRequested
    storage: ObjectStore
    settings: GenerationSettings
    report: Report

    @property
    def steps(self) -> int:
        """One to read, one for each piece, one to store."""
        return len(self.request.wish.pieces) + 2

    def key(self, name: str) -> str:
        """Name one of the job's files."""
        return generation_key(self.request.job_id, name)

    def step(self, number: int) -> None:
        """Tell that step ``number`` begins; stop here where the job is cancelled or too late."""
        if self.storage.exists(self.key(CANCELLED)):
            raise _CancelledError
        if datetime.now(UTC) > self.request.deadline:
            raise PermanentError(
                "the deadline passed before the picture was done; ask again",
                text_ko="제한 시간 안에 그림을 완성하지 못했습니다. 다시 요청하세요",
                reason="deadline",
            )
        self.report(self.news("running", step=number))

    def news(self, state: JobState, *, step: int, **more: Any) -> LookProgressed:
        """Return the message that tells of the job's state."""
        return LookProgressed(
            job_id=self.request.job_id,
            state=state,
            step=step,
            steps=self.steps,
            at=datetime.now(UTC),
            **more,
        )


def draw(job: Job) -> LookProgressed:
    """Bring ``job`` to its end and return the news of it; the second time only the news.

    Raises RetryableError where the store is away: the same job may be drawn later.
    """
    if job.storage.exists(job.key(MANIFEST)):
        return LookProgressed.model_validate_json(job.storage.get(job.key(MANIFEST)))
    try:
        end = _draw(job)
    except _CancelledError:
        end = job.news("cancelled", step=0)
    except PermanentError as error:
        reason = error.in_language(job.request.wish.language)
        end = job.news("failed", step=0, reason=reason)
    job.storage.put(
        job.key(MANIFEST), end.model_dump_json().encode(), content_type="application/json"
    )
    return end


def _draw(job: Job) -> LookProgressed:
    wish = job.request.wish
    job.step(0)
    pieces = [_worn(piece, job.storage) for piece in wish.pieces]
    board = Board(pieces, language=wish.language, enlargement=job.settings.enlargement)
    for number, piece in enumerate(wish.pieces):
        job.step(number + 1)
        # One photo in memory at a time: each may have 40 megapixels.
        photo = decode(job.storage.get(piece.photo_key), name=piece.photo_id)
        board.lay(number, photo.pixels)
    picture = board.finish(title=wish.title)
    job.step(job.steps - 1)
    job.storage.put(job.key(PICTURE), picture, content_type="image/png")
    return job.news(
        "done",
        step=job.steps,
        result_key=job.key(PICTURE),
        manifest={
            "backend": wish.backend,
            "software": f"mapsi {version('mapsi')}",
            "wish": wish.model_dump(mode="json"),
            "enlargement": job.settings.enlargement,
            "sha256": sha256(picture).hexdigest(),
            "bytes": len(picture),
        },
    )


def _worn(piece: LookPiece, storage: ObjectStore) -> Worn:
    analysis = Analysis.model_validate_json(storage.get(piece.analysis_key))
    if piece.garment >= len(analysis.garments):
        raise PermanentError(
            f"photo {piece.photo_id[:8]} has {len(analysis.garments)} garments, "
            f"none with the number {piece.garment}",
            text_ko=f"사진 {piece.photo_id[:8]}에는 {piece.garment}번 옷이 없습니다",
            reason="unknown_garment",
        )
    return Worn(
        photo_id=piece.photo_id,
        garments=_named(analysis.garments, piece),
        at=piece.garment,
        caption=piece.caption,
    )


def _named(garments: Sequence[Garment], piece: LookPiece) -> Sequence[Garment]:
    """Return the photo's garments; the piece is of the category that the wish knows it by."""
    if piece.category is None:
        return garments
    return [
        garment.model_copy(update={"category": piece.category}) if at == piece.garment else garment
        for at, garment in enumerate(garments)
    ]
