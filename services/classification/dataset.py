"""The training photos: which are fashion, which are held out, and their pixels."""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

import numpy as np
import numpy.typing as npt

from services.classification.patches import bare_patches
from shared.errors import UsageError

Group = Literal["street", "garment", "negative", "people"]
Split = Literal["train", "validation", "test"]
Photo = npt.NDArray[np.uint8]
SHORT_SIDE: Final = 256
"""Photos are kept in memory at this size: larger than any crop that training asks for."""
_SHARES: Final[tuple[tuple[float, Split], ...]] = ((0.60, "train"), (0.75, "validation"))


@dataclass(frozen=True)
class Sample:
    """One photo of the training data; ``unit`` is what a split must not divide."""

    path: Path
    group: Group
    unit: str
    label: str
    """The garment's label; of other photos the group."""

    @property
    def fashion(self) -> bool:
        return self.group in ("street", "garment")

    @property
    def split(self) -> Split:
        """Return the split, the same on every machine: by a hash of the unit."""
        digest = hashlib.sha256(f"{self.group}/{self.unit}".encode()).digest()
        place = int.from_bytes(digest[:8], "big") / 2**64
        return next((split for share, split in _SHARES if place < share), "test")


def list_samples(data: Path) -> list[Sample]:
    """Return the photos of ``street/photos``, ``garments/photos`` and ``negatives``, sorted.

    Garments are split by contributor. Negatives named in ``hard_negatives.txt`` show people and
    are a group of their own; those in ``unclean_negatives.txt`` are in no split. Raises
    UsageError where a folder is missing.
    """
    samples = [
        Sample(path, "street", path.stem, "street") for path in _photos(data / "street" / "photos")
    ]
    with (data / "garments" / "garments.csv").open(encoding="utf-8") as file:
        rows = {row["image"]: row for row in csv.DictReader(file)}
    for path in _photos(data / "garments" / "photos"):
        if row := rows.get(path.stem):
            samples.append(Sample(path, "garment", row["contributor"], row["label"]))
    unclean, hard = listed("unclean_negatives.txt"), listed("hard_negatives.txt")
    for path in _photos(data / "negatives"):
        name = path.stem.partition("_")[0]
        if name not in unclean:
            group: Group = "people" if name in hard else "negative"
            samples.append(Sample(path, group, path.stem, group))
    return samples


def listed(name: str) -> frozenset[str]:
    """Return the ImageNet ids in a list beside this file."""
    text = Path(__file__).with_name(name).read_text("utf-8")
    lines = (line.partition("#")[0].split() for line in text.splitlines())
    return frozenset(words[0] for words in lines if words)


def _photos(folder: Path) -> list[Path]:
    if not folder.is_dir():
        raise UsageError(
            f"{folder} is missing; --data must hold street/, garments/ and negatives/",
            text_ko=f"{folder} 폴더가 없습니다. --data에 세 폴더가 모두 있어야 합니다",
        )
    return sorted(folder.glob("*.jpg"))


def read_photo(path: Path) -> Photo:
    """Return the photo upright, RGB (height, width, 3), its short side at most 256 pixels.

    Raises UsageError where it cannot be read.
    """
    import cv2

    pixels = cv2.imread(str(path), cv2.IMREAD_COLOR)
    if pixels is None:
        raise UsageError(f"{path} is no readable photo", text_ko=f"{path}을(를) 읽을 수 없습니다")
    height, width = pixels.shape[:2]
    scale = SHORT_SIDE / min(height, width)
    if scale < 1:
        size = (max(SHORT_SIDE, round(width * scale)), max(SHORT_SIDE, round(height * scale)))
        pixels = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)
    return np.ascontiguousarray(pixels[:, :, ::-1])


@dataclass(frozen=True)
class Pools:
    """Training photos, RGB (height, width, 3); of any size. ``negative`` holds people too."""

    street: Sequence[Photo]
    garment: Sequence[Photo]
    negative: Sequence[Photo]
    patches: Sequence[Photo]


def load_pools(data: Path, samples: Sequence[Sample]) -> Pools:
    """Read the training split into memory."""
    train = [sample for sample in samples if sample.split == "train"]
    street = [sample for sample in train if sample.group == "street"]
    return Pools(
        street=[read_photo(sample.path) for sample in street],
        garment=[read_photo(sample.path) for sample in train if sample.group == "garment"],
        negative=[read_photo(sample.path) for sample in train if not sample.fashion],
        patches=[patch.photo for patch in bare_patches(data, [sample.path for sample in street])],
    )
