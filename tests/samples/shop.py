"""The made-up shop as a catalogue, as if the pipeline had seen every item exactly as it is."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from hashlib import sha256

import numpy as np

from services.color.names import color_names
from services.gateway.catalog.domain import Catalog, Item, Vector
from services.ingestion.shop.sample.articles import DYES, Article, articles
from shared.contracts.garments import Color
from shared.contracts.vocabulary import CATEGORIES, FAMILIES, FAMILY_OF, PATTERNS, STYLES
from shared.lab import srgb_to_lab

FEED = "sample-shop"
SIDE = 96


@cache
def sample_catalog(language: str = "ko") -> Catalog:
    """Return the catalogue of all articles: in stock, as dear as their sale price."""
    return catalog_of(*(item_of(article, language=language) for article in articles()))


def catalog_of(*items: Item) -> Catalog:
    """Return a catalogue of these items."""
    told = " ".join(f"{item.item_id}{item.price}{item.available}" for item in items)
    return Catalog(items, version=sha256(told.encode()).hexdigest()[:12])


def item_of(article: Article, *, language: str = "ko", **changed: object) -> Item:
    """Return an article as an item; ``changed`` are fields to say otherwise."""
    item = Item(
        item_id=sha256(article.article_id.encode()).hexdigest()[:24],
        feed=FEED,
        title=article.title(language),
        brand="Mapsi",
        link=f"https://shop.example/{article.article_id.lower()}",
        category=article.category,
        colors=_colors(article),
        pattern=article.pattern,
        styles={style: 0.7 if style == article.style else 0.06 for style in STYLES},
        gender=article.gender,
        price=article.sale or article.price,
        available=True,
        photo_id=sha256(f"photo {article.article_id}".encode()).hexdigest(),
        garment=0,
        embedding=appearance_of(article),
        updated_at=datetime(2026, 3, 2, tzinfo=UTC),
    )
    return replace(item, **changed)  # type: ignore[arg-type]


def appearance_of(article: Article) -> Vector:
    """Return a vector of unit length: near for one cut, less so for one family or pattern."""
    parts = (
        (1.0, f"cut {article.cut}"),
        (0.7, f"category {CATEGORIES.index(article.category)}"),
        (0.7, f"family {sorted(FAMILIES).index(FAMILY_OF[article.category])}"),
        (0.8, f"pattern {PATTERNS.index(article.pattern)}"),
        (0.2, article.article_id),
    )
    whole = sum(weight * _direction(name) for weight, name in parts)
    return np.asarray(whole / np.linalg.norm(whole), np.float32)


def _direction(name: str) -> Vector:
    seed = int(sha256(name.encode()).hexdigest()[:8], 16)
    drawn = np.random.default_rng(seed).normal(size=SIDE).astype(np.float32)
    return drawn / np.linalg.norm(drawn)


def _colors(article: Article) -> tuple[Color, ...]:
    if article.second is None:
        return (_color(article.color, share=0.95),)
    return _color(article.color, share=0.65), _color(article.second, share=0.3)


def _color(dye: str, *, share: float) -> Color:
    code = DYES[dye][0]
    names = color_names()
    rgb = np.frombuffer(bytes.fromhex(code[1:]), np.uint8)[None]
    ((index, basic),) = names.describe(srgb_to_lab(rgb))
    name, korean = names.english[index], names.korean[index]
    return Color(name=name, name_ko=korean, basic=basic, hex=code, share=share)
