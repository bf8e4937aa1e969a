"""What the API takes and answers about pictures, as models with their examples."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from services.gateway.drawing.editing import Change, is_word
from services.gateway.views import EXAMPLE_PHOTO_ID, example
from shared.contracts.garments import BasicColor, Category
from shared.contracts.generation import (
    Backend,
    JobState,
    Pattern,
    Preset,
    Priority,
    Scene,
    WornGarment,
)

_JOB_ID = "9c1d5e7f0a2b4c6d8e0f1a3b5c7d9e0f"
_EDIT_ID = "0b1d5e7f0a2b4c6d8e0f1a3b5c7d9e0f"


def _item(word: str) -> str:
    if not is_word(word):
        raise ValueError(f"{word!r} is no garment; write a category, a family or bottom")
    return word


def _size(text: str) -> str:
    for side in map(int, text.split("x")):
        if not 64 <= side <= 2048 or side % 8:
            raise ValueError("each side is 64 to 2048 pixels, in steps of 8")
    return text


ItemWord = Annotated[
    str, AfterValidator(_item), Field(description="a category, a family (outer, …) or bottom")
]
Size = Annotated[str, Field(pattern=r"^\d{2,4}x\d{2,4}$"), AfterValidator(_size)]
Hex = Annotated[str, Field(pattern="^#[0-9a-f]{6}$", description="the colour exactly, sRGB")]


class PieceIn(BaseModel):
    """One garment to show: of which photo, and the how-many-th of its analysis."""

    photo_id: str = Field(pattern="^[0-9a-f]{64}$")
    garment: int = Field(ge=0, le=99)
    caption: str = Field(default="", max_length=120)

    model_config = ConfigDict(extra="forbid")


class GenerationIn(BaseModel):
    """A wished picture: of garments from photos, or of what is told in words."""

    backend: Backend | None = Field(
        default=None, description="who draws; unset: the installation's drawer, or a board"
    )
    title: str = Field(default="", max_length=120)
    language: Literal["ko", "en"] | None = Field(
        default=None, description="of the picture's words; unset: Accept-Language"
    )
    pieces: list[PieceIn] = Field(
        default=[], max_length=6, description="garments of analysed photos of yours"
    )
    wear: list[WornGarment] = Field(
        default=[], max_length=6, description="what is worn, in words of the vocabulary"
    )
    scene: Scene = Field(default=Scene(), description="who wears it, where and when")
    words: str = Field(default="", max_length=600, description="more of the picture, in English")
    negative: str = Field(default="", max_length=600, description="what it shall not show")
    variants: int = Field(default=1, ge=1, le=4, description="pictures, each of another seed")
    size: Size = Field(default="832x1216", description="width x height, in steps of 8")
    preset: Preset = "quality"
    priority: Priority = "interactive"
    seed: int | None = Field(
        default=None, ge=0, le=2**32 - 1, description="the same gives the same picture; unset: any"
    )

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "wear": [
                        {"category": "long_sleeved_outwear", "color": "white"},
                        {"category": "trousers", "color": "navy", "pattern": "striped"},
                    ],
                    "scene": {"gender": "women", "style": "minimal", "occasion": "work"},
                    "variants": 2,
                },
                {
                    "backend": "lookbook",
                    "title": "A walk in March",
                    "pieces": [
                        {"photo_id": EXAMPLE_PHOTO_ID, "garment": 0},
                        {"photo_id": EXAMPLE_PHOTO_ID, "garment": 1, "caption": "wool, long"},
                    ],
                },
            ]
        },
    )

    @property
    def shape(self) -> tuple[int, int]:
        """Width and height in pixels."""
        width, height = self.size.split("x")
        return int(width), int(height)

    @model_validator(mode="after")
    def _something(self) -> Self:
        if not (self.pieces or self.wear or self.words or self.scene != Scene()):
            raise ValueError("tell what to show: pieces, wear, scene or words")
        return self


class NewWear(BaseModel):
    """What a garment shall be; what is unset stays."""

    category: ItemWord | None = Field(default=None, description="unset: it stays what it is")
    color: BasicColor | None = None
    hex: Hex | None = None
    pattern: Pattern | None = None
    words: str = Field(default="", max_length=80, description="more of it, in English")

    model_config = ConfigDict(extra="forbid")


class EditIn(BaseModel):
    """A change of a picture that was drawn; everything else of it stays."""

    variant: int = Field(default=1, ge=1, le=4)
    garment: int | None = Field(
        default=None, ge=0, le=99, description="which one, of `…/garments`; or name it by `item`"
    )
    item: ItemWord | None = Field(
        default=None, description="which garment; neither it nor `garment`: the whole look"
    )
    wear: NewWear | None = Field(default=None, description="what the garment shall be")
    drop: bool = Field(default=False, description="the garment shall not be worn any more")
    scene: Scene = Field(default=Scene(), description="what of it shall be otherwise")
    words: str = Field(default="", max_length=300, description="more of the picture, in English")
    strength: float | None = Field(
        default=None, gt=0, le=1, description="how much is drawn anew; unset: by the change's size"
    )

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {"item": "outer", "wear": {"color": "white"}},
                {"garment": 1, "wear": {"category": "trousers", "pattern": "checked"}},
                {"words": "brighter light", "scene": {"season": "spring"}},
            ]
        },
    )

    @model_validator(mode="after")
    def _a_change(self) -> Self:
        which = self.garment is not None or self.item is not None
        if (self.wear is not None or self.drop) and not which:
            raise ValueError("say which garment: by garment or item")
        if which and self.wear is None and not self.drop:
            raise ValueError("say what the garment shall be: wear, or drop")
        if not which and not self.words and self.scene == Scene() and self.strength is None:
            raise ValueError("say what shall be otherwise")
        return self

    def change(self) -> Change:
        """Return it as the wish is changed by it."""
        wear = self.wear or NewWear()
        return Change(
            garment=self.garment, item=self.item, becomes=wear.category, color=wear.color,
            hex=wear.hex, pattern=wear.pattern, details=wear.words, drop=self.drop,
            words=self.words, scene=self.scene, strength=self.strength,
        )  # fmt: skip


class GenerationLinks(BaseModel):
    """Where to go on."""

    self: str
    events: str
    edits: str
    picture: str | None = Field(default=None, description="set once the picture is done")
    preview: str | None = Field(default=None, description="how it looks by now, while it is drawn")
    manifest: str | None = Field(default=None, description="how it was made, as a file")
    parent: str | None = Field(default=None, description="the picture that it changes")


class FaultView(BaseModel):
    """One thing that is not as it was asked."""

    kind: str
    garment: int | None = Field(default=None, description="index in `wear`")
    text: str


class ReviewView(BaseModel):
    """What our own models saw in the picture, compared with what was asked for."""

    passed: bool
    score: float = Field(description="0 to 1")
    faults: list[FaultView]
    remarks: list[FaultView] = Field(
        default=[], description="what may be otherwise, and is too uncertain to count as a fault"
    )


class PictureView(BaseModel):
    """One variant, the best first."""

    variant: int
    seed: int
    width: int
    height: int
    attempt: int = Field(description="the how-many-th drawing it comes from, from 1")
    review: ReviewView | None = Field(description="null: nobody looked at it")
    picture: str
    garments: str = Field(description="what is seen in it, for edits")


class GenerationView(BaseModel):
    """A job and how far it is."""

    id: str
    state: JobState
    served_by: Backend = Field(description="who makes the picture")
    notice: str | None = Field(
        default=None, description="where that is not what was wished for: what it is instead"
    )
    step: int = 0
    steps: int = 0
    cancel_requested: bool = False
    reason: str | None = Field(default=None, description="why it failed, or why it waits")
    created_at: datetime
    deadline: datetime
    wear: list[WornGarment] = Field(default=[], description="what it shall show")
    pictures: list[PictureView] = Field(default=[], description="once it is done")
    parent: str | None = Field(default=None, description="the job whose picture it changes")
    edits: list[str] = Field(default=[], description="jobs that change its picture, oldest first")
    manifest: dict[str, Any] = Field(default={}, description="how the picture was made")
    links: GenerationLinks

    model_config = example(
        {
            "id": _JOB_ID,
            "state": "done",
            "served_by": "sdxl",
            "notice": None,
            "step": 30,
            "steps": 30,
            "cancel_requested": False,
            "reason": None,
            "created_at": "2026-03-02T09:30:00Z",
            "deadline": "2026-03-02T09:40:00Z",
            "wear": [
                {"category": "long_sleeved_outwear", "color": "white", "hex": None,
                 "pattern": None, "words": ""}
            ],
            "pictures": [
                {
                    "variant": 1,
                    "seed": 5,
                    "width": 832,
                    "height": 1216,
                    "attempt": 1,
                    "review": {
                        "passed": False,
                        "score": 0.5,
                        "faults": [
                            {
                                "kind": "color",
                                "garment": 0,
                                "text": "long sleeved outwear: looks beige where white was asked "
                                "for",
                            }
                        ],
                    },
                    "picture": f"/v1/generations/{_JOB_ID}/picture.png?variant=1",
                    "garments": f"/v1/generations/{_JOB_ID}/garments?variant=1",
                }
            ],
            "parent": None,
            "edits": [_EDIT_ID],
            "manifest": {"backend": "sdxl"},
            "links": {
                "self": f"/v1/generations/{_JOB_ID}",
                "events": f"/v1/generations/{_JOB_ID}/events",
                "edits": f"/v1/generations/{_JOB_ID}/edits",
                "picture": f"/v1/generations/{_JOB_ID}/picture.png",
                "preview": None,
                "manifest": f"/v1/generations/{_JOB_ID}/manifest.json",
                "parent": None,
            },
        }
    )  # fmt: skip


class GenerationPage(BaseModel):
    """Pictures, the latest first."""

    items: list[GenerationView]
    next: str | None = Field(description="cursor of the next page; null: this is the last")


class SeenGarment(BaseModel):
    """A garment that is seen in a drawn picture."""

    garment: int = Field(description="what an edit names it by")
    category: Category
    label: str
    score: float
    box: tuple[float, float, float, float] = Field(
        description="x0, y0, x1, y1, each 0 to 1 of the picture's width or height"
    )
    color: BasicColor | None
    hex: str | None
    pattern: str | None


class SeenGarments(BaseModel):
    """What is seen in one variant, best first."""

    garments: list[SeenGarment]

    model_config = example(
        {
            "garments": [
                {
                    "garment": 0,
                    "category": "long_sleeved_outwear",
                    "label": "long sleeved outwear",
                    "score": 0.93,
                    "box": [0.2, 0.21, 0.8, 0.6],
                    "color": "beige",
                    "hex": "#d8c3a0",
                    "pattern": "solid",
                }
            ]
        }
    )
