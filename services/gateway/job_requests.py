"""What the API takes about pictures, as models with their examples."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from services.gateway.drawing.editing import Change, is_word
from services.gateway.views import EXAMPLE_PHOTO_ID
from shared.contracts.garments import BasicColor
from shared.contracts.generation import (
    MOST_VARIANTS,
    Backend,
    Pattern,
    Preset,
    Priority,
    Scene,
    WornGarment,
)


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
    variants: int = Field(
        default=1, ge=1, le=MOST_VARIANTS, description="pictures, each of another seed"
    )
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
