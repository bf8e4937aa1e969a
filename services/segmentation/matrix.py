"""A picture of what is taken for what."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from PIL import Image, ImageDraw

from shared.contracts.vocabulary import CATEGORIES, label
from shared.fonts import font

CELL: Final = 46
MARGIN: Final = 190
HEAD: Final = 46
INK: Final = (33, 37, 41)
PAPER: Final = (255, 255, 255)
STRONG: Final = (24, 100, 171)
NONE: Final = {"en": ("missed", "made up"), "ko": ("놓침", "없는 옷")}
AXES: Final = {
    "en": "rows: what it is; columns: what is reported; shade: share of the row",
    "ko": "행: 실제 옷, 열: 보고된 옷, 농도: 행에서 차지하는 비율",
}


def draw_confusion(counts: Mapping[tuple[str, str], int], out: Path, *, language: str) -> None:
    """Draw counts of (true, reported) categories, ``-`` for none, as a PNG matrix."""
    names = [*CATEGORIES, "-"]
    side = MARGIN + CELL * len(names)
    page = Image.new("RGB", (side + 10, HEAD + side + 10), PAPER)
    pen = ImageDraw.Draw(page)
    pen.text((12, 14), AXES[language], fill=INK, font=font(15, bold=True))
    missed, made_up = NONE[language]
    for index, name in enumerate(names):
        at = MARGIN + CELL * index + CELL // 2
        row_name = made_up if name == "-" else label(name, language)
        pen.text((MARGIN - 8, HEAD + at), row_name, fill=INK, font=font(14), anchor="rm")
        _draw_upright(page, missed if name == "-" else label(name, language), x=at)
    for row, true in enumerate(names):
        total = sum(counts.get((true, name), 0) for name in names)
        for column, name in enumerate(names):
            count = counts.get((true, name), 0)
            corner = MARGIN + CELL * column, HEAD + MARGIN + CELL * row
            _draw_cell(pen, corner, count=count, share=count / total if total else 0.0)
    page.save(out)


def _draw_cell(
    pen: ImageDraw.ImageDraw, corner: tuple[int, int], *, count: int, share: float
) -> None:
    fill = tuple(round(p + (s - p) * share) for p, s in zip(PAPER, STRONG, strict=True))
    x, y = corner
    pen.rectangle((x, y, x + CELL, y + CELL), fill=fill, outline=(222, 226, 230))
    if count:
        ink = PAPER if share > 0.5 else INK
        middle = x + CELL // 2, y + CELL // 2
        pen.text(middle, str(count), fill=ink, font=font(15), anchor="mm")


def _draw_upright(page: Image.Image, text: str, *, x: int) -> None:
    strip = Image.new("RGB", (MARGIN - 8, 24), PAPER)
    ImageDraw.Draw(strip).text((0, 12), text, fill=INK, font=font(14), anchor="lm")
    page.paste(strip.rotate(90, expand=True), (x - 12, HEAD))
