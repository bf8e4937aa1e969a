"""What the API answers about pictures, as models with their examples."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import BaseModel, Field

from services.gateway.views import example
from shared.contracts.garments import BasicColor, Category, Rle
from shared.contracts.generation import (
    Backend,
    JobState,
    WornGarment,
)

_JOB_ID = "9c1d5e7f0a2b4c6d8e0f1a3b5c7d9e0f"
_EDIT_ID = "0b1d5e7f0a2b4c6d8e0f1a3b5c7d9e0f"


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


_EXAMPLE = {
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
    "parent_variant": None,
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
}  # fmt: skip


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
    parent_variant: int | None = Field(default=None, description="which of its pictures")
    edits: list[str] = Field(default=[], description="jobs that change its picture, oldest first")
    manifest: dict[str, Any] = Field(default={}, description="how the picture was made")
    links: GenerationLinks

    model_config = example(_EXAMPLE)


class GenerationPage(BaseModel):
    """Pictures, the latest first."""

    items: list[GenerationView]
    next: str | None = Field(description="cursor of the next page; null: this is the last")

    model_config = example({"items": [_EXAMPLE], "next": None})


class SeenGarment(BaseModel):
    """A garment that is seen in a drawn picture."""

    garment: int = Field(description="what an edit names it by")
    category: Category
    label: str
    score: float
    box: tuple[float, float, float, float] = Field(
        description="x0, y0, x1, y1, each 0 to 1 of the picture's width or height"
    )
    mask: Rle = Field(
        description="COCO RLE in pixels of the picture as it was looked at; it covers all of it"
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
                    "mask": {"size": [1216, 832], "counts": "XgP33ei04K4N2N2O1N"},
                    "color": "beige",
                    "hex": "#d8c3a0",
                    "pattern": "solid",
                }
            ]
        }
    )
