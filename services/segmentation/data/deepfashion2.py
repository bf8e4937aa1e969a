"""DeepFashion2's annotations (Ge et al., CVPR 2019), one JSON file a photo, into COCO files.

The format is its repository's: ``{train,validation}/annos/000001.json`` and
``image/000001.jpg``; a file has ``source``, ``pair_id`` and ``item1``, ``item2``, … with
``category_id`` (1 to 13, our order), ``segmentation`` (polygons), ``bounding_box``, ``style``,
``scale``, ``occlusion``, ``zoom_in`` and ``viewpoint``.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from PIL import Image
from pycocotools.mask import area

from services.segmentation.data.coco import SPLITS, CocoFile, write_files
from services.segmentation.data.labelled import encode_segmentation
from services.segmentation.data.report import NO_PICTURE, Progress, Report
from services.segmentation.data.splits import Split, split_of
from shared.contracts.vocabulary import CATEGORIES
from shared.errors import UsageError

SIDES: Final = ("train", "validation")
NAME: Final = "deepfashion2"
VALIDATION_SHARE: Final = 2
"""Per cent of the training pairs kept for choosing the threshold."""
KEPT: Final = ("scale", "occlusion", "zoom_in", "viewpoint", "style")

FARTHEST: Final = 100_000
"""No point of a polygon is so many pixels away."""

BAD_PICTURE: Final = "pictures that cannot be read", "읽을 수 없는 사진"
BAD_JSON: Final = "annotations that are no JSON object", "JSON이 아닌 주석"
NO_GARMENT: Final = "photos without a usable garment", "쓸 수 있는 옷이 없는 사진"
BAD_CATEGORY: Final = "garments of an unknown category", "범주를 알 수 없는 옷"
NO_AREA: Final = "garments without an area", "넓이가 없는 옷"


def convert_deepfashion2(folder: Path, out: Path, *, progress: Progress) -> Report:
    """Write ``deepfashion2-{train,val,test}.json`` into ``out``; the photos stay where they are.

    Its training photos become ``train`` and, by their pair, ``val``; its validation photos
    ``test``, so that figures compare with published ones. ``out/deepfashion2`` links to
    ``folder``. What is unusable is counted in the report. Raises UsageError where there is
    nothing to convert.
    """
    annotations = [
        path for side in SIDES for path in sorted((folder / side / "annos").glob("*.json"))
    ]
    if not annotations:
        raise UsageError(
            f"{folder}: no train/annos/*.json or validation/annos/*.json; name the folder that "
            "DeepFashion2 was unpacked into",
            text_ko=f"{folder}: train/annos나 validation/annos에 파일이 없습니다. DeepFashion2를 "
            "푼 폴더를 지정하세요",
        )
    out.mkdir(parents=True, exist_ok=True)
    _link(out / NAME, folder)
    report = Report()
    files = {split: CocoFile() for split in SPLITS}
    for path in progress(annotations, len(annotations)):
        _add_photo(path, folder, files=files, report=report)
    if not report.photos:
        raise UsageError(
            f"{folder}: no usable garment in {len(annotations)} files: {report.left_out('en')}",
            text_ko=f"{folder}: {len(annotations)}개 파일에 쓸 수 있는 옷이 없습니다: "
            f"{report.left_out('ko')}",
        )
    write_files(files, out, prefix=NAME)
    return report


def _link(link: Path, folder: Path) -> None:
    if link.is_symlink() or not link.exists():
        link.unlink(missing_ok=True)
        link.symlink_to(folder.resolve(), target_is_directory=True)
        return
    raise UsageError(
        f"{link}: exists and is no link; name an --out of its own",
        text_ko=f"{link}: 이미 있는 폴더입니다. --out에 다른 폴더를 지정하세요",
    )


def _add_photo(path: Path, folder: Path, *, files: dict[Split, CocoFile], report: Report) -> None:
    name = f"{path.parent.parent.name}/{path.stem}"
    picture = path.parent.parent / "image" / f"{path.stem}.jpg"
    content, size = _read_json(path), _size(picture)
    if content is None:
        return report.skip(BAD_JSON, name)
    if size is None:
        return report.skip(BAD_PICTURE if picture.exists() else NO_PICTURE, name)
    split = _split(path, content)
    width, height = size
    garments = list(_garments(content, (height, width), name=name, report=report))
    if not garments:
        return report.skip(NO_GARMENT, name)
    image_id = files[split].add_image(
        str(picture.relative_to(folder)),
        width=width,
        height=height,
        source=content.get("source"),
        pair_id=content.get("pair_id"),
    )
    for garment in garments:
        files[split].add_code(image_id, **garment)
    report.add(split, garments=len(garments))


def _read_json(path: Path) -> dict[str, Any] | None:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except ValueError:
        return None
    return content if isinstance(content, dict) else None


def _size(picture: Path) -> tuple[int, int] | None:
    try:
        with Image.open(picture) as image:
            return image.size
    except OSError:
        return None


def _split(path: Path, content: dict[str, Any]) -> Split:
    if path.parent.parent.name == "validation":
        return "test"
    # Photos of one pair show the same garment: they are all on one side.
    return split_of(f"pair{content.get('pair_id')}", test=0, val=VALIDATION_SHARE)


def _garments(
    content: dict[str, Any], size: tuple[int, int], *, name: str, report: Report
) -> Iterator[dict[str, Any]]:
    items = {key: item for key, item in content.items() if key.startswith("item")}
    for key, item in items.items():
        category = item.get("category_id") if isinstance(item, dict) else None
        if category not in range(1, len(CATEGORIES) + 1):
            report.skip(BAD_CATEGORY, f"{name} {key}")
            continue
        given = item.get("segmentation")
        polygons = [one for one in given if _is_polygon(one)] if isinstance(given, list) else []
        code = encode_segmentation(polygons, size) if polygons else None
        if code is None or not area(code):
            report.skip(NO_AREA, f"{name} {key}")
            continue
        more = {field: item[field] for field in KEPT if isinstance(item.get(field), int)}
        yield {"category": CATEGORIES[category - 1], "code": code, "segmentation": polygons, **more}


def _is_polygon(points: Any) -> bool:
    return (
        isinstance(points, list)
        and len(points) >= 6
        and len(points) % 2 == 0
        and all(isinstance(value, int | float) and abs(value) < FARTHEST for value in points)
    )
