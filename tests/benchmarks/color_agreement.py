"""How often the dominant colour is what a person calls the garment.

``python -m tests.benchmarks.color_agreement DATA [--masks FOLDER]`` prints a table. DATA holds
``street/photos`` and ``street/masks`` (Clothing Co-Parsing), and ``garments/photos``
(clothing-dataset), whose masks, PNG files of the photos' names, come from FOLDER: any saliency
model makes them. The photos are not part of this repository; the words in ``color_labels.csv``
are: one of us wrote them from small pictures, before seeing any answer, the best word first and
then those that are right too. Rows of the set "tuning" were looked at while the rules were
made, "held" ones were not.
"""

from __future__ import annotations

import argparse
import csv
from collections import defaultdict
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps
from rich.console import Console
from rich.table import Table as Lines

from services.color.domain import palette
from services.color.names import color_names
from services.color.settings import ColorSettings
from services.color.table import open_table

LABELS = Path(__file__).with_name("color_labels.csv")
LEAST_AREA = 0.02
"""Of the photo: where a saliency model finds less, it did not find the garment."""


def read_mask(row: dict[str, str], data: Path, masks: Path | None) -> np.ndarray | None:
    """Return the garment's mask, or None where there is none."""
    if row["kind"] == "street":
        labels = np.asarray(Image.open(data / "street" / "masks" / f"{row['photo']}.png"))
        return labels == int(row["label"])
    if masks is None or not (masks / f"{row['photo']}.png").exists():
        return None
    mask = np.asarray(Image.open(masks / f"{row['photo']}.png")) > 128
    return mask if mask.mean() > LEAST_AREA else None


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--masks", type=Path, help="PNG masks of the garment photos")
    arguments = parser.parse_args()
    names = color_names()
    table = open_table(ColorSettings().cache_dir.expanduser())
    found: dict[tuple[str, str], list[tuple[bool, bool, bool]]] = defaultdict(list)
    with LABELS.open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            mask = read_mask(row, arguments.data, arguments.masks)
            if mask is None:
                continue
            path = arguments.data / row["kind"] / "photos" / f"{row['photo']}.jpg"
            photo = np.asarray(ImageOps.exif_transpose(Image.open(path)).convert("RGB"))
            seen = [color.basic for color in palette(photo, mask, names=names, table=table)]
            words = row["colors"].split("/")
            found[row["set"], row["kind"]].append(
                (seen[:1] == words[:1], bool(seen) and seen[0] in words, words[0] in seen)
            )
    lines = Lines(
        "set", "photos", "garments", "best word", "a right word", "best word among the colours"
    )
    for (group, kind), answers in sorted(found.items()):
        parts = (f"{part:.1%}" for part in np.mean(answers, axis=0))
        lines.add_row(group, kind, str(len(answers)), *parts)
    Console().print(lines)


if __name__ == "__main__":
    main()
