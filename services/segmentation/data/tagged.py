"""Labels photos that have tags but no masks with a trained segmenter, where the tags agree."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Final

from PIL import Image

from services.segmentation import domain
from services.segmentation.data.coco import CocoFile, shrink, write_files
from services.segmentation.data.report import Progress, Report, silently
from services.segmentation.finding import propose
from services.segmentation.model import OnnxSegmenter
from services.segmentation.second_stage.rescoring import FAMILY_INDEX
from services.segmentation.second_stage.scenes import read_tags
from shared.contracts.vocabulary import CATEGORIES
from shared.imaging import decode

MISSING: Final = "a garment of the tags was not found", "태그의 옷을 찾지 못함"
SURE: Final = 0.45
"""Every family that the tags name must be found with this score."""
TAKEN: Final = 0.40
"""Other garments of these families are labelled from this score."""


def convert_tagged(
    folder: Path, out: Path, segmenter: OnnxSegmenter, *, progress: Progress = silently
) -> Report:
    """Write ``tagged-train.json`` and ``tagged/*.jpg`` from a street folder with ``tags.json``.

    Only families that the tags name are thought possible; a photo counts where all were found.
    """
    file, report = CocoFile(), Report()
    (out / "tagged").mkdir(parents=True, exist_ok=True)
    photos = list(read_tags(folder))
    for path, families in progress(iter(photos), len(photos)):
        pixels = decode(path.read_bytes(), name=path.name).pixels
        found, scale = _garments(pixels, families, segmenter)
        if families - {_family(one) for one in found if one.score >= SURE}:
            report.skip(MISSING, path.stem)
            continue
        small = shrink(Image.fromarray(pixels))
        small.save(out / "tagged" / f"{path.stem}.jpg", quality=92)
        image_id = file.add_image(f"{path.stem}.jpg", width=small.width, height=small.height)
        smaller = scale * pixels.shape[1] / small.width
        for one in found:
            logits = domain.upsample(
                one.logits, height=small.height, width=small.width, scale=smaller
            )
            file.add_garment(image_id, CATEGORIES[one.category], logits > 0)
        report.add("train", garments=len(found))
    write_files({"train": file}, out, prefix="tagged")
    return report


def _garments(
    pixels: domain.Pixels, families: frozenset[int], segmenter: OnnxSegmenter
) -> tuple[list[domain.Candidate], float]:
    answer, scale = segmenter.answer(pixels)
    rules = dataclasses.replace(segmenter.rules, threshold=TAKEN)
    second_stage = segmenter.second_stage
    found = propose(
        answer, pixels, scale=scale, rules=rules, second_stage=second_stage, families=families
    )
    return domain.keep_distinct(found, rules), scale


def _family(found: domain.Candidate) -> int:
    return int(FAMILY_INDEX[found.category])
