"""What the API tells an operator of photos that are under way or did not get on."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from services.gateway.views import EXAMPLE_PHOTO_ID, PhotoLinks, example
from shared.contracts.message import PhotoId

Troubled = Literal["buried", "failed"]

_REASON: dict[str, Any] = {
    "state": "buried",
    "stage": "color",
    "reason": "color.name_colors: MemoryError: ",
    "photos": 3,
    "first_at": "2026-03-02T09:00:00Z",
    "last_at": "2026-03-02T09:10:00Z",
}


class PhotoCounts(BaseModel):
    """Photos by state, shops' photos included."""

    pending: int
    analyzed: int
    not_fashion: int
    failed: int
    buried: int


class OldestPhoto(BaseModel):
    """The photo that is under way for the longest time."""

    id: str
    since: datetime = Field(description="its last announcement")


class ReasonView(BaseModel):
    """Photos that did not get on for one reason."""

    state: Troubled
    stage: str | None = Field(description="the service where it happened; null: none is known")
    reason: str
    photos: int
    first_at: datetime
    last_at: datetime


class PhotosOverview(BaseModel):
    """Where the photos are; figures are some seconds old at most, more in a large ledger."""

    counts: PhotoCounts
    oldest_pending: OldestPhoto | None
    reasons: list[ReasonView] = Field(description="the fifty that concern the most photos")

    model_config = example(
        {
            "counts": {
                "pending": 4,
                "analyzed": 9_800,
                "not_fashion": 120,
                "failed": 2,
                "buried": 3,
            },
            "oldest_pending": {"id": EXAMPLE_PHOTO_ID, "since": "2026-03-02T09:29:00Z"},
            "reasons": [_REASON],
        }
    )


class TroubledPhoto(BaseModel):
    """A photo that failed or was buried."""

    id: str
    state: Troubled
    stage: str | None
    reason: str
    at: datetime = Field(description="when it failed or was buried")
    received_at: datetime
    source: str
    attempts: int = Field(description="announcements so far")
    links: PhotoLinks


class TroubledPage(BaseModel):
    """Photos that did not get on, the latest first."""

    photos: list[TroubledPhoto]
    next: str | None = Field(description="cursor of the next page; null: this was the last")

    model_config = example(
        {
            "photos": [
                {
                    "id": EXAMPLE_PHOTO_ID,
                    "state": "buried",
                    "stage": "color",
                    "reason": "color.name_colors: MemoryError: ",
                    "at": "2026-03-02T09:10:00Z",
                    "received_at": "2026-03-02T09:00:00Z",
                    "source": "street",
                    "attempts": 3,
                    "links": {
                        "self": f"/v1/photos/{EXAMPLE_PHOTO_ID}",
                        "picture": f"/v1/photos/{EXAMPLE_PHOTO_ID}/picture.jpg",
                    },
                }
            ],
            "next": None,
        }
    )


class RetryIn(BaseModel):
    """Which photos get all their attempts again: some by id, or all of a state (and reason)."""

    photo_ids: list[PhotoId] | None = Field(default=None, min_length=1, max_length=200)
    state: Troubled | None = None
    stage: str | None = Field(default=None, max_length=64, description="of failed ones")
    reason: str | None = Field(default=None, max_length=4000, description="exactly as told")

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        json_schema_extra={"examples": [{"state": "buried", "reason": _REASON["reason"]}]},
    )


class RetryView(BaseModel):
    """What became of a retry."""

    retried: int = Field(description="photos that are under way again")
    announced: int = Field(
        description="of these, photos whose message the broker took; the others' follows by itself"
    )
    left: int = Field(description="photos of the same choice that this request was too small for")

    model_config = example({"retried": 3, "announced": 3, "left": 0})
