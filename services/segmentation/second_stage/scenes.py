"""What the second stage learns from: photos, what the detector drew there, and what is true."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from pycocotools import mask as coco_mask

from services.segmentation.data.labelled import decode_segmentation
from services.segmentation.data.splits import split_of
from services.segmentation.data.street import DRESSES, OUTERS, PLAIN, TOPS
from services.segmentation.finding import as_shown, draw
from services.segmentation.model import OnnxSegmenter
from services.segmentation.second_stage.rescoring import FAMILY_NAMES
from services.segmentation.second_stage.view import shrink
from shared.contracts.vocabulary import CATEGORIES, FAMILY_OF
from shared.imaging import decode

Mask = NDArray[np.bool_]
Floats = NDArray[np.float32]
Code = dict[str, Any]
"""pycocotools' run-length code."""


@dataclass(frozen=True)
class Truth:
    """A labelled garment; ``sleeve_known`` is False where only its family is certain."""

    category: int
    code: Code
    sleeve_known: bool = True


@dataclass(frozen=True, eq=False)
class Scene:
    """A photo of at most ``view.LONG_SIDE`` pixels and its n candidates."""

    path: Path
    candidates: tuple[Code, ...]
    detected: Floats
    """(n, 13): the detector's scores."""
    truths: tuple[Truth, ...]
    overlaps: Floats
    """(n, truths): mask IoU."""
    tagged: frozenset[int] = frozenset()
    """The families that the photo's tags name, where it has tags and no masks."""

    def image(self) -> Image.Image:
        """Read the photo."""
        return shrink(Image.fromarray(decode(self.path.read_bytes(), name=self.path.name).pixels))

    def best(self) -> Floats:
        """Return each candidate's greatest IoU with a garment, (n,)."""
        if not self.truths:
            return np.zeros(len(self.candidates), np.float32)
        return np.asarray(self.overlaps.max(axis=1))


def mask_of(code: Code) -> Mask:
    """Decode to (height, width)."""
    height, width = code["size"]
    return decode_segmentation(code, (height, width))


def scenes_of_coco(file: Path, split: str, segmenter: OnnxSegmenter) -> Iterator[Scene]:
    """Yield the scenes of ``NAME-{split}.json`` and the pictures in ``NAME/``."""
    body = json.loads(file.read_text(encoding="utf-8"))
    names = {row["id"]: row["name"] for row in body["categories"]}
    rows: dict[int, list[dict[str, Any]]] = {row["id"]: [] for row in body["images"]}
    for row in body["annotations"]:
        rows[row["image_id"]].append(row)
    pictures = file.parent / file.stem.removesuffix(f"-{split}")
    for image in body["images"]:
        size = image["height"], image["width"]
        labelled = [
            (
                CATEGORIES.index(names[row["category_id"]]),
                decode_segmentation(row["segmentation"], size),
                row.get("sleeve_known", True),
            )
            for row in rows[image["id"]]
        ]
        yield _scene(pictures / image["file_name"], segmenter, labelled)


def tagged_scenes(street: Path, segmenter: OnnxSegmenter) -> Iterator[Scene]:
    """Yield the scenes of a street folder's tagged photos."""
    for path, families in read_tags(street):
        yield _scene(path, segmenter, [], families)


def read_tags(street: Path) -> Iterator[tuple[Path, frozenset[int]]]:
    """Yield the photos to learn from that have tags (``tags.json``) but no label map, and families.

    Those of the splits ``val`` and ``test`` are left out, though no figure is measured on tags.
    """
    tags = json.loads((street / "tags.json").read_text(encoding="utf-8"))
    for path in sorted((street / "photos").glob("*.jpg")):
        if split_of(path.stem) != "train":
            continue
        if path.stem in tags and not (street / "masks" / f"{path.stem}.png").exists():
            families = frozenset(f for tag in tags[path.stem] for f in families_of_tag(tag))
            if families:
                yield path, families


def families_of_tag(tag: str) -> tuple[int, ...]:
    """Return the indices of the families that a label of Clothing Co-Parsing can be."""
    if tag == "suit":
        return FAMILY_NAMES.index("outer"), FAMILY_NAMES.index("trousers")
    for labels, family in ((TOPS, "top"), (OUTERS, "outer"), (DRESSES, "dress")):
        if tag in labels:
            return (FAMILY_NAMES.index(family),)
    return (FAMILY_NAMES.index(FAMILY_OF[PLAIN[tag]]),) if tag in PLAIN else ()


def _scene(
    path: Path,
    segmenter: OnnxSegmenter,
    labelled: Iterable[tuple[int, Mask, bool]],
    tagged: frozenset[int] = frozenset(),
) -> Scene:
    pixels = decode(path.read_bytes(), name=path.name).pixels
    answer, scale = segmenter.answer(pixels)
    image, shown = as_shown(draw(answer, segmenter.rules), pixels, scale=scale)
    candidates = tuple(_encode(mask) for _, mask in shown)
    truths = []
    for category, mask, sleeve_known in labelled:
        small = Image.fromarray(mask).resize(image.size, Image.Resampling.NEAREST)
        if np.asarray(small).any():
            truths.append(Truth(category, _encode(np.asarray(small)), sleeve_known))
    return Scene(
        path,
        candidates,
        np.array([one.scores for one, _ in shown], np.float32).reshape(-1, len(CATEGORIES)),
        tuple(truths),
        _iou(candidates, [truth.code for truth in truths]),
        tagged,
    )


def _encode(mask: Mask) -> Code:
    code: Code = coco_mask.encode(np.asfortranarray(mask, np.uint8))
    return code


def _iou(candidates: tuple[Code, ...], truths: list[Code]) -> Floats:
    iou = coco_mask.iou(list(candidates), truths, [0] * len(truths))
    return np.array(iou, np.float32).reshape(len(candidates), len(truths))


def collect(
    files: Iterable[Path],
    street: Path | None,
    segmenter: OnnxSegmenter,
    *,
    tell: Callable[[str], None],
) -> list[Scene]:
    """Return the training scenes of COCO files and, where given, of a street folder's tags."""
    scenes: list[Scene] = []
    for file in files:
        scenes += scenes_of_coco(file, "train", segmenter)
        tell(f"{file.name}: {len(scenes)} photos looked at")
    if street and (street / "tags.json").exists():
        scenes += tagged_scenes(street, segmenter)
        tell(f"{street / 'tags.json'}: {len(scenes)} photos looked at")
    return [scene for scene in scenes if scene.candidates or scene.truths]
