"""Items of shops as the API tells of them."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field

from services.gateway.catalog.alike import Alike
from services.gateway.catalog.domain import Item
from services.gateway.catalog.similar import Similar
from services.gateway.domain import Language
from services.gateway.views import EXAMPLE_PHOTO_ID, example
from shared.contracts.garments import Color
from shared.contracts.message import PhotoId
from shared.contracts.vocabulary import label

EXAMPLE_ITEM_ID = "9b1f0c7d2e3a4b5c6d7e8f90"
_ITEM: dict[str, Any] = {
    "item_id": EXAMPLE_ITEM_ID,
    "feed": "sample-shop",
    "title": "Navy wool blazer",
    "brand": "Mapsi",
    "link": "https://shop.example/wool-blazer",
    "category": "long_sleeved_outwear",
    "label": "long sleeved outwear",
    "colors": [
        {
            "name": "marine",
            "name_ko": "마린 네이비",
            "basic": "navy",
            "hex": "#1e2a4a",
            "share": 0.9,
        }
    ],
    "pattern": "solid",
    "pattern_label": "solid",
    "styles": {"modern": 0.62, "minimal": 0.2},
    "gender": "men",
    "price": 116000,
    "full_price": 145000,
    "currency": "KRW",
    "available": True,
    "picture": f"/v1/items/{EXAMPLE_ITEM_ID}/picture.jpg",
    "updated_at": "2026-03-02T09:30:00Z",
}


class ItemView(BaseModel):
    """An article of a shop, with what was seen on its photo."""

    item_id: str
    feed: str = Field(description="the shop")
    title: str
    brand: str | None
    link: str = Field(description="the shop's page of the item")
    category: str
    label: str = Field(description="the category's name in the reader's language")
    colors: list[Color] = Field(description="the largest first")
    pattern: str | None
    pattern_label: str | None
    styles: dict[str, float]
    gender: str = Field(description="women, men or any")
    price: int = Field(description="now, with the sale")
    full_price: int | None = Field(description="without the sale; null: there is none now")
    currency: str = "KRW"
    available: bool = Field(description="in stock, listed and not expired")
    picture: str
    updated_at: datetime | None

    model_config = example(_ITEM)

    @classmethod
    def of(cls, item: Item, language: Language) -> Self:
        """Return an item with names in ``"ko"`` or ``"en"``."""
        return cls(
            item_id=item.item_id,
            feed=item.feed,
            title=item.title,
            brand=item.brand,
            link=item.link,
            category=item.category,
            label=label(item.category, language),
            colors=list(item.colors),
            pattern=item.pattern,
            pattern_label=label(item.pattern, language) if item.pattern else None,
            styles=dict(item.styles),
            gender=item.gender,
            price=item.price,
            full_price=item.full_price,
            available=item.available,
            picture=f"/v1/items/{item.item_id}/picture.jpg",
            updated_at=item.updated_at,
        )


class ItemPage(BaseModel):
    """Items by id."""

    items: list[ItemView]
    next: str | None = Field(description="cursor of the next page; null: this was the last")

    model_config = example({"items": [_ITEM], "next": None})


class AlikeItem(BaseModel):
    """An item and how alike it is."""

    item: ItemView
    likeness: float = Field(ge=0, le=1, description="1: the same garment; 0: a stranger")

    @classmethod
    def of(cls, alike: Alike, language: Language) -> Self:
        """Return what was found, its likeness from 0 to 1."""
        likeness = round(min(1.0, max(0.0, alike.likeness)), 3)
        return cls(item=ItemView.of(alike.item, language), likeness=likeness)


class AlikeItems(BaseModel):
    """Items like one item: those in stock first, the most alike first."""

    items: list[AlikeItem]

    model_config = example({"items": [{"item": _ITEM, "likeness": 0.81}]})


class SimilarIn(BaseModel):
    """Of which photo alike items are wanted: one of your own that is analysed."""

    photo_id: PhotoId
    garment: int | None = Field(
        default=None, ge=0, description="index in the analysis; null: each of its garments"
    )
    limit: int = Field(default=5, ge=1, le=50, description="items for each garment")

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        json_schema_extra={"examples": [{"photo_id": EXAMPLE_PHOTO_ID, "garment": 0}]},
    )


class SimilarGarment(BaseModel):
    """A garment of the photo, and the items like it."""

    garment: int
    category: str
    label: str
    items: list[AlikeItem]

    @classmethod
    def of(cls, found: Similar, language: Language) -> Self:
        """Return a garment's items with names in ``"ko"`` or ``"en"``."""
        return cls(
            garment=found.index,
            category=found.garment.category,
            label=label(found.garment.category, language),
            items=[AlikeItem.of(one, language) for one in found.items],
        )


class SimilarItems(BaseModel):
    """The garments in the order of the analysis."""

    garments: list[SimilarGarment]

    model_config = example(
        {
            "garments": [
                {
                    "garment": 0,
                    "category": "long_sleeved_outwear",
                    "label": "long sleeved outwear",
                    "items": [{"item": _ITEM, "likeness": 0.72}],
                }
            ]
        }
    )
