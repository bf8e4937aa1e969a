"""Drawing a board, step by step, to its end. Nothing here touches the database."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from importlib.metadata import version
from typing import Any

from services.generation.files import PICTURE, JobFiles
from services.generation.lookbook.board import Board, Worn
from services.generation.settings import GenerationSettings
from shared.contracts.garments import Analysis, Garment
from shared.contracts.generation import JobState, LookPiece, LookProgressed, Order
from shared.errors import PermanentError
from shared.imaging import decode
from shared.storage import ObjectStore

Report = Callable[[LookProgressed], None]


class _CancelledError(Exception):
    """The gateway's marker is there."""


@dataclass(frozen=True)
class Job:
    """An order at work, and who hears of its steps."""

    order: Order
    storage: ObjectStore
    settings: GenerationSettings
    report: Report

    @property
    def steps(self) -> int:
        """One to read, one for each piece, one to store."""
        return len(self.order.wish.pieces) + 2

    @property
    def files(self) -> JobFiles:
        """Where its files are."""
        return JobFiles(self.order.job_id, self.storage)

    def step(self, number: int) -> None:
        """Tell that step ``number`` begins; stop here where the job is cancelled or too late."""
        if self.files.is_called_off():
            raise _CancelledError
        if datetime.now(UTC) > self.order.deadline:
            raise PermanentError(
                "the deadline passed before the picture was done; ask again",
                text_ko="제한 시간 안에 그림을 완성하지 못했습니다. 다시 요청하세요",
                reason="deadline",
            )
        self.report(self.news("running", step=number))

    def news(self, state: JobState, *, step: int, **more: Any) -> LookProgressed:
        """Return the message that tells of the job's state."""
        return LookProgressed(
            job_id=self.order.job_id,
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
    known = job.files.end()
    if known is not None:
        return known
    try:
        end = _draw(job)
    except _CancelledError:
        end = job.news("cancelled", step=0)
    except PermanentError as error:
        reason = error.in_language(job.order.wish.language)
        end = job.news("failed", step=0, reason=reason)
    job.files.put_end(end)
    return end


def _draw(job: Job) -> LookProgressed:
    wish = job.order.wish
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
    job.files.put(PICTURE, picture, "image/png")
    return job.news(
        "done",
        step=job.steps,
        result_key=job.files.key(PICTURE),
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
