"""Where a garment may lie that takes another one's place and covers more of the body. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from services.generation.editing.region import Box, skin_of
from shared.contracts.vocabulary import FAMILY_OF
from shared.masks import Mask

Pixels = NDArray[np.uint8]

LEGS: Final = {"shorts": 1, "skirt": 2, "dress": 2, "trousers": 3}
"""How far down each family reaches."""
SLEEVES: Final = {"sling": 0, "vest": 0, "short": 1, "long": 2}
"""How much of the arms each kind covers, by the first word of its category."""
_FEET: Final = 0.96
"""Of the picture's height, where no skin tells where the legs end."""
_ARMS: Final = 0.6
"""Of the garment's width, to each side: arms that hang or are bent."""
_HANDS: Final = 0.35
"""Of the garment's height, below it."""


def reach(own: Mask, old: str, new: str, pixels: Pixels, faces: Sequence[Box]) -> Mask:
    """Return what ``new`` may cover beside ``old``'s mask ``own``: the legs, the arms, or nothing.

    ``old`` and ``new`` are categories. A skirt that becomes trousers needs the legs below it, and
    the ground between them; longer sleeves need the arms' skin.
    """
    more = np.zeros_like(own)
    rows, columns = np.flatnonzero(own.any(axis=1)), np.flatnonzero(own.any(axis=0))
    if not rows.size:
        return more
    top, bottom, left, right = rows[0], rows[-1] + 1, columns[0], columns[-1] + 1
    skin = skin_of(pixels, faces)
    if LEGS.get(FAMILY_OF[new], 0) > LEGS.get(FAMILY_OF[old], 0):
        legs = np.flatnonzero(skin[bottom:, left:right].any(axis=1))
        feet = bottom + int(legs[-1]) + 1 if legs.size else round(_FEET * own.shape[0])
        more[top:feet, left:right] = True
    if _sleeves(new) > _sleeves(old):
        aside, below = round(_ARMS * (right - left)), round(_HANDS * (bottom - top))
        place = np.s_[top : bottom + below, max(0, left - aside) : right + aside]
        more[place] |= skin[place]
    return more


def _sleeves(category: str) -> int:
    """Return how much of the arms a category covers; what has none of its own covers none."""
    if FAMILY_OF[category] not in ("top", "outer", "dress"):
        return 0
    return SLEEVES[category.partition("_")[0]]
