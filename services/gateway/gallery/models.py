"""What the API answers about looks, as models with their examples."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Literal

from pydantic import BaseModel, Field

from services.gateway.job_views import GenerationView
from services.gateway.views import EXAMPLE_PHOTO_ID, PostView, example
from shared.contracts.garments import Category
from shared.contracts.generation import Backend, JobState
from shared.contracts.message import ModelRef

Kind = Literal["street", "drawn"]


class LookColor(BaseModel):
    """A garment's colour."""

    name: str = Field(description="as people read it")
    basic: str
    basic_label: str
    hex: str | None = Field(description="sRGB; null: no more than the basic colour was asked for")
    share: float | None = Field(default=None, description="of the garment, 0 to 1; null: asked")


class LookGarment(BaseModel):
    """One garment of a look."""

    category: Category
    label: str
    pattern: str | None
    pattern_label: str | None
    colors: list[LookColor]


class LookLinks(BaseModel):
    """Where to go on."""

    self: str
    similar: str
    picture: str | None = Field(
        description="the photo or the drawing; null: not with this key, or not done. "
        "`side` (photos) or `size` (drawings) pixels of the longer side"
    )
    overlay: str | None = Field(default=None, description="the photo with its garments drawn on it")
    figure: str | None = Field(
        default=None, description="the garments alone, as shapes in their colours; `side` pixels"
    )
    generation: str | None = Field(default=None, description="how a drawing was made")


class LookView(BaseModel):
    """A look that was counted, or a drawing of one's own."""

    id: str = Field(description="a photo's id (64 digits) or a job's (32)")
    kind: Kind
    week: date | None = Field(default=None, description="Monday of the week it was worn; street")
    created_at: datetime | None = Field(default=None, description="drawn")
    style: str | None
    style_label: str | None
    garments: list[LookGarment] = Field(
        description="street: as seen; drawn: as seen in the best picture, or else as asked for"
    )
    posts: list[PostView] = Field(default=[], description="street: show them beside the picture")
    models: list[ModelRef] = Field(default=[], description="street: what saw the garments")
    state: JobState | None = Field(default=None, description="drawn: how far it is")
    served_by: Backend | None = Field(default=None, description="drawn: who makes the picture")
    parent: str | None = Field(default=None, description="drawn: the job whose picture it changes")
    pictures: int = Field(default=1, description="how many variants there are")
    likeness: float | None = Field(
        default=None, description="of similar looks: 1 is dressed the same, 0 is a stranger"
    )
    links: LookLinks


_EXAMPLE: dict[str, Any] = {
    "id": EXAMPLE_PHOTO_ID,
    "kind": "street",
    "week": "2026-02-23",
    "created_at": None,
    "style": "casual",
    "style_label": "casual",
    "garments": [
        {
            "category": "trousers",
            "label": "trousers",
            "pattern": "solid",
            "pattern_label": "solid",
            "colors": [
                {
                    "name": "dark navy",
                    "basic": "navy",
                    "basic_label": "navy",
                    "hex": "#1f2a44",
                    "share": 0.82,
                }
            ],
        }
    ],
    "posts": [],
    "models": [],
    "state": None,
    "served_by": None,
    "parent": None,
    "pictures": 1,
    "likeness": None,
    "links": {
        "self": f"/v1/looks/{EXAMPLE_PHOTO_ID}",
        "similar": f"/v1/looks/{EXAMPLE_PHOTO_ID}/similar",
        "picture": None,
        "overlay": None,
        "figure": f"/v1/looks/{EXAMPLE_PHOTO_ID}/figure.png",
        "generation": None,
    },
}


class LookDetail(LookView):
    """One look."""

    model_config = example(_EXAMPLE)


class LookPage(BaseModel):
    """Looks, the latest first."""

    looks: list[LookView]
    count: int | None = Field(
        description="how many fit in all, counted up to 1,000; only on the first page"
    )
    next: str | None = Field(description="cursor of the next page; null: this was the last")

    model_config = example({"looks": [_EXAMPLE], "count": 412, "next": None})


class SimilarLooks(BaseModel):
    """Street looks, the most alike first."""

    looks: list[LookView]
    compared: int = Field(description="how many were compared garment by garment")

    model_config = example({"looks": [_EXAMPLE | {"likeness": 0.83}], "compared": 200})


class Versions(BaseModel):
    """A picture and all that came of it by changes, the first one first."""

    versions: list[GenerationView]

    model_config = example({"versions": []})
