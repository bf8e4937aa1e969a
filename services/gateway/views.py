"""What the API answers, as models: OpenAPI shows them with their examples."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field

from services.gateway.domain import PhotoState
from shared.contracts.garments import Garment
from shared.contracts.message import ModelRef
from shared.contracts.vocabulary import label

EXAMPLE_PHOTO_ID = "3f0a2b7c9d1e4f5061728394a5b6c7d8e9fa0b1c2d3e4f5061728394a5b6c7d8"


def example(value: dict[str, Any]) -> ConfigDict:
    """Return the configuration of a frozen model that OpenAPI shows by ``value``."""
    return ConfigDict(frozen=True, json_schema_extra={"examples": [value]})


class PhotoLinks(BaseModel):
    """Where to go on."""

    self: str
    picture: str | None = Field(default=None, description="set once ingestion has the photo")
    overlay: str | None = Field(default=None, description="set once the photo is analysed")


_ACCEPTED = {
    "id": EXAMPLE_PHOTO_ID,
    "state": "received",
    "links": {"self": f"/v1/photos/{EXAMPLE_PHOTO_ID}", "picture": None, "overlay": None},
}


class PhotoAccepted(BaseModel):
    """An upload that will be analysed."""

    id: str = Field(description="SHA-256 of the file: the same photo has the same id")
    state: PhotoState
    links: PhotoLinks

    model_config = example(_ACCEPTED)


class PostView(BaseModel):
    """Where the photo was posted and by what right it is here: show it beside the photo."""

    source: str
    url: str | None = Field(description="the post's or the photo's address at its source")
    posted_at: datetime
    licence: str | None = Field(description="as its owner names it; null: unknown")
    credit: str | None = Field(
        description="the author's name, only where the licence asks that it be shown"
    )


_POST = {
    "source": "street-archive",
    "url": "https://photos.example/p/81",
    "posted_at": "2026-03-01T18:00:00Z",
    "licence": "CC BY 4.0",
    "credit": "Kim Minji",
}


class PhotoSummary(PhotoAccepted):
    """A photo and how far it is."""

    received_at: datetime
    posted_at: datetime | None = None
    source: str | None = None
    fashion: float | None = Field(default=None, description="probability, 0 to 1")
    stage: str | None = Field(default=None, description="the service where it ended")
    reason: str | None = Field(default=None, description="why it failed or was buried")
    posts: list[PostView] = Field(default=[], description="the first ten, the earliest first")

    model_config = example(
        {
            **_ACCEPTED,
            "state": "not_fashion",
            "received_at": "2026-03-02T09:30:00Z",
            "posted_at": "2026-03-01T18:00:00Z",
            "source": "upload",
            "fashion": 0.03,
            "stage": "classification",
            "reason": "fashion probability 0.03 is below the threshold",
            "posts": [],
        }
    )


class GarmentView(Garment):
    """A garment with its names in the reader's language."""

    embedding: str | None = Field(default=None, exclude=True)
    label: str
    pattern_label: str | None = Field(description="the pattern's name; null: it cannot be told")

    @classmethod
    def of(cls, garment: Garment, language: str) -> Self:
        """Return ``garment`` with labels in ``"ko"`` or ``"en"``."""
        return cls(
            **garment.model_dump(exclude={"embedding"}),
            label=label(garment.category, language),
            pattern_label=label(garment.pattern, language) if garment.pattern else None,
        )


_ANALYZED = {
    **_ACCEPTED,
    "state": "analyzed",
    "links": {
        "self": f"/v1/photos/{EXAMPLE_PHOTO_ID}",
        "picture": f"/v1/photos/{EXAMPLE_PHOTO_ID}/picture.jpg",
        "overlay": f"/v1/photos/{EXAMPLE_PHOTO_ID}/overlay.png",
    },
    "received_at": "2026-03-02T09:30:00Z",
    "posted_at": "2026-03-01T18:00:00Z",
    "source": "upload",
    "fashion": 0.99,
    "stage": "color",
    "reason": None,
    "posts": [_POST],
    "analysis": {
        "width": 550,
        "height": 830,
        "look_id": EXAMPLE_PHOTO_ID,
        "styles": {"casual": 0.71},
        "garments": [
            {
                "category": "trousers",
                "label": "trousers",
                "score": 0.93,
                "box": [201.0, 388.0, 340.0, 742.0],
                "mask": {"size": [830, 550], "counts": "XgP33ei04K4N2N2O1N"},
                "area": 31871,
                "pattern": "solid",
                "pattern_label": "solid",
                "colors": [
                    {
                        "name": "dark navy",
                        "name_ko": "짙은 남색",
                        "basic": "navy",
                        "hex": "#1f2a44",
                        "share": 0.82,
                    }
                ],
            }
        ],
        "models": [{"name": "segmenter", "version": "1", "sha256": "0" * 64}],
    },
}


class AnalysisView(BaseModel):
    """What was seen in the photo; box and mask in pixels of the upright photo."""

    width: int
    height: int
    look_id: str = Field(description="the first photo that this one repeats, or itself")
    styles: dict[str, float]
    garments: list[GarmentView]
    models: list[ModelRef]


class PhotoDetail(PhotoSummary):
    """A photo with its analysis, once there is one."""

    analysis: AnalysisView | None = None

    model_config = example(_ANALYZED)


class PhotoPage(BaseModel):
    """A page of photos, latest first."""

    photos: list[PhotoSummary]
    next: str | None = Field(description="cursor of the next page; null: this was the last")

    model_config = example(
        {
            "photos": [{k: v for k, v in _ANALYZED.items() if k != "analysis"}],
            "next": "WyIyMDI2LTAzLTAyVDA5OjMwOjAwKzAwOjAwIiwiM2YwYSJd",
        }
    )


class Health(BaseModel):
    """The process lives."""

    status: Literal["ok"] = "ok"

    model_config = example({"status": "ok"})


Word = Literal["ok", "away"]


class Checks(BaseModel):
    """What the gateway needs, each in a word."""

    database: Word
    broker: Word
    storage: Word


class Readiness(BaseModel):
    """Everything the gateway needs answers."""

    status: Literal["ready"] = "ready"
    checks: Checks

    model_config = example(
        {"status": "ready", "checks": {"database": "ok", "broker": "ok", "storage": "ok"}}
    )
