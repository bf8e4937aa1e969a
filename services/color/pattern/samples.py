"""The labelled garments: which photo, which region of it, which pattern.

``labels.csv`` names photos of two data sets that anybody can fetch; no photo is in it.
"""

from __future__ import annotations

import csv
import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

import numpy as np
from PIL import Image

from services.color.pattern.cutout import Mask, Photo
from shared.contracts.vocabulary import PATTERNS
from shared.errors import UsageError

LABELS: Final = Path(__file__).with_name("labels.csv")
Split = Literal["train", "test"]
_TEST_FROM: Final = 0.75
_SALIENT: Final = 127
_PART: Final = {"garment": 0.2, "street": 0.03}
"""Pieces of a mask that are smaller than this part of the largest are dropped."""


@dataclass(frozen=True)
class Sample:
    """One labelled garment; ``unit`` (contributor or photo) is what a split must not divide."""

    group: Literal["garment", "street"]
    photo: str
    region: str
    """Street: the label of the region in the mask; garments: empty."""
    pattern: str
    doubtful: bool
    """A person could have said otherwise."""
    unit: str

    @property
    def label(self) -> int:
        return PATTERNS.index(self.pattern)

    @property
    def split(self) -> Split:
        """Return the split, the same on every machine: by a hash of the unit."""
        digest = hashlib.sha256(f"{self.group}/{self.unit}".encode()).digest()
        return "train" if int.from_bytes(digest[:8], "big") / 2**64 < _TEST_FROM else "test"


def list_samples(data: Path, labels: Path = LABELS) -> list[Sample]:
    """Return the labelled garments whose photos are in ``data``.

    Raises UsageError where ``data`` has no ``garments.csv``.
    """
    table = data / "garments" / "garments.csv"
    if not table.exists():
        raise UsageError(
            f"{table} is missing; --data must hold garments/ and street/",
            text_ko=f"{table}이(가) 없습니다. --data에 garments/와 street/가 있어야 합니다",
        )
    with table.open(encoding="utf-8") as file:
        contributors = {row["image"]: row["contributor"] for row in csv.DictReader(file)}
    with labels.open(encoding="utf-8") as file:
        return [
            _sample(row, contributors)
            for row in csv.DictReader(file)
            if _photo_path(data, row["group"], row["photo"]).exists()
        ]


def _sample(row: dict[str, str], contributors: dict[str, str]) -> Sample:
    street = row["group"] == "street"
    return Sample(
        group="street" if street else "garment",
        photo=row["photo"],
        region=row["region"],
        pattern=row["pattern"],
        doubtful=row["doubtful"] == "1",
        unit=row["photo"] if street else contributors[row["photo"]],
    )


def _photo_path(data: Path, group: str, photo: str) -> Path:
    folder = "street" if group == "street" else "garments"
    return data / folder / "photos" / f"{photo}.jpg"


def read_samples(
    data: Path, masks: Path, samples: list[Sample]
) -> Iterator[tuple[Sample, Photo, Mask]]:
    """Yield each sample with its photo (height, width, 3) and mask (height, width).

    ``masks``: folder with a saliency map ``<photo>.png`` for each garment photo; a garment
    without one is left out. Street masks are the data set's own.
    """
    names = json.loads((data / "street" / "labels.json").read_text("utf-8"))
    for sample in samples:
        folder = data / "street" / "masks" if sample.group == "street" else masks
        path = folder / f"{sample.photo}.png"
        if not path.exists():
            continue
        with Image.open(path) as image:  # a palette picture gives the labels' numbers
            values = np.asarray(image)
        street = sample.group == "street"
        mask = values == names.index(sample.region) if street else values > _SALIENT
        with Image.open(_photo_path(data, sample.group, sample.photo)) as image:
            photo = np.asarray(image.convert("RGB"))
        yield sample, photo, _without_crumbs(mask, part=_PART[sample.group])


def _without_crumbs(mask: Mask, *, part: float) -> Mask:
    from scipy import ndimage

    pieces, count = ndimage.label(mask, np.ones((3, 3)))
    sizes = np.bincount(pieces.ravel(), minlength=count + 1)
    sizes[0] = 0
    kept: Mask = np.isin(pieces, np.flatnonzero(sizes >= max(part * sizes.max(), 1)))
    return kept
