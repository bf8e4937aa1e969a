"""Shop items that come closest to what a picture was to show: a board instead of a drawing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

import numpy as np

from services.gateway.access import Caller, Gateway
from services.gateway.catalog.domain import Item
from services.gateway.catalog.reading import open_catalog
from services.gateway.chat.domain import Slots
from services.gateway.outfit_boards import lying_pieces
from services.gateway.people.book import read_profile
from services.gateway.recommend.recommending import recommend
from services.gateway.trend_evidence import open_evidence
from shared.contracts.generation import LookPiece, Scene, WornGarment
from shared.contracts.vocabulary import FAMILY_OF
from shared.lab import ciede2000, srgb_to_lab

_CATEGORY, _COLOR, _PATTERN, _STYLE = 1.5, 2.0, 0.7, 0.5
"""How much each likeness counts, 0 to 1 each: a colour is noticed first."""
_FAR: Final = 40.0
"""CIEDE2000 from which colours are simply different."""
_LOOKS: Final = 5
"""Looks that are tried where the photos of the first ones are gone."""


def stand_ins(
    gateway: Gateway, caller: Caller, wear: Sequence[WornGarment], scene: Scene
) -> tuple[LookPiece, ...]:
    """Return the pieces of a board: what is worn, or where nothing is named a recommended look.

    Empty: the shops have nothing of it.
    """
    catalog = open_catalog(gateway)
    if wear:
        shown = [item for item in catalog.items if item.available and _for(item, scene)]
        found = lying_pieces(gateway, _closest(shown, wear, scene))
        return tuple(piece for piece in found if piece is not None)
    if not catalog.items:
        return ()
    now = datetime.now(UTC)
    with gateway.database.reading() as session:
        profile = read_profile(session, caller.key_id, now)
    looks = recommend(
        catalog,
        _slots(scene),
        profile,
        open_evidence(gateway, now.date()),
        today=now.date(),
        limit=_LOOKS,
    )
    for outfit in looks.outfits:
        pieces = lying_pieces(gateway, outfit.pieces)
        if all(piece is not None for piece in pieces):
            return tuple(piece for piece in pieces if piece is not None)
    return ()


def _closest(items: Sequence[Item], wear: Sequence[WornGarment], scene: Scene) -> list[Item]:
    """Return of each garment the item that is most like it, none twice."""
    chosen: list[Item] = []
    for worn in wear:
        family = FAMILY_OF[worn.category]
        alike = [i for i in items if FAMILY_OF[i.category] == family and i not in chosen]
        if alike:
            chosen.append(max(alike, key=lambda item: _likeness(item, worn, scene)))
    return chosen


def _likeness(item: Item, worn: WornGarment, scene: Scene) -> float:
    return (
        _CATEGORY * (item.category == worn.category)
        + _COLOR * _color_likeness(item, worn)
        + _PATTERN * (worn.pattern is not None and item.pattern == worn.pattern)
        + _STYLE * (item.styles.get(scene.style, 0.0) if scene.style else 0.0)
    )


def _color_likeness(item: Item, worn: WornGarment) -> float:
    if not item.colors:
        return 0.0
    if worn.hex is not None:
        distance = float(ciede2000(_lab(item.colors[0].hex), _lab(worn.hex)))
        return 1 - min(distance, _FAR) / _FAR
    if worn.color is None:
        return 0.0
    return sum(color.share for color in item.colors if color.basic == worn.color)


def _lab(code: str) -> np.ndarray:
    return srgb_to_lab(np.frombuffer(bytes.fromhex(code[1:]), np.uint8))


def _for(item: Item, scene: Scene) -> bool:
    return scene.gender == "any" or item.gender in (scene.gender, "any")


def _slots(scene: Scene) -> Slots:
    said = {name: (value,) for name, value in scene if value not in (None, "any")}
    return Slots.model_validate(said)
