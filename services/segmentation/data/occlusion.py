"""How much of a garment other things hide, told from the label map around it.

Clothing Co-Parsing labels what is seen, not what is hidden. A thing worn or carried over a garment
meets its outline; the share of the outline that it takes stands for how much it covers.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

OVER: Final = frozenset(("bag", "purse", "wallet", "hair", "scarf"))
"""Labels of what lies on garments; for what is no outerwear, outerwear does too."""
OUTLINE: Final = 3
"""Pixels beside a garment that are looked at: label maps leave thin gaps."""
PARTLY: Final = 0.15
HEAVILY: Final = 0.4


def occlusion_of(
    garment: NDArray[np.bool_], label_map: NDArray[np.integer], over: Iterable[int]
) -> int:
    """Return 1 (slight or none), 2 or 3 (heavy), DeepFashion2's scale.

    ``garment`` (height, width) is a region of ``label_map``; ``over`` are labels that lie on it.
    """
    outline = ndimage.maximum_filter(garment, size=2 * OUTLINE + 1) & ~garment
    share = float(np.isin(label_map[outline], list(over)).mean()) if outline.any() else 0.0
    return 1 + (share >= PARTLY) + (share >= HEAVILY)
