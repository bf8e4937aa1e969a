"""Clothing Co-Parsing's label maps (59 labels a pixel) into garments of the 13 categories."""

from __future__ import annotations

from collections.abc import Container, Iterator
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from services.segmentation.data.ccp import list_maps, read_labels, read_map
from services.segmentation.data.labelled import LabelledGarment, LabelledPhoto, Mask
from services.segmentation.data.occlusion import OVER, occlusion_of
from services.segmentation.data.sleeves import Sleeve, measure_arms, sleeve_of
from services.segmentation.data.splits import Split, split_of
from shared.contracts.vocabulary import FAMILY_OF

TOPS: Final = frozenset(
    ("blouse", "shirt", "t-shirt", "top", "sweater", "sweatshirt", "jumper", "hoodie")
)
OUTERS: Final = frozenset(("blazer", "jacket", "coat", "cardigan", "cape"))
DRESSES: Final = frozenset(("dress", "romper"))
PLAIN: Final = {
    "vest": "vest",
    "pants": "trousers",
    "jeans": "trousers",
    "leggings": "trousers",
    "shorts": "shorts",
    "skirt": "skirt",
}
TOP_BY_SLEEVE: Final[dict[Sleeve, str]] = {
    "long": "long_sleeved_shirt",
    "short": "short_sleeved_shirt",
    "none": "vest",
    "strap": "sling",
}
DRESS_BY_SLEEVE: Final[dict[Sleeve, str]] = {
    "long": "long_sleeved_dress",
    "short": "short_sleeved_dress",
    "none": "vest_dress",
    "strap": "sling_dress",
}
MIN_LABEL_SHARE: Final = 0.0015
MIN_PART_SHARE: Final = 0.0012
SUIT_JACKET: Final = 0.40
"""Where a suit's jacket ends, in body heights below its upper edge."""
OTHER_PERSON: Final = 0.22
"""Parts further apart than this many body heights are two people's."""


def read_street(folder: Path, splits: Container[Split]) -> Iterator[LabelledPhoto]:
    """Yield the labelled photos of a folder with Clothing Co-Parsing's photos and label maps.

    A label map that covers less than 2 % of its photo was left empty by its maker: skipped.
    Raises UsageError where a file is missing or broken.
    """
    labels = read_labels(folder)
    for path in list_maps(folder):
        split = split_of(path.stem)
        if split not in splits:
            continue
        label_map = read_map(path)
        if (label_map > 0).mean() < 0.02:
            continue
        yield LabelledPhoto(
            name=path.stem,
            path=folder / "photos" / f"{path.stem}.jpg",
            split=split,
            garments=tuple(garments_of(label_map, labels)),
            people=label_map > 0,
        )


def garments_of(label_map: NDArray[np.integer], labels: list[str]) -> Iterator[LabelledGarment]:
    """Yield the garments of a (height, width) map of indices into ``labels``."""
    rows = np.nonzero(label_map)[0]
    body_height = float(np.percentile(rows, 99.5) - np.percentile(rows, 0.5))
    regions = {labels[index]: label_map == index for index in np.unique(label_map)}
    regions = {n: r for n, r in regions.items() if r.sum() > r.size * MIN_LABEL_SHARE}
    skin = label_map == labels.index("skin")
    covered = any(name in OUTERS or name == "suit" for name in regions)
    for name, region in regions.items():
        for category, part in _categorise(
            name, region, skin=skin, covered=covered, body_height=body_height
        ):
            over = [labels.index(cover) for cover in _covers(category) if cover in labels]
            for mask in split_people(part, body_height=body_height):
                yield LabelledGarment(category, mask, occlusion_of(mask, label_map, over))


def _covers(category: str) -> frozenset[str]:
    return OVER if FAMILY_OF[category] == "outer" else OVER | OUTERS


def _categorise(
    name: str, region: Mask, *, skin: Mask, covered: bool, body_height: float
) -> list[tuple[str, Mask]]:
    if name in PLAIN:
        return [(PLAIN[name], region)]
    if name == "suit":
        return split_suit(region, body_height=body_height)
    if name not in TOPS | OUTERS | DRESSES:
        return []
    if covered and name in TOPS:  # its sleeves are hidden under a jacket's: the usual ones
        return [("short_sleeved_shirt" if name == "t-shirt" else "long_sleeved_shirt", region)]
    sleeve = sleeve_of(measure_arms(skin, region, body_height=body_height))
    if name in OUTERS:
        short = sleeve == "short" and name != "coat"
        return [("short_sleeved_outwear" if short else "long_sleeved_outwear", region)]
    table = DRESS_BY_SLEEVE if name in DRESSES else TOP_BY_SLEEVE
    return [(table[sleeve], region)]


def split_suit(region: Mask, *, body_height: float) -> list[tuple[str, Mask]]:
    """Split jacket and trousers of one cloth, which CCP labels as one region, at the hip."""
    rows = np.nonzero(region)[0]
    hip = float(np.percentile(rows, 1)) + SUIT_JACKET * body_height
    below = region & (np.arange(region.shape[0])[:, None] >= hip)
    if below.sum() <= 0.2 * region.sum():
        return [("long_sleeved_outwear", region)]
    return [("trousers", below), ("long_sleeved_outwear", region & ~below)]


def split_people(region: Mask, *, body_height: float) -> list[Mask]:
    """Split a label's region into garments: parts far apart sideways belong to two people.

    Parts near each other are one garment that an arm, a bag or an open coat divides. Specks
    are dropped.
    """
    closed = ndimage.binary_closing(region, iterations=2) | region
    parts, count = ndimage.label(ndimage.maximum_filter(closed, size=7))
    parts = parts * closed
    sizes = ndimage.sum_labels(closed, parts, range(1, count + 1))
    smallest = max(600.0, region.size * MIN_PART_SHARE)
    large = [index + 1 for index in np.argsort(-sizes, kind="stable") if sizes[index] >= smallest]
    if not large:
        return []
    centres = {part: float(np.nonzero(parts == part)[1].mean()) for part in large}
    main = centres[large[0]]
    far = [part for part in large if abs(centres[part] - main) > OTHER_PERSON * body_height]
    near = [part for part in large if part not in far]
    return [closed & np.isin(parts, near), *(closed & (parts == part) for part in far)]
