"""The contact sheet of a training set: for the eye of whoever trains on it."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from PIL import Image, ImageDraw

from services.generation.lora.dataset import Entry
from shared.fonts import font

TILE: Final = 256
COLUMNS: Final = 6
MOST: Final = 60
_LINE: Final = 14
_LINES: Final = 6
_LETTERS: Final = 40


def draw_sheet(folder: Path, entries: Sequence[Entry], out: Path) -> None:
    """Draw up to 60 pictures, spread over the set, with caption and licence under each.

    Where a face was hidden and nothing is learned there is a red frame.
    """
    shown = [entries[at * len(entries) // MOST] for at in range(MOST)]
    shown = list(entries) if len(entries) <= MOST else shown
    height = TILE + _LINE * _LINES
    rows = -(-len(shown) // COLUMNS)
    page = Image.new("RGB", (COLUMNS * TILE, rows * height), "white")
    pen = ImageDraw.Draw(page)
    for at, entry in enumerate(shown):
        x, y = at % COLUMNS * TILE, at // COLUMNS * height
        tile = _tile(folder, entry)
        page.paste(tile, (x + (TILE - tile.width) // 2, y + TILE - tile.height))
        size = f"{entry.licence} · {Path(entry.file_name).stem}"
        lines = [*textwrap.wrap(entry.text, _LETTERS)[: _LINES - 1], size]
        for number, line in enumerate(lines):
            ink = "gray" if line is size else "black"
            pen.text((x + 4, y + TILE + _LINE * number), line, fill=ink, font=font(12))
    page.save(out, "JPEG", quality=88)


def _tile(folder: Path, entry: Entry) -> Image.Image:
    with Image.open(folder / entry.file_name) as opened:
        image = opened.convert("RGB")
    pen = ImageDraw.Draw(image)
    for box in entry.veiled:
        pen.rectangle(box, outline=(230, 40, 40), width=max(1, image.width // 150))
    image.thumbnail((TILE - 8, TILE - 8))
    return image
