"""An outfit board of cut-out garments, drawn with Pillow alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Final

from PIL import Image, ImageColor, ImageDraw, ImageFilter
from PIL.ImageFont import FreeTypeFont

from services.generation.lookbook.cutout import Cutout, cut_out
from services.generation.lookbook.layout import (
    Area,
    Slot,
    Swatch,
    arrange,
    centimetre,
    measure,
    palette,
)
from shared.contracts.garments import Garment
from shared.contracts.vocabulary import label
from shared.fonts import font
from shared.imaging import Pixels

WIDTH: Final = 1440
MARGIN: Final = 96
_FOOT: Final = 320
_AREA: Final = Area(
    x=MARGIN, y=232, width=WIDTH - 2 * MARGIN, height=1180, gap=64, caption=84, narrowest=220
)

_PAGE: Final = "#f6f4f0"
_INK: Final = "#1d1c1a"
_QUIET: Final = "#85807a"
_LINE: Final = "#dcd8d1"
_SHADOW: Final = (58, 50, 42)
_WORDS: Final = {
    "title": {"en": "Lookbook", "ko": "룩북"},
    "print": {
        "en": "Cut from photos {photos} · composed by Mapsi, nothing drawn or worn anew",
        "ko": "사진 {photos}에서 오려 맵시가 구성 · 새로 그리거나 입힌 것이 아님",
    },
}


@dataclass(frozen=True)
class Worn:
    """One piece of the look: a garment among all garments of its photo."""

    photo_id: str
    garments: Sequence[Garment]
    at: int
    caption: str

    @property
    def garment(self) -> Garment:
        """The garment that is shown."""
        return self.garments[self.at]


class Board:
    """A board being composed: 1,440 pixels wide, as high as its garments need."""

    def __init__(self, pieces: Sequence[Worn], *, language: str, enlargement: float) -> None:
        """Lay the page out; a garment is enlarged ``enlargement`` times at most."""
        self._pieces = pieces
        self._language = language
        self._slots = arrange(
            [
                measure(piece.garment, pixels_per_cm=centimetre(piece.garments), sharp=enlargement)
                for piece in pieces
            ],
            _AREA,
        )
        bottom = max(slot.y + slot.height for slot in self._slots) + _AREA.caption
        self._page = Image.new("RGB", (WIDTH, round(bottom) + _FOOT), _PAGE)

    def lay(self, at: int, pixels: Pixels) -> None:
        """Cut the piece ``at`` out of its photo's pixels and lay it on the page.

        Raises PermanentError where the mask does not fit the photo.
        """
        slot, garment = self._slots[at], self._pieces[at].garment
        _lay(self._page, cut_out(pixels, garment, width=slot.width, height=slot.height), slot)

    def finish(self, *, title: str) -> bytes:
        """Write the words and return the board as PNG; the same pieces give the same bytes."""
        draw = ImageDraw.Draw(self._page)
        _write_head(draw, title=_one_line(title) or _WORDS["title"][self._language])
        for piece, slot in zip(self._pieces, self._slots, strict=True):
            _write_caption(draw, piece, slot, language=self._language)
        swatches = palette([piece.garment for piece in self._pieces])
        _draw_palette(draw, swatches, language=self._language)
        _write_print(draw, self._pieces, language=self._language)
        out = BytesIO()
        self._page.save(out, "PNG")
        return out.getvalue()


def _lay(page: Image.Image, cutout: Cutout, slot: Slot) -> None:
    """Lay a garment on the page; its shadow is what makes white on white visible."""
    left, top = round(slot.x + cutout.left), round(slot.y + cutout.top)
    alpha = cutout.image.getchannel("A")
    room = 60
    for lower, radius, strength in ((4, 5, 0.20), (20, 22, 0.20)):
        shadow = Image.new("L", (alpha.width + 2 * room, alpha.height + 2 * room))
        shadow.paste(alpha, (room, room))
        shadow = shadow.filter(ImageFilter.GaussianBlur(radius))
        weak = shadow.point([round(value * strength) for value in range(256)])
        page.paste(_SHADOW, (left - room, top - room + lower), weak)
    page.paste(cutout.image, (left, top), alpha)


def _write_head(draw: ImageDraw.ImageDraw, *, title: str) -> None:
    size = 64
    while size > 30 and draw.textlength(title, font(size, bold=True)) > WIDTH - 2 * MARGIN:
        size -= 2
    draw.text((MARGIN, 132), title, _INK, font(size, bold=True), anchor="ls")
    draw.line((MARGIN, 176, WIDTH - MARGIN, 176), _LINE, 2)


def _write_caption(draw: ImageDraw.ImageDraw, piece: Worn, slot: Slot, *, language: str) -> None:
    """Write what it is, and below it the caption or else the colour."""
    colors = piece.garment.colors[:1]
    said = _one_line(piece.caption) or "".join(
        c.name_ko if language == "ko" else c.name for c in colors
    )
    name = label(piece.garment.category, language).capitalize()
    centre, top, quiet = slot.x + slot.width / 2, slot.y + slot.height + 26, font(22)
    draw.text((centre, top), name, _INK, font(26, bold=True), anchor="mt")
    shown = _fitting(draw, said, _AREA.narrowest + 80, face=quiet)
    draw.text((centre, top + 36), shown, _QUIET, quiet, anchor="mt")


def _draw_palette(draw: ImageDraw.ImageDraw, swatches: Sequence[Swatch], *, language: str) -> None:
    top = draw.im.size[1] - _FOOT + 30
    gap, width = 24, (WIDTH - 2 * MARGIN - 4 * 24) / 5
    for at, swatch in enumerate(swatches):
        left = MARGIN + at * (width + gap)
        box = (left, top, left + width, top + 96)
        draw.rounded_rectangle(box, 14, ImageColor.getrgb(swatch.hex), _LINE, 2)
        name = swatch.name_ko if language == "ko" else swatch.name
        shown = _fitting(draw, name, width, face=font(23, bold=True))
        draw.text((left, top + 132), shown, _INK, font(23, bold=True), anchor="ls")
        draw.text((left, top + 162), swatch.hex, _QUIET, font(20), anchor="ls")


def _write_print(draw: ImageDraw.ImageDraw, pieces: Sequence[Worn], *, language: str) -> None:
    photos = ", ".join(dict.fromkeys(piece.photo_id[:8] for piece in pieces))
    text = _WORDS["print"][language].format(photos=photos)
    shown = _fitting(draw, text, WIDTH - 2 * MARGIN, face=font(20))
    draw.text((MARGIN, draw.im.size[1] - 56), shown, _QUIET, font(20), anchor="ls")


def _one_line(text: str) -> str:
    """Return ``text`` without line breaks and control characters."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def _fitting(draw: ImageDraw.ImageDraw, text: str, width: float, *, face: FreeTypeFont) -> str:
    """Return ``text``, cut with an ellipsis where it is wider than ``width``."""
    if draw.textlength(text, face) <= width:
        return text
    while text and draw.textlength(text + "…", face) > width:
        text = text[:-1]
    return text.rstrip() + "…"
