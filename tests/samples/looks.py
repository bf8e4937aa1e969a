"""Analysed and settled photos as the messages bring them, made up."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from hashlib import sha256

from shared.contracts.garments import Analysis, Color, Garment, Rle
from shared.contracts.message import ModelRef
from shared.contracts.photos import AnalyzedPhoto, GarmentFact, PhotoRef, SettledPhoto
from shared.contracts.vocabulary import BASIC_COLORS

MONDAY = datetime(2026, 9, 7, 9, 0, tzinfo=UTC)
MODEL = ModelRef(name="kd_tree", version="1", sha256="0" * 64)
HEXES = dict.fromkeys(BASIC_COLORS, "#808080") | {"red": "#c8202f", "blue_green": "#1a8a8a"}
"""A colour of each basic name: two opposite hues, the others neutral."""
BLACK_TROUSERS = (("trousers", "black"),)


def photo_id(name: str) -> str:
    """Return the id of a photo with a readable name."""
    return sha256(name.encode()).hexdigest()


def photo(
    name: str,
    *,
    repeats: str | None = None,
    posted_at: datetime = MONDAY,
    author: str | None = None,
    source: str = "street",
) -> PhotoRef:
    """Return a stored photo; ``repeats`` names the photo it is a near-duplicate of."""
    return PhotoRef(
        photo_id=photo_id(name),
        key=f"photos/{photo_id(name)}.jpg",
        width=600,
        height=800,
        posted_at=posted_at,
        source=source,
        author=author,
        look_id=photo_id(repeats or name),
    )


def analyzed(
    ref: PhotoRef,
    garments: Iterable[tuple[str, ...]] = BLACK_TROUSERS,
    *,
    styles: dict[str, float] | None = None,
    model: str = "1",
) -> AnalyzedPhoto:
    """Return ``ref`` with garments of (category, basic colour), perhaps with a pattern.

    ``model`` is the version of the model that analysed it.
    """
    return AnalyzedPhoto(
        photo=ref,
        fashion=0.9,
        styles=styles or {},
        garments=tuple(
            GarmentFact(
                category=item,
                score=0.8,
                color=color,
                basic=color,
                hex=HEXES[color],
                pattern=next(iter(pattern), None),
            )
            for item, color, *pattern in garments
        ),
        analysis_key=f"results/color/{model}/{ref.photo_id}.json",
        models=(MODEL,),
    )


def analysis_of(item: AnalyzedPhoto) -> Analysis:
    """Return the analysis that is stored at ``item.analysis_key``."""
    return Analysis(
        photo_id=item.photo.photo_id,
        look_id=item.photo.look_id,
        posted_at=item.photo.posted_at,
        source=item.photo.source,
        author=item.photo.author,
        width=item.photo.width,
        height=item.photo.height,
        fashion=item.fashion,
        styles=item.styles,
        garments=tuple(_garment(garment) for garment in item.garments),
        models=item.models,
    )


def settled(ref: PhotoRef, outcome: str = "not_fashion", reason: str = "p=0.02") -> SettledPhoto:
    """Return ``ref`` as it ends without an analysis."""
    return SettledPhoto.model_validate(
        {"photo": ref, "outcome": outcome, "stage": "classification", "reason": reason}
    )


def weeks_later(weeks: int, *, days: int = 0) -> datetime:
    """Return a moment ``weeks`` and ``days`` after ``MONDAY``."""
    return MONDAY + timedelta(weeks=weeks, days=days)


def _garment(fact: GarmentFact) -> Garment:
    named = [(fact.basic, 0.7), ("white", 0.3)]
    return Garment(
        category=fact.category,
        score=fact.score,
        box=(0.0, 0.0, 10.0, 10.0),
        mask=Rle(size=(800, 600), counts="0"),
        area=50,
        pattern=fact.pattern,
        colors=tuple(
            Color(name=name, name_ko=name, basic=name, hex=HEXES[name], share=share)
            for name, share in named
        ),
    )
