"""Made-up photos of several people, to measure on: each person was photographed alone."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import numpy as np
from PIL import Image

from services.segmentation.data.coco import CocoFile, write_files
from services.segmentation.data.cut_outs import CutOut, read_cut_outs
from services.segmentation.data.labelled import decode_segmentation
from services.segmentation.data.report import Progress, Report, silently
from services.segmentation.data.splits import Split
from services.segmentation.pasting import Lot, Scene, add_person
from shared.contracts.vocabulary import CATEGORIES

NO_ROOM: Final = "no room for anybody else", "다른 사람이 들어갈 자리가 없음"


def make_scenes(
    folder: Path, out: Path, *, split: Split, seed: int = 0, progress: Progress = silently
) -> Report:
    """Write ``scenes-{split}.json`` and ``scenes/*.jpg`` from ``folder/street-{split}.json``.

    Each photo gets one more person of the same split, every third two; what they hide is taken
    from the labels. The same scenes every time.
    """
    people, _ = read_cut_outs(folder / f"street-{split}.json")
    lot = Lot(people, np.full(len(people), 1 / max(1, len(people))))
    file, report = CocoFile(), Report()
    (out / "scenes").mkdir(parents=True, exist_ok=True)
    for number, wearer in progress(enumerate(people), len(people)):
        random = np.random.default_rng((seed, number))
        alone = _opened(wearer)
        scene = add_person(alone, lot, random)
        if scene is alone:
            report.skip(NO_ROOM, wearer.path.stem)
            continue
        if number % 3 == 0:
            scene = add_person(scene, lot, random)
        _write(scene, file, out / "scenes" / f"{wearer.path.stem}.jpg")
        report.add(split, garments=len(scene.masks))
    write_files({split: file}, out, prefix="scenes")
    return report


def _opened(wearer: CutOut) -> Scene:
    with Image.open(wearer.path) as image:
        pixels = np.asarray(image.convert("RGB"))
    return Scene(
        pixels,
        tuple(decode_segmentation(code, wearer.size) for _, code in wearer.garments),
        tuple(category for category, _ in wearer.garments),
        decode_segmentation(wearer.region, wearer.size),
    )


def _write(scene: Scene, file: CocoFile, path: Path) -> None:
    Image.fromarray(scene.pixels).save(path, quality=92)
    height, width = scene.pixels.shape[:2]
    image_id = file.add_image(path.name, width=width, height=height)
    for category, mask in zip(scene.categories, scene.masks, strict=True):
        file.add_garment(image_id, CATEGORIES[category], mask)
