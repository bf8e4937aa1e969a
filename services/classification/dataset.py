"""The training photos: which are fashion, which are held out, and their pixels."""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

import numpy as np
import numpy.typing as npt

from shared.errors import UsageError

Group = Literal["street", "garment", "negative"]
Split = Literal["train", "validation", "test"]
Photo = npt.NDArray[np.uint8]
SHORT_SIDE: Final = 160
"""Photos are kept in memory at this size: larger than any crop that training asks for."""
_SHARES: Final[tuple[tuple[float, Split], ...]] = ((0.60, "train"), (0.75, "validation"))


@dataclass(frozen=True)
class Sample:
    """One photo of the training data; ``unit`` is what a split must not divide."""

    path: Path
    group: Group
    unit: str

    @property
    def fashion(self) -> bool:
        return self.group != "negative"

    @property
    def split(self) -> Split:
        """Return the split, the same on every machine: by a hash of the unit."""
        digest = hashlib.sha256(f"{self.group}/{self.unit}".encode()).digest()
        place = int.from_bytes(digest[:8], "big") / 2**64
        return next((split for share, split in _SHARES if place < share), "test")


def list_samples(data: Path) -> list[Sample]:
    """Return the photos of ``street/photos``, ``garments/photos`` and ``negatives``, sorted.

    Garments are split by contributor. Negatives named in ``unclean_negatives.txt`` show people
    or clothes and are left out of every split. Raises UsageError where a folder is missing.
    """
    samples = [Sample(path, "street", path.stem) for path in _photos(data / "street" / "photos")]
    with (data / "garments" / "garments.csv").open(encoding="utf-8") as file:
        contributors = {row["image"]: row["contributor"] for row in csv.DictReader(file)}
    for path in _photos(data / "garments" / "photos"):
        if path.stem in contributors:
            samples.append(Sample(path, "garment", contributors[path.stem]))
    unclean = unclean_negatives()
    for path in _photos(data / "negatives"):
        if path.stem.partition("_")[0] not in unclean:
            samples.append(Sample(path, "negative", path.stem))
    return samples


def unclean_negatives() -> frozenset[str]:
    """Return the ImageNet ids whose sample photo shows people or clothes."""
    text = Path(__file__).with_name("unclean_negatives.txt").read_text("utf-8")
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
    """Return the photo upright, RGB (height, width, 3), its short side at most 160 pixels.

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
    """Training photos, RGB (height, width, 3); of any size."""

    street: Sequence[Photo]
    garment: Sequence[Photo]
    negative: Sequence[Photo]
    background: Sequence[Photo]


def load_pools(data: Path, samples: Sequence[Sample]) -> Pools:
    """Read the training split into memory."""
    train = [sample for sample in samples if sample.split == "train"]
    street = [sample for sample in train if sample.group == "street"]
    return Pools(
        street=[read_photo(sample.path) for sample in street],
        garment=[read_photo(sample.path) for sample in train if sample.group == "garment"],
        negative=[read_photo(sample.path) for sample in train if sample.group == "negative"],
        background=list(background_patches(data, street)),
    )


def background_patches(
    data: Path, samples: Sequence[Sample], *, side: int = 150
) -> Iterator[Photo]:
    """Yield squares of street photos that hold no person: negatives no one can mistake.

    Only of photos that have a mask; the mask's 0 is "nothing labelled".
    """
    import cv2

    for sample in samples:
        mask_path = data / "street" / "masks" / f"{sample.path.stem}.png"
        if not mask_path.exists():
            continue
        corner = _empty_square(_read_mask(mask_path), side)
        if corner is not None:
            top, left = corner
            pixels = cv2.imread(str(sample.path), cv2.IMREAD_COLOR)
            yield np.ascontiguousarray(pixels[top : top + side, left : left + side, ::-1])


def _read_mask(path: Path) -> npt.NDArray[np.bool_]:
    from PIL import Image

    with Image.open(path) as image:  # a palette picture: OpenCV would give its colours
        return np.asarray(image) > 0


def _empty_square(mask: npt.NDArray[np.bool_], side: int) -> tuple[int, int] | None:
    """Return the corner of a square without a labelled pixel, the first of a coarse grid."""
    import cv2

    integral = cv2.integral(mask.astype(np.uint8))
    height, width = mask.shape
    for top in range(0, height - side, 25):
        for left in range(0, width - side, 25):
            bottom, right = top + side, left + side
            inside = integral[bottom, right] - integral[top, right]
            if inside - integral[bottom, left] + integral[top, left] == 0:
                return top, left
    return None
