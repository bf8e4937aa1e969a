"""Photos of single garments, laid out or hung: a saliency model makes their masks."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from services.segmentation.data.report import Reason
from services.segmentation.data.splits import Split, split_of

CATEGORY_OF: Final = {
    "T-Shirt": "short_sleeved_shirt",
    "Polo": "short_sleeved_shirt",
    "Longsleeve": "long_sleeved_shirt",
    "Shirt": "long_sleeved_shirt",
    "Hoodie": "long_sleeved_shirt",
    "Blouse": "long_sleeved_shirt",
    "Undershirt": "vest",
    "Top": "vest",
    "Outwear": "long_sleeved_outwear",
    "Blazer": "long_sleeved_outwear",
    "Pants": "trousers",
    "Shorts": "shorts",
    "Skirt": "skirt",
    "Dress": "short_sleeved_dress",
}
SLEEVE_UNKNOWN: Final = frozenset(("Dress", "Top"))
"""Labels that say the family only: their category is the commonest one."""
SALIENT: Final = 0.5
TOO_SMALL: Final = "object too small", "물체가 너무 작음"
TOO_LARGE: Final = "object too large", "물체가 너무 큼"
SEVERAL_PARTS: Final = "object in several parts", "물체가 여러 조각임"
BLURRED: Final = "border blurred", "경계가 흐림"


@dataclass(frozen=True)
class GarmentPhoto:
    """A row of ``garments.csv`` whose label is one of the 13 categories."""

    name: str
    path: Path
    category: str
    split: Split
    sleeve_known: bool = True


def read_garments(folder: Path) -> Iterator[GarmentPhoto]:
    """Yield the photos of ``garments.csv`` that are there; a contributor's are on one side."""
    with (folder / "garments.csv").open(newline="") as file:
        for row in csv.DictReader(file):
            path = folder / "photos" / f"{row['image']}.jpg"
            if row["label"] in CATEGORY_OF and path.exists():
                yield GarmentPhoto(
                    name=row["image"],
                    path=path,
                    category=CATEGORY_OF[row["label"]],
                    split=split_of_contributor(row["contributor"]),
                    sleeve_known=row["label"] not in SLEEVE_UNKNOWN,
                )


def split_of_contributor(contributor: str) -> Split:
    """Return the split of a contributor's photos: a few have given most of them."""
    return split_of("c" + contributor, test=20, val=5)


def object_mask(saliency: NDArray[np.float32]) -> NDArray[np.bool_] | None:
    """Return the mask of the one salient object, or None where ``why_refused`` says why not."""
    if why_refused(saliency):
        return None
    parts, count = ndimage.label(saliency > SALIENT)
    sizes = ndimage.sum_labels(parts > 0, parts, range(1, count + 1))
    mask: NDArray[np.bool_] = ndimage.binary_fill_holes(parts == int(sizes.argmax()) + 1)
    return mask


def why_refused(saliency: NDArray[np.float32]) -> Reason | None:
    """Return why no mask is made from (height, width) saliency, 0 to 1; None where one is.

    Refused: an object of under 6 % or over 80 % of the picture, one in several parts, and a
    blurred border (over a quarter of the object between 0.2 and 0.8).
    """
    salient = saliency > SALIENT
    if not 0.06 < salient.mean() < 0.8:
        return TOO_SMALL if salient.mean() <= 0.06 else TOO_LARGE
    parts, count = ndimage.label(salient)
    sizes = ndimage.sum_labels(salient, parts, range(1, count + 1))
    if sizes.max() < 0.9 * sizes.sum():
        return SEVERAL_PARTS
    blurred = ((saliency > 0.2) & (saliency < 0.8)).sum() / salient.sum()
    return BLURRED if blurred > 0.25 else None
