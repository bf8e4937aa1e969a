"""The made-up shop in the database, as ingestion leaves it once its photos are analysed."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import numpy as np
from sqlalchemy import insert
from sqlalchemy.orm import Session

from services.gateway.catalog.domain import Item
from shared.embeddings import to_bytes
from shared.records.items import ShopFeed, ShopItem
from tests.samples.shop import FEED, sample_catalog

_NOW = datetime(2026, 3, 2, tzinfo=UTC)


def fill_shop(session: Session, language: str = "ko") -> None:
    """Write all articles of the sample shop."""
    session.add(
        ShopFeed(
            name=FEED,
            place="sample",
            form="tsv",
            created_at=_NOW,
            failures=0,
            figures={},
            version=1,
        )
    )
    session.execute(insert(ShopItem), [_row(item) for item in sample_catalog(language).items])


def _row(item: Item) -> dict[str, Any]:
    vector = None if item.embedding is None else to_bytes(np.asarray(item.embedding))
    return {
        "item_id": item.item_id, "feed": item.feed, "offer_id": item.item_id, "fingerprint": "",
        "offer": {
            "title": item.title, "brand": item.brand, "link": item.link, "gender": item.gender,
            "price": item.price, "sale_price": None, "sale_from": None, "sale_until": None,
            "expires": None, "availability": "in_stock", "item_group_id": None, "updated": None,
        },
        "gone": False, "image": "", "photo_state": "taken", "photo_attempts": 1,
        "photo_id": item.photo_id, "category": item.category, "garment": item.garment,
        "looks": {
            "colors": [color.model_dump(mode="json") for color in item.colors],
            "pattern": item.pattern, "styles": dict(item.styles),
        },
        "embedding": vector, "version": 1, "first_seen_at": _NOW, "changed_at": _NOW,
    }  # fmt: skip
