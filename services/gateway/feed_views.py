"""Shops' feeds as the API tells of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from services.gateway.domain import Language
from services.gateway.views import example
from shared.records.ingestion import Refusal
from shared.records.items import ShopFeed, ShopItem
from shared.records.shop_book import FeedSpec, Form, State, feed_state

_SPEC: dict[str, Any] = {
    "name": "sample-shop",
    "url": "https://shop.example/feed.tsv",
    "every_minutes": 60,
}
_FEED: dict[str, Any] = {
    "name": "sample-shop",
    "place": "https://shop.example/feed.tsv",
    "format": None,
    "every_minutes": 60,
    "state": "resting",
    "error": None,
    "failures": 0,
    "created_at": "2026-03-01T09:00:00Z",
    "read_at": "2026-03-02T09:00:00Z",
    "due_at": "2026-03-02T10:00:00Z",
    "figures": {"added": 3, "changed": 1, "unchanged": 92, "gone": 0, "refused": 1},
    "refused": [
        {
            "name": "https://shop.example/feed.tsv line 17",
            "text": "https://shop.example/feed.tsv line 17: price 39 USD is not in KRW; give this "
            "shop's prices in KRW",
        }
    ],
    "disagreements": [
        {"id": "A17", "note": "feed: long_sleeved_outwear; photo: long_sleeved_shirt"}
    ],
}


class FeedIn(FeedSpec):
    """A shop's feed that is to be read on a schedule."""

    model_config = ConfigDict(frozen=True, extra="forbid", json_schema_extra={"examples": [_SPEC]})


class FeedChange(BaseModel):
    """What can be changed: whether it rests."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", json_schema_extra={"examples": [{"paused": True}]}
    )

    paused: bool


class FeedRefusal(BaseModel):
    """Something of the feed that is not taken in, and why."""

    name: str = Field(description="the line, or the item whose photo it is")
    text: str


class Disagreement(BaseModel):
    """An item that the feed says to be one thing and the photo shows as another: the feed's."""

    id: str = Field(description="the shop's own")
    note: str


class FeedView(BaseModel):
    """A feed and how it is."""

    name: str
    place: str = Field(description="its address, or the file that a command read")
    format: Form | None = Field(description="null: told by how it begins")
    every_minutes: int | None = Field(description="null: read by `mapsi ingest --shop` alone")
    state: State
    error: str | None = Field(description="the last reading's trouble, with the fix")
    failures: int = Field(description="readings in a row that had trouble")
    created_at: datetime
    read_at: datetime | None = Field(description="when a reading last ended well")
    due_at: datetime | None
    figures: dict[str, int] = Field(description="items of the last reading that found any change")
    refused: list[FeedRefusal] = Field(description="the latest hundred")
    disagreements: list[Disagreement] = Field(description="of feed and photo, the first hundred")

    model_config = example(_FEED)


class FeedPage(BaseModel):
    """Feeds by name."""

    feeds: list[FeedView]
    next: str | None = Field(description="cursor of the next page; null: this was the last")

    model_config = example({"feeds": [_FEED], "next": None})


def feed_view(
    feed: ShopFeed,
    refusals: Sequence[Refusal],
    doubtful: Sequence[ShopItem],
    *,
    language: Language,
    now: datetime,
) -> FeedView:
    """Return a feed as clients see it; ``doubtful``: items of which feed and photo disagree."""
    korean = language == "ko"
    return FeedView(
        name=feed.name,
        place=feed.place,
        format=feed.form,  # type: ignore[arg-type]
        every_minutes=feed.every_minutes,
        state=feed_state(feed, now=now),
        error=feed.error_ko if korean else feed.error,
        failures=feed.failures,
        created_at=feed.created_at,
        read_at=feed.read_at,
        due_at=feed.due_at,
        figures=feed.figures,
        refused=[FeedRefusal(name=r.name, text=r.text_ko if korean else r.text) for r in refusals],
        disagreements=[Disagreement(id=one.offer_id, note=one.note or "") for one in doubtful],
    )
