"""A photo with its garments drawn on it: masks, outlines, numbers, and a panel of palettes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from shared.contracts.garments import Garment
from shared.contracts.vocabulary import label
from shared.fonts import font
from shared.imaging import Pixels, resize_to
from shared.masks import decode_mask
from shared.overlay_panel import PAGE, Entry, Rgb, draw_panel, on

MAX_SIDE: Final = 1280
_INKS: Final[tuple[Rgb, ...]] = (
    (255, 77, 109),
    (30, 150, 252),
    (255, 183, 3),
    (131, 56, 236),
    (6, 214, 160),
    (251, 86, 7),
    (0, 180, 216),
    (255, 112, 166),
    (112, 192, 24),
    (181, 101, 29),
)
_FILL: Final = 0.12
_DIM: Final = 0.42


@dataclass(frozen=True)
class _Drawn:
    """A garment of the list and its mask at the drawing's size."""

    entry: Entry
    mask: Image.Image


def draw_overlay(
    pixels: Pixels, garments: Sequence[Garment], *, language: str = "en"
) -> Image.Image:
    """Draw ``garments`` on the photo they were found in and list them in a panel beside it.

    ``pixels`` is (height, width, 3) RGB; larger photos are shrunk to 1,280 pixels. ``language``
    is ``"ko"`` or ``"en"``. Raises PermanentError where a mask does not fit the photo.
    """
    photo = Image.fromarray(resize_to(pixels, max_side=MAX_SIDE))
    unit = min(1.5, max(0.75, max(photo.size) / 900))
    drawn = [
        _Drawn(
            Entry(number, garment, _INKS[number % len(_INKS) - 1]), _mask(garment, pixels, photo)
        )
        for number, garment in enumerate(garments, start=1)
    ]
    _draw_masks(photo, drawn, unit=unit)
    _draw_numbers(photo, drawn, unit=unit, language=language)
    panel = draw_panel([one.entry for one in drawn], unit=unit, language=language)
    page = Image.new("RGB", (photo.width + panel.width, max(photo.height, panel.height)), PAGE)
    page.paste(photo, (0, 0))
    page.paste(panel, (photo.width, 0))
    return page


def _mask(garment: Garment, pixels: Pixels, photo: Image.Image) -> Image.Image:
    """Return the mask as smooth 8-bit coverage at the drawing's size."""
    height, width = pixels.shape[:2]
    mask = decode_mask(garment.mask, height=height, width=width)
    image = Image.fromarray(mask.astype(np.uint8) * 255)
    return image.resize(photo.size, Image.Resampling.BILINEAR).filter(ImageFilter.GaussianBlur(1))


def _draw_masks(photo: Image.Image, drawn: Sequence[_Drawn], *, unit: float) -> None:
    """Dim what is no garment, tint what is, large garments below small ones; then outline."""
    covered = Image.new("L", photo.size, 0)
    for one in drawn:
        covered.paste(255, mask=one.mask)
    dim = covered.point(lambda value: round((255 - value) * _DIM))
    if drawn:
        photo.paste((18, 18, 24), mask=dim)
    for one in sorted(drawn, key=lambda one: -one.entry.garment.area):
        photo.paste(one.entry.ink, mask=one.mask.point(lambda value: round(value * _FILL)))
        photo.paste((255, 255, 255), mask=_outline(one.mask, width=5 * unit))
        photo.paste(one.entry.ink, mask=_outline(one.mask, width=3 * unit))


def _outline(mask: Image.Image, *, width: float) -> Image.Image:
    """Return a smooth line of ``width`` pixels along the edge of ``mask``.

    A straight edge blurred with sigma is Phi(d / sigma) at distance d from it; at d = sigma it
    is 0.34 off the middle, and there the line ends.
    """
    blurred = np.asarray(mask.filter(ImageFilter.GaussianBlur(width / 2)), dtype=np.float32)
    off_middle = np.abs(blurred / 255 - 0.5)
    line = np.clip((0.34 - off_middle) * 2 * width + 0.5, 0, 1)
    return Image.fromarray((line * 255).astype(np.uint8))


def _draw_numbers(
    photo: Image.Image, drawn: Sequence[_Drawn], *, unit: float, language: str
) -> None:
    """Write each garment's number and name in the middle of its mask, none over another."""
    pen, face = ImageDraw.Draw(photo), font(round(15 * unit), bold=True)
    height, taken = round(24 * unit), list[tuple[float, float, float, float]]()
    for one in drawn:
        text = f"{one.entry.number}  {label(one.entry.garment.category, language)}"
        width = face.getlength(text) + 20 * unit
        x, y = _middle(one.mask)
        left = min(max(4, x - width / 2), photo.width - width - 4)
        top = min(max(4, y - height / 2), photo.height - height - 4)
        while any(_overlap((left, top, left + width, top + height), other) for other in taken):
            top += height + 4  # with very many on a small photo, the last leave the picture
        taken.append((left, top, left + width, top + height))
        _draw_pill(photo, taken[-1], ink=one.entry.ink, rim=1.5 * unit)
        pen.text((left + width / 2, top + height / 2), text, on(one.entry.ink), face, anchor="mm")


def _draw_pill(
    photo: Image.Image, box: tuple[float, float, float, float], *, ink: Rgb, rim: float
) -> None:
    """Draw a pill with a white rim, four times as large and shrunk, for smooth corners."""
    width, height = round(box[2] - box[0]), round(box[3] - box[1])
    large = Image.new("L", (4 * width, 4 * height))
    inner = (4 * rim, 4 * rim, 4 * width - 1 - 4 * rim, 4 * height - 1 - 4 * rim)
    pen, at = ImageDraw.Draw(large), (round(box[0]), round(box[1]))
    pen.rounded_rectangle((0, 0, large.width - 1, large.height - 1), 2 * height, 255)
    photo.paste((255, 255, 255), at, mask=large.reduce(4))
    pen.rectangle((0, 0, *large.size), 0)
    pen.rounded_rectangle(inner, 2 * height, 255)
    photo.paste(ink, at, mask=large.reduce(4))


def _middle(mask: Image.Image) -> tuple[float, float]:
    """Return the centre of the mask's pixels, or of the picture where it has none."""
    rows, columns = np.nonzero(np.asarray(mask) > 127)
    if not rows.size:
        return mask.width / 2, mask.height / 2
    return float(columns.mean()), float(rows.mean())


def _overlap(one: tuple[float, ...], other: tuple[float, ...]) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
