"""What an item is, from what its shop declares and what is seen on its photo. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from services.ingestion.shop.declared import Declared, declared, declared_color, declared_pattern
from services.ingestion.shop.offers import Offer
from shared.contracts.garments import Analysis, Color, Garment
from shared.contracts.vocabulary import FAMILY_OF

_SLEEVE: Final = {
    "short_sleeved_shirt": "short", "long_sleeved_shirt": "long", "vest": "none",
    "sling": "strap", "short_sleeved_outwear": "short", "long_sleeved_outwear": "long",
    "short_sleeved_dress": "short", "long_sleeved_dress": "long", "vest_dress": "none",
    "sling_dress": "strap",
}  # fmt: skip


@dataclass(frozen=True)
class Chosen:
    """What is known of an item's look."""

    category: str | None
    """None: neither feed nor photo tells it."""
    garment: int | None = None
    """Which of the analysis it is; None: none of them."""
    colors: tuple[Color, ...] = ()
    pattern: str | None = None
    embedding: str | None = None
    note: str | None = None
    """Where feed and photo disagree, for the shop."""


def choose(offer: Offer, analysis: Analysis | None) -> Chosen:
    """Return what the item is; ``analysis`` None: its photo has none.

    What the feed says plainly decides the family, and the category where it leaves one; the photo
    decides the rest. On a photo of a whole outfit the item is the garment of that family.
    """
    words = declared(offer)
    garments = analysis.garments if analysis is not None else ()
    at = _garment(words, garments)
    if at is None:
        color = declared_color(offer)
        return Chosen(
            category=words.categories[0] if len(words.categories) == 1 else None,
            colors=(color,) if color is not None else (),
            pattern=declared_pattern(offer),
        )
    seen = garments[at]
    category = _category(words, seen.category)
    color = declared_color(offer)
    return Chosen(
        category=category,
        garment=at,
        colors=seen.colors or ((color,) if color is not None else ()),
        pattern=seen.pattern or declared_pattern(offer),
        embedding=seen.embedding,
        note=_note(words, seen.category, category),
    )


def _garment(words: Declared, garments: Sequence[Garment]) -> int | None:
    """Return the garment that the item is: of its family where there is one, the largest."""
    families = {FAMILY_OF[category] for category in words.categories}

    def fitness(at: int) -> tuple[bool, float]:
        garment = garments[at]
        return FAMILY_OF[garment.category] in families, garment.score * garment.area

    return max(range(len(garments)), key=fitness, default=None)


def _category(words: Declared, seen: str) -> str:
    allowed = words.categories
    if not allowed or seen in allowed:
        return seen
    # The same sleeve in the family that the shop says: a long-sleeved shirt is a jacket.
    same = (one for one in allowed if _SLEEVE.get(one) == _SLEEVE.get(seen) and one in _SLEEVE)
    return next(same, allowed[0])


def _note(words: Declared, seen: str, category: str) -> str | None:
    if not words.categories or seen in words.categories:
        return None
    return f"feed: {category}; photo: {seen}"
