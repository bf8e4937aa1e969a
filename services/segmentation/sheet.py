"""Contact sheets of predictions: what the model sees, for the eye of whoever trains it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np
from PIL import Image, ImageDraw

from shared.contracts.garments import Garment
from shared.contracts.vocabulary import label
from shared.fonts import font
from shared.masks import decode_mask

TILE: Final = (220, 330)
LINE: Final = 15
NAME: Final = 20
"""So many letters of a photo's name fit beside the title."""
CAPTION: Final = 8 * LINE
COLUMNS: Final = 7
Entry = tuple[Path, str, Sequence[Garment]]
TINTS: Final = ((230, 40, 40), (30, 160, 60), (40, 80, 230), (240, 190, 20), (200, 60, 200))


def draw_sheet(entries: Sequence[Entry], out: Path, *, language: str) -> None:
    """Draw (photo, title, garments) tiles with tinted masks and captions into one PNG.

    A title may have two lines; up to five garments are named under it.
    """
    rows = -(-len(entries) // COLUMNS)
    width, height = TILE
    page = Image.new("RGB", (COLUMNS * width, rows * (height + CAPTION)), "white")
    pen = ImageDraw.Draw(page)
    for index, (path, title, garments) in enumerate(entries):
        x, y = index % COLUMNS * width, index // COLUMNS * (height + CAPTION)
        page.paste(_tinted(path, garments), (x, y))
        lines = [(line, "black") for line in f"{path.stem[:NAME]} {title}".splitlines()[:2]]
        lines += [
            (f"{garment.score:.2f} {label(garment.category, language)}", TINTS[i % len(TINTS)])
            for i, garment in enumerate(garments[:5])
        ]
        for number, (line, ink) in enumerate(lines):
            pen.text((x + 2, y + height + LINE * number), line, fill=ink, font=font(12))
    page.save(out)


def _tinted(path: Path, garments: Sequence[Garment]) -> Image.Image:
    with Image.open(path) as image:
        pixels = np.asarray(image.convert("RGB")).astype(np.float32)
    height, width = pixels.shape[:2]
    for index, garment in enumerate(garments):
        mask = decode_mask(garment.mask, height=height, width=width)
        pixels[mask] = pixels[mask] * 0.5 + np.array(TINTS[index % len(TINTS)]) * 0.5
    tile = Image.fromarray(pixels.astype(np.uint8))
    tile.thumbnail((TILE[0] - 4, TILE[1]))
    return tile
