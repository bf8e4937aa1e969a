"""What a reply holds beside its words: cards of six kinds, as models."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from services.gateway.chat.domain import Intent, Language, Period
from services.gateway.people.views import PreferencesView
from services.gateway.recommend.views import ItemView, OutfitCard


class _Card(BaseModel):
    model_config = ConfigDict(frozen=True)


class ItemCard(_Card):
    """One article, alone."""

    kind: Literal["item"] = "item"
    item: ItemView
    score: float = Field(description="how alike, 0 to 1")


class ForecastCard(_Card):
    """What may come, as `GET /v1/trends/forecast` tells it."""

    week: date = Field(description="Monday")
    share: float
    interval: tuple[float, float] = Field(description="95 %")


class TrendRowCard(_Card):
    """One row of a trend."""

    values: dict[str, str]
    labels: dict[str, str]
    looks: int
    share: float
    interval: tuple[float, float]
    growth_4w: float | None
    stage: str | None
    forecast: ForecastCard | None = Field(
        default=None, description="where the future was asked for"
    )


class TrendCard(_Card):
    """What was counted."""

    kind: Literal["trend"] = "trend"
    by: list[str]
    since: date | None = Field(description="Monday of the first week")
    until: date | None = Field(description="Sunday of the last week")
    weeks: int
    looks: int = Field(description="all looks of these weeks")
    running: bool = Field(description="the last week is not over yet")
    rows: list[TrendRowCard]
    links: dict[str, str]


class Swatch(_Card):
    """One colour of a palette."""

    name: str
    hex: str


class PaletteCard(_Card):
    """A season's colours."""

    kind: Literal["palette"] = "palette"
    season: str
    label: str
    colors: list[Swatch]
    probabilities: dict[str, float] = Field(description="by season; empty: not judged")


class PictureCard(_Card):
    """A drawing, done or on its way."""

    kind: Literal["picture"] = "picture"
    job_id: str
    served_by: str
    parent: str | None = Field(description="the job whose picture it changes")
    wear: list[str] = Field(description="what it shows, as people read it")
    link: str = Field(description="where its progress and its pictures are")


class PreferencesCard(_Card):
    """What is known of the person."""

    kind: Literal["preferences"] = "preferences"
    preferences: PreferencesView


Card = Annotated[
    OutfitCard | ItemCard | TrendCard | PaletteCard | PictureCard | PreferencesCard,
    Field(discriminator="kind"),
]


class AboutPicture(_Card):
    """The picture that a message pointed at."""

    job_id: str
    variant: int
    garment: int | None = Field(description="the one that was meant, as …/garments numbers it")


class Reply(_Card):
    """What a message is answered."""

    session_id: str
    message_id: str
    number: int = Field(description="of the message in its conversation, from 1")
    reply: str
    language: Language
    intent: Intent
    slots: dict[str, Any] = Field(description="what this message says")
    known: dict[str, Any] = Field(description="what the conversation knows of the wish")
    period: Period | None = None
    missing: list[str] = Field(description="slots without which there is no answer yet")
    question: str | None = Field(default=None, description="what is asked for")
    choices: list[str] = Field(description="answers to choose from, as people read them")
    cards: list[Card]
    job_id: str | None = Field(default=None, description="see GET /v1/generations/{job_id}")
    about: AboutPicture | None = Field(
        default=None, description="the picture that the message pointed at, as it was sent"
    )
    understood_by: Literal["rules", "llm"] = "rules"
    created_at: datetime
