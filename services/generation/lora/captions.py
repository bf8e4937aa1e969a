"""Captions from detections, in the grammar of the prompts that will be drawn. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, Literal

from services.generation.prompts import caption
from shared.contracts.garments import Garment
from shared.contracts.generation import Scene, WornGarment
from shared.contracts.vocabulary import FAMILY_OF

SURE: Final = 0.5
"""Garments that the segmenter is less sure of are not named."""
MOST: Final = 4
STYLE_FROM: Final = 0.3
"""A style is named where it is so probable: six styles share one."""
_ORDER: Final = ("outer", "top", "dress", "skirt", "trousers", "shorts")


def worn(garments: Sequence[Garment]) -> tuple[WornGarment, ...]:
    """Return what the main person wears: of each family the largest garment, outermost first."""
    largest: dict[str, Garment] = {}
    for garment in sorted(garments, key=lambda one: one.area):
        if garment.score >= SURE:
            largest[FAMILY_OF[garment.category]] = garment
    found = [largest[family] for family in _ORDER if family in largest]
    return tuple(_said(garment) for garment in found[:MOST])


def write_caption(
    garments: Sequence[Garment], styles: Mapping[str, float], *,
    season: str | None, person: Literal["women", "men", "any"],
) -> str:  # fmt: skip
    """Return the caption of a photo; a garment that is in no caption is bound to no word."""
    style = max(styles, key=lambda name: styles[name], default=None)
    sure = style if style and styles[style] >= STYLE_FROM else None
    scene = Scene.model_validate({"gender": person, "style": sure, "season": season})
    return caption(worn(garments), scene)


def _said(garment: Garment) -> WornGarment:
    main = garment.colors[0] if garment.colors else None
    # A plain garment is said without a word for it, as people do.
    pattern = None if garment.pattern == "solid" else garment.pattern
    return WornGarment(
        category=garment.category,
        color=main.basic if main else None,
        hex=main.hex if main else None,
        pattern=pattern,
    )
