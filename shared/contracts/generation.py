"""The generation topic: a look that someone wants to see, and how far its picture is."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

from pydantic import AwareDatetime, Field

from shared.contracts.garments import Category
from shared.contracts.message import Contract, Message, PhotoId

JobState = Literal["queued", "running", "done", "failed", "cancelled"]
JobId = Annotated[str, Field(pattern="^[0-9a-f]{32}$")]


class LookPiece(Contract):
    """One garment of a look, cut from a stored photo's analysis."""

    photo_id: PhotoId
    analysis_key: str
    photo_key: str
    garment: int = Field(ge=0, description="index in the analysis's garments")
    category: Category | None = Field(
        default=None, description="what it is, where that is known better than from the photo"
    )
    caption: str = Field(default="", max_length=120)


class LookWish(Contract):
    """What the picture shall show; ``lookbook`` composes the pieces on one page."""

    backend: Literal["lookbook"] = "lookbook"
    title: str = Field(default="", max_length=120)
    language: Literal["ko", "en"] = "en"
    pieces: Annotated[tuple[LookPiece, ...], Field(min_length=1, max_length=6)]
    seed: int = 0


class LookRequested(Message):
    """From the gateway to generation. The job id also names the result: redelivery is harmless."""

    schema_id: ClassVar[str] = "looks.requested/1"
    job_id: JobId
    wish: LookWish
    deadline: AwareDatetime


class LookProgressed(Message):
    """From generation's drawing side to its recording side; a final state is never left."""

    schema_id: ClassVar[str] = "looks.progressed/1"
    job_id: JobId
    state: JobState
    step: int = 0
    steps: int = 0
    result_key: str | None = None
    reason: str | None = None
    manifest: dict[str, Any] = {}
    at: AwareDatetime
