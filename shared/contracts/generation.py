"""The generation topic: a look that someone wants to see, and how far its picture is."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Final, Literal

from pydantic import AfterValidator, AwareDatetime, Field, model_validator

from shared.contracts.garments import BasicColor, Category, Garment, Share
from shared.contracts.message import Contract, Message, PhotoId
from shared.contracts.vocabulary import OCCASIONS, PATTERNS, SEASONS, STYLES, WEATHERS

MOST_VARIANTS: Final = 4
"""Pictures of one job."""


def _one_of(words: tuple[str, ...]) -> AfterValidator:
    def check(word: str) -> str:
        if word not in words:
            raise ValueError(f"{word!r} is not one of: {', '.join(words)}")
        return word

    return AfterValidator(check)


JobState = Literal["queued", "running", "done", "failed", "cancelled"]
Backend = Literal["lookbook", "sdxl", "comfyui", "openai"]
Preset = Literal["quality", "fast"]
Priority = Literal["interactive", "batch"]
Style = Annotated[str, _one_of(STYLES)]
Season = Annotated[str, _one_of(SEASONS)]
Occasion = Annotated[str, _one_of(OCCASIONS)]
Weather = Annotated[str, _one_of(WEATHERS)]
Pattern = Annotated[str, _one_of(PATTERNS)]
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


class WornGarment(Contract):
    """One garment that the picture shall show, as words; None: the model chooses."""

    category: Category
    color: BasicColor | None = None
    hex: Annotated[str, Field(pattern="^#[0-9a-f]{6}$")] | None = Field(
        default=None, description="the colour exactly, sRGB"
    )
    pattern: Pattern | None = None
    words: str = Field(
        default="", max_length=80, description="more of it, in English: wool, cropped"
    )


class Scene(Contract):
    """Who wears the look, where and when; None: not said."""

    gender: Literal["women", "men", "any"] = "any"
    style: Style | None = None
    season: Season | None = None
    occasion: Occasion | None = None
    weather: Weather | None = None


class Edit(Contract):
    """A change of a picture that was drawn before; everything else of it stays."""

    of: JobId
    variant: int = Field(default=1, ge=1, le=4)
    garment: int | None = Field(
        default=None, ge=0, description="index in that picture's analysis; None: the whole look"
    )
    strength: float | None = Field(
        default=None, gt=0, le=1, description="how much is drawn anew; None: by the change's size"
    )


class LookWish(Contract):
    """What the picture shall show.

    ``lookbook`` composes ``pieces`` on one page; the other backends draw a person who wears
    ``wear`` (``pieces`` then say which articles it came from).
    """

    backend: Backend = "lookbook"
    title: str = Field(default="", max_length=120)
    language: Literal["ko", "en"] = "en"
    pieces: Annotated[tuple[LookPiece, ...], Field(max_length=6)] = ()
    wear: Annotated[tuple[WornGarment, ...], Field(max_length=6)] = ()
    scene: Scene = Scene()
    words: str = Field(default="", max_length=600, description="more of the picture, in English")
    negative: str = Field(
        default="", max_length=600, description="what it shall not show, likewise"
    )
    variants: int = Field(default=1, ge=1, le=MOST_VARIANTS)
    width: int = Field(default=1024, ge=64, le=2048, multiple_of=8)
    height: int = Field(default=1024, ge=64, le=2048, multiple_of=8)
    preset: Preset = "quality"
    priority: Priority = "interactive"
    edit: Edit | None = None
    seed: int = Field(default=0, ge=0, lt=2**32)

    @model_validator(mode="after")
    def _something_to_show(self) -> LookWish:
        if self.backend == "lookbook" and not self.pieces:
            raise ValueError("a lookbook needs pieces")
        if self.backend != "lookbook" and not (self.wear or self.words or self.edit):
            raise ValueError("a drawing needs wear, words or edit")
        return self


class Order(Contract):
    """One try of a job: what to draw, until when."""

    job_id: JobId
    wish: LookWish
    deadline: AwareDatetime
    attempt: int = Field(default=0, ge=0, description="each draws with other seeds")
    stress: Annotated[tuple[Category, ...], Field(max_length=6)] = Field(
        default=(), description="garments that the last attempt missed: their words weigh more"
    )


class DrawnPicture(Contract):
    """A picture that a backend drew, before anyone looked at it."""

    variant: int = Field(ge=1, le=4)
    key: str
    width: int = Field(ge=1)
    height: int = Field(ge=1)
    seed: int = Field(ge=0, lt=2**32)
    manifest: dict[str, Any] = {}


class SeenPicture(Contract):
    """What our own models see in a drawn picture, in its pixels before it was finished."""

    width: int = Field(ge=1)
    height: int = Field(ge=1)
    fashion: Share
    garments: tuple[Garment, ...] = Field(
        default=(), description="best first; weak ones are among them"
    )
    faces: tuple[tuple[float, float, float, float], ...] = Field(
        default=(), description="x0, y0, x1, y1, surest first"
    )


class LookRequested(Message):
    """From the gateway to generation. The job id also names the result: redelivery is harmless."""

    schema_id: ClassVar[str] = "looks.requested/1"
    job_id: JobId
    wish: LookWish
    deadline: AwareDatetime
    requester: str = Field(default="", max_length=64, description="whose share of the GPU it uses")


class BoardOrdered(Message):
    """From generation to itself: a lookbook board, which is drawn at once and by no GPU."""

    schema_id: ClassVar[str] = "boards.ordered/1"
    order: Order


class LooksOrdered(Message):
    """From generation's dispatcher to generation.gpu: orders that one batch can draw."""

    schema_id: ClassVar[str] = "looks.ordered/1"
    orders: Annotated[tuple[Order, ...], Field(min_length=1, max_length=8)]


class LookDrawn(Message):
    """From generation.gpu to generation, which gives the GPU to who is next, and to
    generation.review, which looks at the pictures before a person does.
    """

    schema_id: ClassVar[str] = "looks.drawn/1"
    job_id: JobId
    attempt: int = Field(ge=0)
    pictures: Annotated[tuple[DrawnPicture, ...], Field(min_length=1, max_length=4)]
    seconds: float = Field(ge=0, description="of the GPU, this job's share of its batch")


class LookProgressed(Message):
    """From generation's drawing side to its recording side; a final state is never left.

    News of a job that is ``running`` also says that its worker lives.
    """

    schema_id: ClassVar[str] = "looks.progressed/1"
    job_id: JobId
    state: JobState
    attempt: int = Field(default=0, ge=0)
    step: int = 0
    steps: int = 0
    preview: bool = Field(default=False, description="preview.webp shows how it looks by now")
    seconds: float = Field(default=0.0, ge=0, description="of the GPU, used for what has ended")
    result_key: str | None = None
    reason: str | None = None
    manifest: dict[str, Any] = {}
    at: AwareDatetime
