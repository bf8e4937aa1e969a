"""How alike two looks are dressed: garment by garment, as shop items are compared. Pure numpy.

Each family that either look wears is compared by its most alike pair of garments (cosine of the
embeddings, less the colours' distance, less a little where the category differs; see
``catalog.alike``); a family that only one of them wears counts 0. The look's likeness is the mean.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import product
from typing import Final

import numpy as np
import numpy.typing as npt

from services.gateway.catalog.alike import COLOR_WEIGHT, FAR, OTHER_CATEGORY, Wanted
from shared.contracts.vocabulary import FAMILY_OF
from shared.lab import ciede2000, srgb_to_lab

Floats = npt.NDArray[np.float64]
_STRANGER: Final = 0.0


def likeness(one: Sequence[Wanted], other: Sequence[Wanted]) -> float:
    """Return 0 (strangers) to 1 (dressed the same); 0 where either has no garment."""
    mine, theirs = _by_family(one), _by_family(other)
    families = {*mine, *theirs}
    if not families:
        return _STRANGER
    best = [
        max((_alike(a, b) for a, b in product(mine[name], theirs[name])), default=_STRANGER)
        for name in families
    ]
    return sum(max(value, _STRANGER) for value in best) / len(families)


def color_likeness(wanted: Sequence[Wanted], rows: Iterable[tuple[str, str, str]]) -> list[str]:
    """Return looks by how their largest colours fit, the most alike first.

    ``rows`` are (look, category, hex) of one garment each. It chooses whom to compare in full.
    """
    found = list(rows)
    if not found:
        return []
    lab = _lab([code for _, _, code in found])
    best: defaultdict[str, dict[str, float]] = defaultdict(dict)
    for garment in wanted:
        family = FAMILY_OF[garment.category]
        near = _nearness(garment, lab)
        for (look, category, _), value in zip(found, near.tolist(), strict=True):
            if FAMILY_OF[category] == family:
                best[look][family] = max(best[look].get(family, 0.0), value)
    return sorted(best, key=lambda look: (-sum(best[look].values()), look))


def _nearness(garment: Wanted, lab: Floats) -> Floats:
    """Return 0 to 1 for each colour of ``lab`` (n, 3)."""
    if not garment.colors:
        return np.full(len(lab), 0.5)
    apart = ciede2000(lab, _lab([garment.colors[0].hex])[0])
    near: Floats = 1 - np.minimum(apart, FAR) / FAR
    return near


def _alike(one: Wanted, other: Wanted) -> float:
    cosine = _STRANGER
    if one.embedding is not None and other.embedding is not None:
        if len(one.embedding) == len(other.embedding):
            cosine = float(one.embedding @ other.embedding)
    elif one.colors and other.colors:
        cosine = 1.0  # nothing is known of how it looks: its colour alone decides
    colors = [garment.colors[0].hex for garment in (one, other) if garment.colors]
    apart = FAR / 2
    if len(colors) == 2:
        first, second = _lab(colors)
        apart = min(float(ciede2000(first, second)), FAR)
    other_kind = OTHER_CATEGORY if one.category != other.category else 0.0
    return cosine - COLOR_WEIGHT * apart / FAR - other_kind


def _by_family(look: Sequence[Wanted]) -> defaultdict[str, list[Wanted]]:
    families: defaultdict[str, list[Wanted]] = defaultdict(list)
    for garment in look:
        families[FAMILY_OF[garment.category]].append(garment)
    return families


def _lab(codes: Sequence[str]) -> Floats:
    """Return CIELAB (n, 3) of ``#rrggbb``."""
    data = b"".join(bytes.fromhex(code[1:]) for code in codes)
    lab: Floats = srgb_to_lab(np.frombuffer(data, np.uint8).reshape(-1, 3)).astype(float)
    return lab
