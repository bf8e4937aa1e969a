"""A tiny data folder for every trainer, drawn by code: no photo of anybody."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
from PIL import Image

from services.generation.lora.dataset import Entry, write_dataset
from services.generation.lora.recipe import LEAST
from services.segmentation.data.splits import split_of
from shared.contracts.vocabulary import PATTERNS, STYLES

LABELS: Final = ("null", "skin", "t-shirt", "jeans", "dress")
LOOKS: Final = 150
"""Enough that the style probe has looks to hold out."""
GARMENTS: Final = 48
MASKED: Final = {"train": 5, "val": 2, "test": 2}
"""Looks with a label map, by split: the segmenter's steps follow from their number."""
SIZE: Final = (200, 300)

Pixels = npt.NDArray[np.uint8]


def write_data(folder: Path) -> None:
    """Write what the trainers read: photos, masks, labels (``*.csv``), captions (``lora``)."""
    random = np.random.default_rng(0)
    for name in ("street/photos", "street/masks", "garments/photos", "masks", "negatives"):
        (folder / name).mkdir(parents=True)
    (folder / "street" / "labels.json").write_text(json.dumps(LABELS), "utf-8")
    _write_looks(folder, random)
    _write_garments(folder, random)
    _write_captioned(folder, random)
    for number in range(40):
        noise = random.integers(0, 256, (SIZE[1], SIZE[0], 3), np.uint8)
        Image.fromarray(noise).save(folder / f"negatives/n{number:08}_thing.jpg")


def _write_looks(folder: Path, random: np.random.Generator) -> None:
    left = dict(MASKED)
    rows: list[tuple[object, ...]] = [("path", "style")]
    for number in range(LOOKS):
        name, style = f"{number:04}", STYLES[number % len(STYLES)]
        pixels, labels = draw_look(random, style=style)
        Image.fromarray(pixels).save(folder / f"street/photos/{name}.jpg")
        rows.append((f"{name}.jpg", style))
        if left[split_of(name)]:
            left[split_of(name)] -= 1
            Image.fromarray(labels).save(folder / f"street/masks/{name}.png")
    _write_csv(folder / "styles.csv", rows)


def _write_garments(folder: Path, random: np.random.Generator) -> None:
    kinds = ("T-Shirt", "Pants", "Dress", "Skirt", "Shorts")
    rows: list[tuple[object, ...]] = [("image", "contributor", "label", "kids")]
    labels: list[tuple[object, ...]] = [("group", "photo", "region", "pattern", "doubtful")]
    mask = np.zeros((SIZE[1], SIZE[0]), np.uint8)
    mask[60:240, 40:160] = 255
    for number in range(GARMENTS):
        name, pattern = f"g{number}", PATTERNS[number % len(PATTERNS)]
        rows.append((name, number // 2, kinds[number % len(kinds)], "False"))
        labels.append(("garment", name, "", pattern, 0))
        pixels = np.full((SIZE[1], SIZE[0], 3), random.integers(200, 240), np.uint8)
        pixels[60:240, 40:160] = draw_cloth(random, pattern=pattern)
        Image.fromarray(pixels).save(folder / f"garments/photos/{name}.jpg")
        Image.fromarray(mask).save(folder / f"masks/{name}.png")
    _write_csv(folder / "garments" / "garments.csv", rows)
    _write_csv(folder / "patterns.csv", labels)


def _write_captioned(folder: Path, random: np.random.Generator) -> None:
    """Write a tiny SDXL and a training set for a LoRA."""
    from tests.samples.tiny_sdxl import build

    build(folder / "sdxl")
    (folder / "lora").mkdir()
    entries = []
    for number in range(LEAST):
        pixels, _ = draw_look(random, style=STYLES[number % len(STYLES)])
        Image.fromarray(pixels).save(folder / f"lora/{number}.png")
        text = "a korean woman wearing a t-shirt and jeans"
        entries.append(Entry(file_name=f"{number}.png", text=text))
    write_dataset(folder / "lora", entries)


def _write_csv(path: Path, rows: list[tuple[object, ...]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)


def draw_cloth(random: np.random.Generator, *, pattern: str) -> Pixels:
    """Return cloth (180, 120, 3) that is roughly ``pattern``."""
    rows, columns = np.indices((180, 120))
    shown = {
        "solid": np.zeros((180, 120), bool),
        "striped": rows // 8 % 2 == 0,
        "checked": (rows // 10 % 2 == 0) ^ (columns // 10 % 2 == 0),
        "dotted": (rows % 16 - 8) ** 2 + (columns % 16 - 8) ** 2 < 16,
        "floral": np.sin(rows / 5) * np.cos(columns / 7) > 0.4,
        "printed": (rows > 60) & (rows < 110) & (columns > 35) & (columns < 85),
    }[pattern]
    ground, motif = random.integers(0, 120, 3), random.integers(130, 255, 3)
    return np.where(shown[..., None], motif, ground).astype(np.uint8)


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
