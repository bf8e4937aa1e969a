"""A sheet of garment photos with the masks that were made, and of those refused, for the eye."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

import numpy as np

from services.segmentation.data.garments import read_garments
from services.segmentation.data.labelled import decode_segmentation
from services.segmentation.domain import describe
from services.segmentation.sheet import draw_sheet
from shared.contracts.garments import Garment
from shared.contracts.vocabulary import CATEGORIES

EACH: Final = 28
"""So many photos with a mask are drawn, and so many without."""

Entry = tuple[Path, str, tuple[Garment, ...]]


def draw_garment_sheet(folder: Path, out: Path, *, language: str) -> Path:
    """Draw ``out/garments.png`` of what ``mapsi data garments`` wrote; return its path."""
    kept = [entry for file in sorted(out.glob("garments-*.json")) for entry in _kept(file)]
    names = {path.stem for path, _, _ in kept}
    none = "마스크 없음" if language == "ko" else "no mask"
    refused: list[Entry] = [
        (photo.path, f"\n{none}", ()) for photo in read_garments(folder) if photo.name not in names
    ]
    path = out / "garments.png"
    draw_sheet(_sample(kept) + _sample(refused), path, language=language)
    return path


def _kept(file: Path) -> list[Entry]:
    body = json.loads(file.read_text(encoding="utf-8"))
    images = {row["id"]: row for row in body["images"]}
    entries: list[Entry] = []
    for row in body["annotations"]:
        image = images[row["image_id"]]
        mask = decode_segmentation(row["segmentation"], (image["height"], image["width"]))
        garment = describe(CATEGORIES[row["category_id"] - 1], 1.0, mask)
        entries.append((file.parent / "garments" / image["file_name"], "", (garment,)))
    return entries


def _sample(entries: list[Entry]) -> list[Entry]:
    chosen = np.random.default_rng(0).permutation(len(entries))[:EACH]
    return [entries[index] for index in chosen]
