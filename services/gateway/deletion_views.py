"""What the API takes and answers about deletions."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from services.gateway.views import example

_ID = "9c1d5e7f0a2b4c6d8e0f1a3b5c7d9e0f"


class DeletionIn(BaseModel):
    """What is to be deleted."""

    kind: Literal["post", "author", "source"]
    target: str = Field(
        min_length=1,
        max_length=4096,
        description="post: its address or id, or a photo's id; author: the name as the source "
        "writes it, or an API key's id; source: its name",
    )
    start: bool = Field(default=False, description="do not wait for a second request")

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"kind": "author", "target": "@minji"}]},
    )


class DeletionLinks(BaseModel):
    """Where to go on."""

    self: str
    start: str | None = Field(description="POST there to begin; null: nothing to begin")


class DeletionView(BaseModel):
    """An order to delete; without the name that it was given for."""

    id: str
    kind: Literal["post", "author", "source"]
    state: Literal["asked", "counted", "running", "done"] = Field(
        description="asked: not counted yet; counted: waits for its start; running; done"
    )
    posts_found: int | None = Field(description="posts it would delete; null: not counted yet")
    photos_found: int | None = Field(description="photos that would be left without a post")
    posts: int = Field(description="deleted so far")
    photos: int = Field(description="deleted so far")
    created_at: datetime
    done_at: datetime | None
    links: DeletionLinks

    model_config = example(
        {
            "id": _ID,
            "kind": "author",
            "state": "counted",
            "posts_found": 31,
            "photos_found": 30,
            "posts": 0,
            "photos": 0,
            "created_at": "2026-03-02T09:30:00Z",
            "done_at": None,
            "links": {"self": f"/v1/deletions/{_ID}", "start": f"/v1/deletions/{_ID}/start"},
        }
    )
