"""The photo topic: a photo's way from storage to the trend, up to 32 photos a message."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import AwareDatetime, Field

from shared.contracts.garments import BasicColor, Category, Share
from shared.contracts.message import MAX_PHOTOS, Contract, Message, ModelRef, PhotoId


class PhotoRef(Contract):
    """A stored photo, and the facts of its first post that the trend needs."""

    photo_id: PhotoId
    key: str = Field(description="where the object store keeps the upright photo")
    width: int = Field(gt=0)
    height: int = Field(gt=0)
    posted_at: AwareDatetime
    source: str
    author: str | None = Field(default=None, description="keyed hash; None: unknown")
    look_id: PhotoId = Field(description="the photo this one repeats, or itself")
    generation: int = Field(
        default=0, ge=0, description="which analysis this is: `mapsi ingest --reanalyze` asks anew"
    )
    catalogued: bool = Field(
        default=False,
        description="an item's photo of a shop that nobody has posted: analysed as any other, and "
        "counted in no trend",
    )


class ClassifiedPhoto(Contract):
    """A photo that is fashion."""

    photo: PhotoRef
    fashion: Share
    styles: dict[str, Share] = {}
    models: tuple[ModelRef, ...]


class SegmentedPhoto(Contract):
    """A photo whose garments are stored at ``result_key``."""

    photo: PhotoRef
    fashion: Share
    styles: dict[str, Share] = {}
    result_key: str
    models: tuple[ModelRef, ...]


class GarmentFact(Contract):
    """What the trend counts of one garment: its dominant colour decides."""

    category: Category
    score: Share
    color: str = Field(description="XKCD's name of the dominant colour")
    basic: BasicColor
    hex: str
    pattern: str | None = None


class AnalyzedPhoto(Contract):
    """A photo whose whole analysis is stored at ``analysis_key``."""

    photo: PhotoRef
    fashion: Share
    styles: dict[str, Share] = {}
    garments: tuple[GarmentFact, ...]
    analysis_key: str
    models: tuple[ModelRef, ...]


class SettledPhoto(Contract):
    """A photo that ends without an analysis."""

    photo: PhotoRef
    outcome: Literal["not_fashion", "failed"]
    stage: str = Field(description="the service where it ended")
    reason: str = Field(description="one line for an operator")
    fashion: Share | None = None
    models: tuple[ModelRef, ...] = ()


Batch = Annotated[tuple[PhotoRef, ...], Field(min_length=1, max_length=MAX_PHOTOS)]


class PhotosStored(Message):
    """From ingestion (and its reconciler) to classification."""

    schema_id: ClassVar[str] = "photos.stored/1"
    photos: Batch

    def affected_photos(self) -> tuple[str, ...]:
        return tuple(photo.photo_id for photo in self.photos)


class PhotosClassified(Message):
    """From classification to segmentation: only the photos that are fashion."""

    schema_id: ClassVar[str] = "photos.classified/1"
    photos: Annotated[tuple[ClassifiedPhoto, ...], Field(min_length=1, max_length=MAX_PHOTOS)]

    def affected_photos(self) -> tuple[str, ...]:
        return tuple(photo.photo.photo_id for photo in self.photos)


class PhotosSegmented(Message):
    """From segmentation to color."""

    schema_id: ClassVar[str] = "photos.segmented/1"
    photos: Annotated[tuple[SegmentedPhoto, ...], Field(min_length=1, max_length=MAX_PHOTOS)]

    def affected_photos(self) -> tuple[str, ...]:
        return tuple(photo.photo.photo_id for photo in self.photos)


class PhotosAnalyzed(Message):
    """From color to trends."""

    schema_id: ClassVar[str] = "photos.analyzed/1"
    photos: Annotated[tuple[AnalyzedPhoto, ...], Field(min_length=1, max_length=MAX_PHOTOS)]

    def affected_photos(self) -> tuple[str, ...]:
        return tuple(photo.photo.photo_id for photo in self.photos)


class PhotosSettled(Message):
    """From any stage to trends: photos that end here, with the reason."""

    schema_id: ClassVar[str] = "photos.settled/1"
    photos: Annotated[tuple[SettledPhoto, ...], Field(min_length=1, max_length=MAX_PHOTOS)]

    def affected_photos(self) -> tuple[str, ...]:
        return tuple(photo.photo.photo_id for photo in self.photos)
