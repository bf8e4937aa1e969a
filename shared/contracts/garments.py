"""What is seen in a photo: garments with masks, and their colours."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, Field

from shared.contracts.message import Contract, ModelRef, PhotoId
from shared.contracts.vocabulary import BASIC_COLORS, CATEGORIES

Share = Annotated[float, Field(ge=0, le=1)]


class Rle(Contract):
    """A binary mask as COCO's compressed run-length encoding (column-major)."""

    size: tuple[int, int] = Field(description="height, width in pixels")
    counts: str


def _category(value: str) -> str:
    if value not in CATEGORIES:
        raise ValueError(f"{value!r} is not one of the 13 categories")
    return value


def _basic(value: str) -> str:
    if value not in BASIC_COLORS:
        raise ValueError(f"{value!r} is not a basic colour")
    return value


Category = Annotated[str, AfterValidator(_category)]
BasicColor = Annotated[str, AfterValidator(_basic), Field(description="one of the 16")]


class Color(Contract):
    """A named colour of one garment."""

    name: str = Field(description="XKCD's English name")
    name_ko: str
    basic: BasicColor
    hex: str = Field(pattern="^#[0-9a-f]{6}$")
    share: Share = Field(description="of the garment's deciding pixels")


class Garment(Contract):
    """One garment instance, in pixels of the EXIF-upright photo."""

    category: Category
    score: Share
    box: tuple[float, float, float, float] = Field(description="x0, y0, x1, y1")
    mask: Rle
    area: int = Field(ge=0, description="mask pixels")
    pattern: str | None = None
    colors: tuple[Color, ...] = ()
    embedding: str | None = Field(
        default=None, description="its appearance, as shared.embeddings packs it"
    )


class Classification(Contract):
    """Is it fashion, and the picture's embedding, which the style probe reads."""

    fashion: Share
    is_fashion: bool = Field(description="fashion reaches the model's threshold")
    embedding: tuple[float, ...] = Field(default=(), description="512 numbers")
    model: ModelRef


class Segmentation(Contract):
    """The garments of one photo, before their colours are named."""

    width: int
    height: int
    garments: tuple[Garment, ...]
    model: ModelRef


class Analysis(Contract):
    """All that is known of one photo; the last stage stores it, and trends count from it."""

    photo_id: PhotoId
    look_id: PhotoId
    posted_at: AwareDatetime
    source: str
    author: str | None
    width: int
    height: int
    fashion: Share
    styles: dict[str, Share] = {}
    garments: tuple[Garment, ...]
    models: tuple[ModelRef, ...]
