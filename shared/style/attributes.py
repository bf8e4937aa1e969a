"""What of a look's garments speaks for a style, as numbers; pure numpy."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from shared.contracts.garments import Garment
from shared.contracts.vocabulary import BASIC_COLORS, CATEGORIES, PATTERNS

Floats = npt.NDArray[np.float64]

NAMES: Final = (
    *(f"item:{name}" for name in CATEGORIES),
    *(f"color:{name}" for name in BASIC_COLORS),
    *(f"pattern:{name}" for name in PATTERNS),
    "garments",
    "colors",
)
"""What each place of the vector is; a probe that was trained with others is not used."""

_PLACE: Final = {name: place for place, name in enumerate(NAMES)}
_VISIBLE: Final = 0.1
"""Colours of a smaller part of all cloth are not counted as one more colour."""


def attributes_of(garments: Sequence[Garment]) -> Floats:
    """Return the attributes (len(NAMES),) of a look; all zero without a garment.

    Items: 1 where there is one. Colours and patterns: their part of all cloth, 0 to 1.
    ``garments`` and ``colors``: how many there are.
    """
    found = np.zeros(len(NAMES))
    cloth = sum(garment.area for garment in garments) or 1
    for garment in garments:
        part = garment.area / cloth
        found[_PLACE[f"item:{garment.category}"]] = 1
        for color in garment.colors:
            found[_PLACE[f"color:{color.basic}"]] += part * color.share
        if garment.pattern in PATTERNS:
            found[_PLACE[f"pattern:{garment.pattern}"]] += part
    first = _PLACE[f"color:{BASIC_COLORS[0]}"]
    shares = found[first : first + len(BASIC_COLORS)]
    found[_PLACE["garments"]] = len(garments)
    found[_PLACE["colors"]] = np.count_nonzero(shares >= _VISIBLE)
    return found
