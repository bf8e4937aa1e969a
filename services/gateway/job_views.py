"""What the API takes and answers about pictures, as models with their examples."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from services.gateway.views import EXAMPLE_PHOTO_ID, example
from shared.contracts.generation import JobState

_JOB_ID = "9c1d5e7f0a2b4c6d8e0f1a3b5c7d9e0f"


class PieceIn(BaseModel):
    """One garment to show: of which photo, and the how-many-th of its analysis."""

    photo_id: str = Field(pattern="^[0-9a-f]{64}$")
    garment: int = Field(ge=0, le=99)
    caption: str = Field(default="", max_length=120)

    model_config = ConfigDict(extra="forbid")


class GenerationIn(BaseModel):
    """A wished picture."""

    backend: Literal["lookbook"] = "lookbook"
    title: str = Field(default="", max_length=120)
    language: Literal["ko", "en"] | None = Field(
        default=None, description="of the picture's words; unset: Accept-Language"
    )
    pieces: list[PieceIn] = Field(min_length=1, max_length=6)
    seed: int = Field(default=0, ge=0, le=2**32 - 1)

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "title": "A walk in March",
                    "pieces": [
                        {"photo_id": EXAMPLE_PHOTO_ID, "garment": 0},
                        {"photo_id": EXAMPLE_PHOTO_ID, "garment": 1, "caption": "wool, long"},
                    ],
                }
            ]
        },
    )


class GenerationLinks(BaseModel):
    """Where to go on."""

    self: str
    events: str
    picture: str | None = Field(default=None, description="set once the picture is done")


class GenerationView(BaseModel):
    """A job and how far it is."""

    id: str
    state: JobState
    step: int = 0
    steps: int = 0
    cancel_requested: bool = False
    reason: str | None = Field(default=None, description="why it failed")
    created_at: datetime
    deadline: datetime
    manifest: dict[str, Any] = Field(default={}, description="how the picture was made")
    links: GenerationLinks

    model_config = example(
        {
            "id": _JOB_ID,
            "state": "running",
            "step": 1,
            "steps": 3,
            "cancel_requested": False,
            "reason": None,
            "created_at": "2026-03-02T09:30:00Z",
            "deadline": "2026-03-02T09:40:00Z",
            "manifest": {},
            "links": {
                "self": f"/v1/generations/{_JOB_ID}",
                "events": f"/v1/generations/{_JOB_ID}/events",
                "picture": None,
            },
        }
    )
