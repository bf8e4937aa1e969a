"""How often a training picture is shown: rare families of garments more often than others."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from shared.contracts.vocabulary import FAMILIES


def rarity(pictures: Sequence[frozenset[int]], *, power: float) -> NDArray[np.float64]:
    """Return each picture's share of what is shown, (n,); they add up to 1.

    ``pictures``: the indices of the families that each shows. The rarest of them counts: its
    weight is 1 / (pictures with it) to the power of ``power``. 0: all alike; 1: a family whose
    pictures show nothing else is shown as often as any other such family.
    """
    counts = np.zeros(len(FAMILIES))
    for families in pictures:
        counts[list(families)] += 1
    by_family = np.maximum(counts, 1) ** -power
    rarest = [max((by_family[i] for i in families), default=0.0) for families in pictures]
    weights = np.array(rarest, np.float64)
    return weights / max(weights.sum(), np.finfo(np.float64).tiny)
