"""People and single garments, cut out of training photos to be pasted into others."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from services.segmentation.data.labelled import decode_segmentation
from services.segmentation.second_stage.rescoring import FAMILY_INDEX
from shared.contracts.vocabulary import CATEGORIES

Mask = NDArray[np.bool_]
Code = dict[str, Any]
"""pycocotools' run-length code."""


@dataclass(frozen=True, eq=False)
class CutOut:
    """Where in a picture something can be cut out, and the garments that come along."""

    path: Path
    size: tuple[int, int]
    """Height and width of the picture."""
    region: Code
    garments: tuple[tuple[int, Code], ...]
    """Index of the category, and mask."""

    @property
    def families(self) -> frozenset[int]:
        """Return the indices of the garments' families."""
        return frozenset(int(FAMILY_INDEX[category]) for category, _ in self.garments)


@dataclass(frozen=True, eq=False)
class Piece:
    """A cut-out's pixels within its bounding box, as large as it is pasted."""

    pixels: NDArray[np.uint8]
    """(h, w, 3) RGB."""
    cover: NDArray[np.float32]
    """(h, w): how much of what is below it hides, 0 to 1."""
    masks: tuple[Mask, ...]
    """(h, w) of each garment, hidden parts left out."""
    categories: tuple[int, ...]


def read_cut_outs(file: Path) -> tuple[list[CutOut], list[CutOut]]:
    """Return the people and the garments without a wearer of ``NAME-{split}.json``.

    ``people`` of a picture says where its wearers are, ``alone`` that it shows one garment.
    """
    body = json.loads(file.read_text(encoding="utf-8"))
    pictures = file.parent / file.stem.rpartition("-")[0]
    rows: dict[int, list[dict[str, Any]]] = {row["id"]: [] for row in body["images"]}
    for row in body["annotations"]:
        rows[row["image_id"]].append(row)
    names = {row["id"]: CATEGORIES.index(row["name"]) for row in body["categories"]}
    people, alone = [], []
    for image in body["images"]:
        garments = [(names[row["category_id"]], row["segmentation"]) for row in rows[image["id"]]]
        if not garments:
            continue
        region = image.get("people", garments[0][1])
        size = image["height"], image["width"]
        cut_out = CutOut(pictures / image["file_name"], size, region, tuple(garments))
        if "people" in image:
            people.append(cut_out)
        elif image.get("alone"):
            alone.append(cut_out)
    return people, alone


def cut(cut_out: CutOut, *, height: int, mirrored: bool = False) -> Piece:
    """Read a cut-out and make it ``height`` pixels high."""
    region = decode_segmentation(cut_out.region, cut_out.size)
    rows, columns = (np.flatnonzero(region.any(axis=axis)) for axis in (1, 0))
    top, left, bottom, right = rows[0], columns[0], rows[-1] + 1, columns[-1] + 1
    size = max(1, round((right - left) * height / (bottom - top))), max(1, height)
    box = (left, top, right, bottom)

    def resized(image: Image.Image) -> Any:
        # Its parts beside the box are not read, so that no other thing blends in.
        small = image.crop(box).resize(size, Image.Resampling.BILINEAR)
        return np.asarray(small)[:, ::-1] if mirrored else np.asarray(small)

    with Image.open(cut_out.path) as image:
        pixels = resized(image.convert("RGB"))
    cover = resized(Image.fromarray(region.astype(np.uint8) * 255)).astype(np.float32) / 255
    masks = [decode_segmentation(code, cut_out.size) for _, code in cut_out.garments]
    small = [resized(Image.fromarray(mask.astype(np.uint8) * 255)) > 127 for mask in masks]
    categories = tuple(category for category, _ in cut_out.garments)
    return Piece(pixels, cover, tuple(mask & (cover > 0.5) for mask in small), categories)
