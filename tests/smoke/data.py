"""A tiny data folder for every trainer, drawn by code: no photo of anybody."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
from PIL import Image

from services.segmentation.data.splits import split_of
from shared.contracts.vocabulary import STYLES

LABELS: Final = ("null", "skin", "t-shirt", "jeans", "dress")
LOOKS: Final = 150
"""Enough that the style probe has looks to hold out."""
MASKED: Final = {"train": 8, "val": 2, "test": 2}
"""Looks with a label map, by split: the segmenter's steps follow from their number."""
SIZE: Final = (200, 300)

Pixels = npt.NDArray[np.uint8]


def write_data(folder: Path) -> None:
    """Write ``street/``, ``garments/``, ``negatives/`` and ``styles.csv``."""
    random = np.random.default_rng(0)
    for name in ("street/photos", "street/masks", "garments/photos", "negatives"):
        (folder / name).mkdir(parents=True)
    (folder / "street" / "labels.json").write_text(json.dumps(LABELS), "utf-8")
    _write_looks(folder, random)
    _write_garments(folder, random)
    for number in range(40):
        noise = random.integers(0, 256, (SIZE[1], SIZE[0], 3), np.uint8)
        Image.fromarray(noise).save(folder / f"negatives/n{number:08}_thing.jpg")


def _write_looks(folder: Path, random: np.random.Generator) -> None:
    left = dict(MASKED)
    rows = [("path", "style")]
    for number in range(LOOKS):
        name, style = f"{number:04}", STYLES[number % len(STYLES)]
        pixels, labels = draw_look(random, style=style)
        Image.fromarray(pixels).save(folder / f"street/photos/{name}.jpg")
        rows.append((f"{name}.jpg", style))
        if left[split_of(name)]:
            left[split_of(name)] -= 1
            Image.fromarray(labels).save(folder / f"street/masks/{name}.png")
    with (folder / "styles.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)


def _write_garments(folder: Path, random: np.random.Generator) -> None:
    kinds = ("T-Shirt", "Pants", "Dress", "Skirt", "Shorts")
    with (folder / "garments" / "garments.csv").open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(("image", "contributor", "label", "kids"))
        for number in range(40):
            rows.writerow((f"g{number}", number // 2, kinds[number % len(kinds)], "False"))
            pixels = np.full((SIZE[1], SIZE[0], 3), random.integers(200, 240), np.uint8)
            pixels[60:240, 40:160] = random.integers(0, 200, 3)
            Image.fromarray(pixels).save(folder / f"garments/photos/g{number}.jpg")


def draw_look(random: np.random.Generator, *, style: str) -> tuple[Pixels, Pixels]:
    """Return a "person" (300, 200, 3), whose colours hint at the style, and the label map."""
    hue = STYLES.index(style) * 40
    labels = np.zeros((SIZE[1], SIZE[0]), np.uint8)
    left = int(random.integers(40, 80))
    labels[30:60, left + 25 : left + 55] = LABELS.index("skin")
    if style == "feminine":
        labels[60:230, left : left + 80] = LABELS.index("dress")
    else:
        labels[60:140, left : left + 80] = LABELS.index("t-shirt")
        labels[140:270, left + 10 : left + 70] = LABELS.index("jeans")
    pixels = np.full((*labels.shape, 3), random.integers(110, 150), np.uint8)
    pixels[labels == 1] = (224, 180, 150)
    pixels[labels == 2] = (hue, 255 - hue, random.integers(0, 256))
    pixels[labels == 3] = random.integers(0, 60, 3)
    pixels[labels == 4] = (255 - hue, hue, random.integers(0, 256))
    noise = random.integers(0, 12, pixels.shape, np.uint8)
    return np.clip(pixels.astype(np.int16) + noise, 0, 255).astype(np.uint8), labels
