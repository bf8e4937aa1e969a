"""Writes the training data once, in COCO's form: small pictures and run-length masks."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from pycocotools import mask as coco_mask

from services.segmentation.data.garments import SaliencyModel, object_mask, read_garments
from services.segmentation.data.splits import Split
from services.segmentation.data.street import read_street
from shared.contracts.vocabulary import CATEGORIES

LONG_SIDE: Final = 512
"""Pictures are stored this small: training sees them smaller still."""
SPLITS: Final[tuple[Split, ...]] = ("train", "val", "test")


@dataclass
class CocoFile:
    """One annotation file while it grows."""

    images: list[dict[str, Any]] = field(default_factory=list)
    annotations: list[dict[str, Any]] = field(default_factory=list)

    def add_image(self, file_name: str, *, width: int, height: int) -> int:
        """Add a picture; return its id."""
        image_id = len(self.images) + 1
        self.images.append(
            {"id": image_id, "file_name": file_name, "width": width, "height": height}
        )
        return image_id

    def add_garment(self, image_id: int, category: str, mask: NDArray[np.bool_]) -> None:
        """Add a garment's (height, width) mask."""
        encoded = coco_mask.encode(np.asfortranarray(mask, np.uint8))
        self.annotations.append(
            {
                "id": len(self.annotations) + 1,
                "image_id": image_id,
                "category_id": CATEGORIES.index(category) + 1,
                "segmentation": {**encoded, "counts": encoded["counts"].decode()},
                "area": int(coco_mask.area(encoded)),
                "bbox": [float(value) for value in coco_mask.toBbox(encoded)],
                "iscrowd": 0,
            }
        )

    def body(self) -> dict[str, Any]:
        """Return the file's JSON form."""
        categories = [{"id": i, "name": name} for i, name in enumerate(CATEGORIES, start=1)]
        return {
            "images": self.images,
            "annotations": self.annotations,
            "categories": categories,
        }


def convert_street(folder: Path, out: Path) -> dict[Split, int]:
    """Write ``street-{train,val,test}.json`` and ``street/*.jpg``; return pictures by split."""
    files = {split: CocoFile() for split in SPLITS}
    (out / "street").mkdir(parents=True, exist_ok=True)
    for photo in read_street(folder, SPLITS):
        with Image.open(photo.path) as image:
            small = _shrink(image.convert("RGB"))
        small.save(out / "street" / f"{photo.name}.jpg", quality=92)
        file = files[photo.split]
        image_id = file.add_image(f"{photo.name}.jpg", width=small.width, height=small.height)
        for garment in photo.garments:
            resized = Image.fromarray(garment.mask).resize(small.size, Image.Resampling.NEAREST)
            if np.asarray(resized).sum() >= 100:
                file.add_garment(image_id, garment.category, np.asarray(resized))
    return _write(files, out, prefix="street")


def convert_garments(folder: Path, out: Path, *, saliency_model: Path) -> dict[Split, int]:
    """Write ``garments-{train,val,test}.json`` and ``garments/*.jpg`` where a mask is sure."""
    model = SaliencyModel(saliency_model)
    files = {split: CocoFile() for split in SPLITS}
    (out / "garments").mkdir(parents=True, exist_ok=True)
    for photo in read_garments(folder):
        with Image.open(photo.path) as image:
            small = _shrink(image.convert("RGB"))
        mask = object_mask(model.predict(small))
        if mask is None:
            continue
        small.save(out / "garments" / f"{photo.name}.jpg", quality=92)
        file = files[photo.split]
        image_id = file.add_image(f"{photo.name}.jpg", width=small.width, height=small.height)
        file.add_garment(image_id, photo.category, mask)
    return _write(files, out, prefix="garments")


def _shrink(image: Image.Image) -> Image.Image:
    scale = min(1.0, LONG_SIDE / max(image.size))
    size = round(image.width * scale), round(image.height * scale)
    return image.resize(size, Image.Resampling.LANCZOS)


def _write(files: dict[Split, CocoFile], out: Path, *, prefix: str) -> dict[Split, int]:
    for split, file in files.items():
        (out / f"{prefix}-{split}.json").write_text(json.dumps(file.body()))
    return {split: len(file.images) for split, file in files.items()}
