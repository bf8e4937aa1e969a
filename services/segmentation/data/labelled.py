"""Labelled photos from any folder we can read: ours, and COCO files that ``mapsi data`` wrote."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pycocotools import mask as coco_mask

from services.segmentation.data.ccp import list_maps
from services.segmentation.data.splits import Split, split_of
from shared.contracts.garments import Rle
from shared.contracts.vocabulary import CATEGORIES
from shared.errors import UsageError
from shared.masks import decode_mask

Mask = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class LabelledGarment:
    """One garment in a photo: its category and its (height, width) mask."""

    category: str
    mask: Mask
    occlusion: int = 1
    """DeepFashion2's scale: 1 slightly or not covered by other things, 2 partly, 3 heavily."""


@dataclass(frozen=True, eq=False)
class LabelledPhoto:
    """A photo and its garments, at the photo's full size."""

    name: str
    path: Path
    split: Split
    garments: tuple[LabelledGarment, ...]
    people: Mask | None = None
    """Where the wearers are, clothes and all, where the labels say so."""


def read_labelled(folder: Path, split: Split) -> Iterator[LabelledPhoto]:
    """Yield a split's photos of a COCO folder (``NAME-{split}.json`` and pictures in ``NAME/``),
    or of ``folder/street``. Raises UsageError where there is neither.
    """
    if any(coco_files(folder, any_split) for any_split in ("train", "val", "test")):
        for file in coco_files(folder, split):
            yield from _read_coco(file, split)
        return
    from services.segmentation.data.street import read_street

    yield from read_street(folder / "street", [split])


def count_labelled(folder: Path, split: Split) -> int:
    """Return how many photos ``read_labelled`` yields at most."""
    if any(coco_files(folder, any_split) for any_split in ("train", "val", "test")):
        return sum(len(_body(file)["images"]) for file in coco_files(folder, split))
    maps = list_maps(folder / "street")
    return sum(split_of(path.stem) == split for path in maps)


def coco_files(folder: Path, split: str) -> list[Path]:
    """Return the annotation files of a split in a COCO folder, none where it is no such folder."""
    return sorted(folder.glob(f"*-{split}.json"))


def _read_coco(file: Path, split: Split) -> Iterator[LabelledPhoto]:
    pictures = file.parent / file.stem.removesuffix(f"-{split}")
    body = _body(file)
    names = {row["id"]: row["name"] for row in body["categories"]}
    by_image: dict[int, list[dict[str, Any]]] = {row["id"]: [] for row in body["images"]}
    for row in body["annotations"]:
        by_image[row["image_id"]].append(row)
    for image in body["images"]:
        size = image["height"], image["width"]
        yield LabelledPhoto(
            name=Path(image["file_name"]).stem,
            path=pictures / image["file_name"],
            split=split,
            garments=tuple(
                LabelledGarment(
                    names[row["category_id"]],
                    decode_segmentation(row["segmentation"], size),
                    row.get("occlusion", 1),
                )
                for row in by_image[image["id"]]
            ),
        )


def _body(file: Path) -> Any:
    try:
        body = json.loads(file.read_text(encoding="utf-8"))
        names = {row["name"] for row in body["categories"]}
        images = {row["id"] for row in body["images"]}
        known = all(row["image_id"] in images for row in body["annotations"])
    except (ValueError, KeyError, TypeError) as error:
        raise _no_coco(file) from error
    if names - set(CATEGORIES) or not known:
        raise _no_coco(file)
    return body


def encode_segmentation(segmentation: Any, size: tuple[int, int]) -> dict[str, Any]:
    """Return COCO's polygons or run-length code as pycocotools' compressed code."""
    if isinstance(segmentation, list):
        segmentation = coco_mask.merge(coco_mask.frPyObjects(segmentation, *size))
    elif isinstance(segmentation["counts"], list):
        segmentation = coco_mask.frPyObjects(segmentation, *size)
    code: dict[str, Any] = segmentation
    return code


def decode_segmentation(segmentation: Any, size: tuple[int, int]) -> Mask:
    """Return the (height, width) mask of COCO's polygons or run-length code."""
    counts = encode_segmentation(segmentation, size)["counts"]
    code = Rle(size=size, counts=counts.decode() if isinstance(counts, bytes) else counts)
    return decode_mask(code, height=size[0], width=size[1])


def _no_coco(file: Path) -> UsageError:
    return UsageError(
        f"{file}: not COCO annotations of the 13 categories; make it with `mapsi data`",
        text_ko=f"{file}: 13개 범주의 COCO 파일이 아닙니다. `mapsi data`로 만드세요",
        reason="bad_annotations",
    )
