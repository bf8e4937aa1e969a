"""The list beside an overlay: each garment's name, facts, and palette by share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from PIL import Image, ImageColor, ImageDraw

from shared.contracts.garments import Color, Garment
from shared.contracts.vocabulary import label
from shared.fonts import font

Rgb = tuple[int, int, int]

PAGE: Final = (250, 250, 248)
_TEXT: Final = (28, 28, 30)
_QUIET: Final = (118, 118, 124)
_EDGE: Final = (205, 205, 200)
_WORDS: Final = {
    "garments": {"en": "Garments", "ko": "찾은 옷"},
    "none": {"en": "No garment found", "ko": "찾은 옷이 없습니다"},
    "score": {"en": "score", "ko": "확신도"},
}


@dataclass(frozen=True)
class Entry:
    """One garment of the list; ``ink`` is the colour it is drawn in on the photo."""

    number: int
    garment: Garment
    ink: Rgb


def on(ink: Rgb) -> Rgb:
    """Return black or white, whichever is read better on ``ink``."""
    return (20, 20, 20) if 299 * ink[0] + 587 * ink[1] + 114 * ink[2] > 150_000 else (255, 255, 255)


def draw_panel(entries: Sequence[Entry], *, unit: float, language: str) -> Image.Image:
    """Draw the list; ``unit`` is the size of a layout pixel in picture pixels.

    It is drawn twice as large and shrunk, for smooth corners.
    """
    size = 2 * round(300 * unit), 2 * round(_height(entries) * unit)
    sheet = Image.new("RGB", size, PAGE)
    pen = _Pen(ImageDraw.Draw(sheet), 2 * unit, language)
    title = _WORDS["garments" if entries else "none"][language]
    pen.text(20, 32, title, size=20, bold=True)
    if entries:
        pen.text(280, 32, str(len(entries)), size=20, anchor="rm", fill=_QUIET)
    top = 64.0
    for entry in entries:
        top = _draw_entry(pen, entry, top=top)
    return sheet.reduce(2)


_HEAD, _PALETTE, _LINE, _GAP = 46, 32, 23, 20


def _height(entries: Sequence[Entry]) -> int:
    heights = (_entry_height(entry) for entry in entries)
    return 64 + sum(heights)


def _entry_height(entry: Entry) -> int:
    colors = entry.garment.colors
    return _HEAD + _GAP + (_PALETTE + _LINE * len(colors) if colors else 0)


@dataclass(frozen=True)
class _Pen:
    """Draws in layout pixels."""

    draw: ImageDraw.ImageDraw
    unit: float
    language: str

    def text(
        self,
        x: float,
        y: float,
        text: str,
        *,
        size: float,
        bold: bool = False,
        anchor: str = "lm",
        fill: Rgb = _TEXT,
    ) -> None:
        face = font(round(size * self.unit), bold=bold)
        self.draw.text((x * self.unit, y * self.unit), text, fill, face, anchor=anchor)

    def box(
        self, x0: float, y0: float, x1: float, y1: float, *, fill: Rgb, radius: float = 0
    ) -> None:
        at = (x0 * self.unit, y0 * self.unit, x1 * self.unit, y1 * self.unit)
        self.draw.rounded_rectangle(at, radius * self.unit, fill, _EDGE)


def _draw_entry(pen: _Pen, entry: Entry, *, top: float) -> float:
    """Draw one garment and return where the next begins."""
    garment = entry.garment
    pen.box(20, top + 2, 46, top + 28, fill=entry.ink, radius=13)
    pen.text(33, top + 15, str(entry.number), size=14, bold=True, anchor="mm", fill=on(entry.ink))
    pen.text(56, top + 8, label(garment.category, pen.language), size=16, bold=True)
    facts = [f"{_WORDS['score'][pen.language]} {garment.score:.0%}"]
    if garment.pattern:
        facts.append(label(garment.pattern, pen.language))
    pen.text(56, top + 28, " · ".join(facts), size=13, fill=_QUIET)
    if garment.colors:
        _draw_palette(pen, garment.colors, top=top + _HEAD)
    return top + _entry_height(entry)


def _draw_palette(pen: _Pen, colors: Sequence[Color], *, top: float) -> None:
    """Draw the colours side by side as wide as their shares, then their names."""
    whole, left = sum(color.share for color in colors) or 1.0, 20.0
    for color in colors:
        right = left + 260 * color.share / whole
        pen.box(left, top, right, top + 22, fill=_rgb(color))
        left = right
    for number, color in enumerate(colors):
        middle = top + _PALETTE + _LINE * (number + 0.5)
        pen.box(20, middle - 7, 34, middle + 7, fill=_rgb(color), radius=3)
        name = color.name_ko if pen.language == "ko" else color.name
        pen.text(44, middle, name, size=13.5)
        pen.text(236, middle, color.hex, size=12, anchor="rm", fill=_QUIET)
        pen.text(280, middle, f"{color.share:.0%}", size=13.5, anchor="rm")


def _rgb(color: Color) -> Rgb:
    red, green, blue = ImageColor.getrgb(color.hex)[:3]
    return red, green, blue
