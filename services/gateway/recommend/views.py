"""Outfits as clients see them: the cards of the chat and of ``GET /v1/recommendations``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from functools import lru_cache
from typing import Any, Final, Literal
from urllib.parse import urlencode

from pydantic import BaseModel, ConfigDict, Field

from services.gateway.catalog.domain import Item
from services.gateway.recommend.domain import (
    Cited,
    Language,
    Obstacle,
    Outfit,
    main_color,
    reasons,
    slot_of,
    tip,
)
from services.gateway.recommend.trending import WEEKS
from services.gateway.recommend.wording import piece_label, sentence
from shared.contracts.vocabulary import label

Alike = Mapping[str, Sequence[Item]]
"""By item id: items that look like it."""

_DIGITS: Final = 4
_KEPT: Final = 4_096
"""Pieces, and numbers of reasons, of which the view is kept."""


class _View(BaseModel):
    model_config = ConfigDict(frozen=True)


class ItemView(_View):
    """An article of a shop."""

    item_id: str
    title: str
    brand: str | None
    category: str
    label: str = Field(description="the category as people read it")
    slot: Literal["top", "bottom", "outer", "dress"]
    color: str | None = Field(description="basic colour of its largest part; null: not seen")
    hex: str | None
    pattern: str | None
    price: int = Field(description="KRW")
    link: str = Field(description="the shop's page")
    picture: str = Field(description="where its picture is")


class PieceView(ItemView):
    """A piece of an outfit, and items that could take its place."""

    alike: list[ItemView] = Field(description="the most alike first; all hold the same limits")


class CitedView(_View):
    """A number that a reason gives, as `GET /v1/trends` tells it."""

    reason: int = Field(description="index in `reasons`")
    series: dict[str, str] = Field(description="`values` of the row")
    measure: Literal["looks", "growth_4w"] = Field(
        description="`looks`: the row's looks of `weeks` added up; `growth_4w`: the row's growth"
    )
    weeks: list[date] = Field(description="Mondays of the whole weeks counted")
    value: float
    low: float | None = Field(description="95 % interval; null: no such bound")
    high: float | None
    source: str = Field(description="where the row is")


class OutfitCard(_View):
    """Pieces that go together, and why."""

    kind: Literal["outfit"] = "outfit"
    outfit_id: str = Field(description="opaque; the same pieces have the same one")
    title: str
    items: list[PieceView] = Field(description="outerwear, dress or top, what is worn below")
    total: int = Field(description="KRW of all pieces")
    score: float = Field(description="0 to 1; comparable within one answer")
    reasons: list[str] = Field(description="the strongest first")
    data: list[CitedView] = Field(description="the numbers in the reasons")
    tip: str | None
    board: str = Field(description="its picture, drawn when it is first asked for")


class WhyFew(_View):
    """Why there are fewer outfits than were asked for, and what would help."""

    kind: str = Field(
        description="empty, budget, stock, avoid, gender, item, color, pattern, occasion, none"
    )
    words: list[str] = Field(description="the vocabulary words that are in the way")
    found: int = Field(description="outfits there are")
    relaxed: int = Field(description="outfits there were without what is in the way; 99: or more")
    budget: int | None = Field(description="KRW from which there are enough")
    text: str


class RecommendationsView(_View):
    """Outfits for the caller, and what they were chosen by."""

    language: Language
    wanted: dict[str, Any] = Field(description="the slots that were asked for")
    outfits: list[OutfitCard]
    why_few: WhyFew | None = Field(description="null: there are enough")

    model_config = ConfigDict(
        frozen=True,
        json_schema_extra={
            "examples": [
                {
                    "language": "en",
                    "wanted": {"occasion": "work", "budget": 150000},
                    "outfits": [
                        {
                            "kind": "outfit",
                            "outfit_id": "Yx2c9QmB7fLw",
                            "title": "White long sleeved shirt + beige trousers",
                            "items": [
                                {
                                    "item_id": "5a1f0c9d7e3b24681357ace0",
                                    "title": "Cotton shirt",
                                    "brand": "Mapsi",
                                    "category": "long_sleeved_shirt",
                                    "label": "long sleeved shirt",
                                    "slot": "top",
                                    "color": "white",
                                    "hex": "#f4f2ee",
                                    "pattern": "solid",
                                    "price": 39000,
                                    "link": "https://shop.example/shirt",
                                    "picture": "/v1/items/5a1f0c9d7e3b24681357ace0/picture.jpg",
                                    "alike": [],
                                }
                            ],
                            "total": 94000,
                            "score": 0.71,
                            "reasons": [
                                "Beige trousers: 128 looks in the last 4 weeks (19 Oct–15 Nov), "
                                "share +32% on the 4 weeks before (95% certain: +10% to +58%)."
                            ],
                            "data": [
                                {
                                    "reason": 0,
                                    "series": {"item": "trousers", "color": "beige"},
                                    "measure": "looks",
                                    "weeks": ["2026-10-19", "2026-10-26"],
                                    "value": 128,
                                    "low": None,
                                    "high": None,
                                    "source": "/v1/trends?by=item%2Ccolor&weeks=12",
                                }
                            ],
                            "tip": "For work tuck the top in and mark the waist with a belt.",
                            "board": "/v1/recommendations/Yx2c9QmB7fLw/board.png?lang=en",
                        }
                    ],
                    "why_few": None,
                }
            ]
        },
    )


def outfit_card(outfit: Outfit, language: Language, alike: Alike | None = None) -> OutfitCard:
    """Return an outfit as a card; ``alike``: items like its pieces."""
    near = alike or {}
    pieces = [_piece(piece, language) for piece in outfit.pieces]
    return OutfitCard(
        outfit_id=outfit.outfit_id,
        title=outfit_title(outfit.pieces, language),
        items=[
            view.model_copy(update={"alike": [item_view(one, language) for one in found]})
            if (found := near.get(view.item_id))
            else view
            for view in pieces
        ],
        total=outfit.total,
        score=round(outfit.score, _DIGITS),
        reasons=list(reasons(outfit, language)),
        data=[
            cited_view(cited, at)
            for at, reason in enumerate(outfit.reasons)
            for cited in reason.cited
        ],
        tip=tip(outfit, language),
        board=f"/v1/recommendations/{outfit.outfit_id}/board.png?lang={language}",
    )


def outfit_title(pieces: Sequence[Item], language: Language) -> str:
    """Return the pieces' names with a plus between."""
    return sentence(" + ".join(piece_label(piece, language) for piece in pieces))


@lru_cache(maxsize=_KEPT)
def _piece(item: Item, language: Language) -> PieceView:
    return PieceView(**_fields(item, language), alike=[])


def item_view(item: Item, language: Language) -> ItemView:
    """Return an item as clients see it."""
    return ItemView(**_fields(item, language))


@lru_cache(maxsize=_KEPT)
def cited_view(cited: Cited, reason: int) -> CitedView:
    """Return a cited number; ``reason``: which of the outfit's reasons gives it."""
    asked = urlencode({"by": ",".join(cited.series), "weeks": WEEKS})
    return CitedView(
        reason=reason,
        series=dict(cited.series),
        measure=cited.measure,
        weeks=list(cited.weeks),
        value=cited.value,
        low=cited.low,
        high=cited.high,
        source=f"/v1/trends?{asked}",
    )


def why_few_view(obstacle: Obstacle, language: Language) -> WhyFew:
    """Return what is in the way."""
    return WhyFew(
        kind=obstacle.kind,
        words=list(obstacle.words),
        found=obstacle.found,
        relaxed=obstacle.relaxed,
        budget=obstacle.budget,
        text=obstacle.text(language),
    )


def _fields(item: Item, language: Language) -> dict[str, Any]:
    return {
        "item_id": item.item_id,
        "title": item.title,
        "brand": item.brand,
        "category": item.category,
        "label": label(item.category, language),
        "slot": slot_of(item.category),
        "color": main_color(item),
        "hex": item.colors[0].hex if item.colors else None,
        "pattern": item.pattern,
        "price": item.price,
        "link": item.link,
        "picture": f"/v1/items/{item.item_id}/picture.jpg",
    }
