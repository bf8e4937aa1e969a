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

from services.segmentation.data.ccp import list_maps
from services.segmentation.data.garments import (
    TOO_SMALL,
    GarmentPhoto,
    object_mask,
    read_garments,
    why_refused,
)
from services.segmentation.data.report import NO_PICTURE, Progress, Report, silently
from services.segmentation.data.saliency import SaliencyMaps
from services.segmentation.data.splits import Split
from services.segmentation.data.street import read_street
from shared.contracts.vocabulary import CATEGORIES

LONG_SIDE: Final = 512
"""Pictures are stored this small: training sees them smaller still."""
SMALLEST: Final = 100
"""Garments of fewer pixels are left out of the training data."""
SPLITS: Final[tuple[Split, ...]] = ("train", "val", "test")


@dataclass
class CocoFile:
    """One annotation file while it grows."""

    images: list[dict[str, Any]] = field(default_factory=list)
    annotations: list[dict[str, Any]] = field(default_factory=list)

    def add_image(self, file_name: str, *, width: int, height: int, **more: Any) -> int:
        """Add a picture, with ``more`` fields; return its id."""
        size = {"width": width, "height": height}
        self.images.append({"id": len(self.images) + 1, "file_name": file_name, **size, **more})
        return len(self.images)

    def add_people(self, image_id: int, mask: NDArray[np.bool_]) -> None:
        """Say where a picture's wearers are, (height, width): they can be cut out of it."""
        self.images[image_id - 1]["people"] = _text(_encode(mask))

    def add_garment(
        self, image_id: int, category: str, mask: NDArray[np.bool_], **more: Any
    ) -> None:
        """Add a garment's (height, width) mask; ``more`` are fields of its annotation."""
        code = _encode(mask)
        self.add_code(image_id, category, code, **{"segmentation": _text(code), **more})

    def add_code(self, image_id: int, category: str, code: dict[str, Any], **more: Any) -> None:
        """Add a garment by pycocotools' code; ``more`` has its ``segmentation`` as it is kept."""
        self.annotations.append(
            {
                "id": len(self.annotations) + 1,
                "image_id": image_id,
                "category_id": CATEGORIES.index(category) + 1,
                "area": int(coco_mask.area(code)),
                "bbox": [float(value) for value in coco_mask.toBbox(code)],
                "iscrowd": 0,
                **more,
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


def _encode(mask: NDArray[np.bool_]) -> dict[str, Any]:
    code: dict[str, Any] = coco_mask.encode(np.asfortranarray(mask, np.uint8))
    return code


def _text(code: dict[str, Any]) -> dict[str, Any]:
    """Return pycocotools' code as JSON can hold it."""
    return {**code, "counts": code["counts"].decode()}


def convert_street(folder: Path, out: Path, *, progress: Progress = silently) -> Report:
    """Write ``street-{train,val,test}.json`` and ``street/*.jpg``."""
    files = {split: CocoFile() for split in SPLITS}
    (out / "street").mkdir(parents=True, exist_ok=True)
    report = Report()
    for photo in progress(read_street(folder, SPLITS), len(list_maps(folder))):
        if not photo.path.exists():
            report.skip(NO_PICTURE, photo.name)
            continue
        with Image.open(photo.path) as image:
            small = shrink(image.convert("RGB"))
        small.save(out / "street" / f"{photo.name}.jpg", quality=92)
        file = files[photo.split]
        image_id = file.add_image(f"{photo.name}.jpg", width=small.width, height=small.height)
        before = len(file.annotations)
        if photo.people is not None:
            file.add_people(image_id, _resized(photo.people, small.size))
        for garment in photo.garments:
            mask = _resized(garment.mask, small.size)
            if mask.sum() >= SMALLEST:
                file.add_garment(image_id, garment.category, mask, occlusion=garment.occlusion)
        report.add(photo.split, garments=len(file.annotations) - before)
    write_files(files, out, prefix="street")
    return report


def _resized(mask: NDArray[np.bool_], size: tuple[int, int]) -> NDArray[np.bool_]:
    return np.asarray(Image.fromarray(mask).resize(size, Image.Resampling.NEAREST))


def convert_garments(
    folder: Path,
    out: Path,
    *,
    saliency_model: Path,
    processes: int = 1,
    progress: Progress = silently,
) -> Report:
    """Write ``garments-{train,val,test}.json`` and ``garments/*.jpg`` where a mask is sure.

    The saliency maps are kept in ``out/saliency``: those that are there are not made again.
    """
    photos = list(read_garments(folder))
    maps = SaliencyMaps(out / "saliency", saliency_model)
    paths = [photo.path for photo in photos]
    for _ in progress(maps.fill(paths, processes=processes), len(paths)):
        pass
    files = {split: CocoFile() for split in SPLITS}
    (out / "garments").mkdir(parents=True, exist_ok=True)
    report = Report()
    for photo in photos:
        _add_garment_photo(photo, out, maps, files=files, report=report)
    write_files(files, out, prefix="garments")
    return report


def _add_garment_photo(
    photo: GarmentPhoto,
    out: Path,
    maps: SaliencyMaps,
    *,
    files: dict[Split, CocoFile],
    report: Report,
) -> None:
    with Image.open(photo.path) as image:
        small = shrink(image.convert("RGB"))
    saliency = maps.read(photo.path, small.size)
    mask = object_mask(saliency)
    if mask is None:
        report.skip(why_refused(saliency) or TOO_SMALL, photo.name)
        return
    small.save(out / "garments" / f"{photo.name}.jpg", quality=92)
    file = files[photo.split]
    name = f"{photo.name}.jpg"
    image_id = file.add_image(name, width=small.width, height=small.height, alone=True)
    file.add_garment(image_id, photo.category, mask, sleeve_known=photo.sleeve_known)
    report.add(photo.split, garments=1)


def shrink(image: Image.Image) -> Image.Image:
    scale = min(1.0, LONG_SIDE / max(image.size))
    size = round(image.width * scale), round(image.height * scale)
    return image.resize(size, Image.Resampling.LANCZOS)


def write_files(files: dict[Split, CocoFile], out: Path, *, prefix: str) -> dict[Split, int]:
    """Write ``PREFIX-SPLIT.json`` for every split; return how many pictures each has."""
    for split, file in files.items():
        (out / f"{prefix}-{split}.json").write_text(json.dumps(file.body()))
    return {split: len(file.images) for split, file in files.items()}
