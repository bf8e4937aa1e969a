"""The made-up shop's feed with its photos, written into a folder."""

from __future__ import annotations

import csv
import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

from services.ingestion.shop.sample.articles import DYES, Article, articles
from services.ingestion.shop.sample.drawing import draw_photo
from shared.contracts.vocabulary import label

NAME: Final = "sample-shop"
_GENDERS: Final = {"women": "female", "men": "male", "any": "unisex"}
_COLUMNS: Final = (
    "id", "title", "link", "image_link", "price", "sale_price", "availability", "brand",
    "gender", "age_group", "color", "pattern", "product_type",
)  # fmt: skip


def write_shop(
    folder: Path,
    *,
    language: str,
    sold: Sequence[Article] | None = None,
    progress: Callable[[int], None] = lambda count: None,
) -> Path:
    """Draw the photos of all articles (or ``sold``) and write the feed beside them; return it.

    ``progress`` is told how many more photos are drawn.
    """
    goods = articles() if sold is None else sold
    photos = folder / "photos"
    photos.mkdir(parents=True, exist_ok=True)
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for article, data in zip(goods, pool.map(draw_photo, goods), strict=True):
            (photos / f"{article.article_id}.jpg").write_bytes(data)
            progress(1)
    feed = folder / "feed.tsv"
    with feed.open("w", encoding="utf-8", newline="") as file:
        rows = csv.DictWriter(file, _COLUMNS, delimiter="\t", lineterminator="\n")
        rows.writeheader()
        rows.writerows(row_of(article, language=language) for article in goods)
    return feed


def row_of(article: Article, *, language: str) -> dict[str, str]:
    """Return what the feed says of an article, by Google's names."""
    color = DYES[article.color][1 if language == "ko" else 2]
    return {
        "id": article.article_id,
        "title": article.title(language),
        "link": f"https://shop.example/{article.article_id.lower()}",
        "image_link": f"photos/{article.article_id}.jpg",
        "price": f"{article.price} KRW",
        "sale_price": f"{article.sale} KRW" if article.sale is not None else "",
        "availability": "in_stock",
        "brand": "Mapsi",
        "gender": _GENDERS[article.gender],
        "age_group": "adult",
        "color": color,
        "pattern": label(article.pattern, language),
        "product_type": label(article.category, language),
    }
