"""Which garments are looked at together: by size, by what covers them, by layer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from services.segmentation.data.labelled import LabelledGarment
from services.segmentation.precision import Group, Row
from shared.contracts.vocabulary import FAMILY_OF

SMALL, LARGE = 32**2, 96**2
"""COCO's borders, in pixels of the photo."""


def _by_area(low: float, high: float) -> Group:
    def inside(row: Row) -> bool:
        return bool(low <= row["area"] < high)

    return Group(inside, inside)


def _by_share(low: float, high: float) -> Group:
    def inside(row: Row) -> bool:
        height, width = row["segmentation"]["size"]
        return bool(low <= row["area"] / (height * width) < high)

    return Group(inside, inside)


SIZES: Final = {
    "small": _by_area(0, SMALL),
    "medium": _by_area(SMALL, LARGE),
    "large": _by_area(LARGE, np.inf),
}
SHARES: Final = {
    "under 3 %": _by_share(0, 0.03),
    "3 to 8 %": _by_share(0.03, 0.08),
    "over 8 %": _by_share(0.08, np.inf),
}
OCCLUSIONS: Final = {
    "slight or none": Group(lambda row: row["occlusion"] == 1),
    "partly": Group(lambda row: row["occlusion"] == 2),
    "heavily": Group(lambda row: row["occlusion"] == 3),
}
LAYERS: Final = {
    name: Group(lambda row, name=name: row["layer"] == name)  # type: ignore[misc]
    for name in (
        "top under an outer",
        "dress under an outer",
        "outer over a top",
        "outer over a dress",
        "single",
    )
}


def layers_of(garments: Sequence[LabelledGarment]) -> list[str]:
    """Return each garment's layer, a key of ``LAYERS``, or "" below the waist.

    Two garments are worn by one person where a box holds half of the other.
    """
    boxes = [_box(garment.mask) for garment in garments]
    families = [FAMILY_OF[garment.category] for garment in garments]
    names = []
    for index, family in enumerate(families):
        if family not in ("top", "outer", "dress"):
            names.append("")
            continue
        near = {
            families[other]
            for other in range(len(garments))
            if other != index and _share_common(boxes[index], boxes[other]) >= 0.5
        }
        names.append(_layer(family, near))
    return names


def _layer(family: str, near: set[str]) -> str:
    if family == "outer":
        over = next((other for other in ("dress", "top") if other in near), None)
        return f"outer over a {over}" if over else "single"
    return f"{family} under an outer" if "outer" in near else "single"


def _box(mask: NDArray[np.bool_]) -> NDArray[np.float64]:
    rows, columns = (np.flatnonzero(mask.any(axis=axis)) for axis in (1, 0))
    return np.array([columns[0], rows[0], columns[-1] + 1, rows[-1] + 1], float)


def _share_common(one: NDArray[np.float64], other: NDArray[np.float64]) -> float:
    """Return the boxes' intersection as a share of the smaller one."""
    common = np.clip(np.minimum(one[2:], other[2:]) - np.maximum(one[:2], other[:2]), 0, None)
    return float(common.prod() / min((box[2:] - box[:2]).prod() for box in (one, other)))
