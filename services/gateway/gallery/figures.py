"""A look without its wearer: the garments' shapes in their colours, on nothing. Pure.

Who may not see a photo may see what was counted of it; this is what that looks like.
"""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from typing import Final

import numpy as np
from PIL import Image, ImageFilter

from shared.contracts.garments import Analysis, Garment
from shared.masks import decode_mask

_EDGE: Final = (128, 128, 128, 150)
"""Around each garment: white is seen on white, and black on black."""
_MARGIN: Final = 0.04
"""Of the longer side, around all garments."""


def draw_figure(analysis: Analysis, *, side: int) -> bytes:
    """Return a PNG with alpha, at most ``side`` pixels long; large garments lie below small ones.

    Raises PermanentError where a mask does not fit the photo.
    """
    garments = sorted(analysis.garments, key=lambda garment: -garment.area)
    left, top, right, bottom = _frame(garments, analysis)
    scale = side / max(right - left, bottom - top)
    size = max(1, round((right - left) * scale)), max(1, round((bottom - top) * scale))
    sheet, soft = Image.new("RGBA", size), max(0.5, side / 600)
    for garment in garments:
        mask = Image.fromarray(
            decode_mask(garment.mask, height=analysis.height, width=analysis.width).astype(np.uint8)
            * 255
        ).crop((left, top, right, bottom))
        # Drawn at its own size and blurred: stairs of the mask are no seams.
        shape = mask.resize(size, Image.Resampling.BILINEAR).filter(ImageFilter.GaussianBlur(soft))
        wide = shape.filter(ImageFilter.GaussianBlur(1.2 * soft)).point(
            lambda value: min(255, value * 3)
        )
        sheet.alpha_composite(_filled(size, _EDGE, wide))
        sheet.alpha_composite(_filled(size, (*_ink(garment), 255), shape))
    out = BytesIO()
    sheet.save(out, "PNG", optimize=True)
    return out.getvalue()


def _frame(garments: Sequence[Garment], analysis: Analysis) -> tuple[int, int, int, int]:
    """Return left, top, right, bottom in pixels of the photo: all garments and a margin."""
    if not garments:
        return 0, 0, analysis.width, analysis.height
    x0, y0 = (min(garment.box[at] for garment in garments) for at in (0, 1))
    x1, y1 = (max(garment.box[at] for garment in garments) for at in (2, 3))
    margin = _MARGIN * max(x1 - x0, y1 - y0, 1)
    return round(x0 - margin), round(y0 - margin), round(x1 + margin) + 1, round(y1 + margin) + 1


def _ink(garment: Garment) -> tuple[int, int, int]:
    code = garment.colors[0].hex if garment.colors else "#b0aca6"
    red, green, blue = bytes.fromhex(code[1:])
    return red, green, blue


def _filled(
    size: tuple[int, int], ink: tuple[int, int, int, int], shape: Image.Image
) -> Image.Image:
    layer = Image.new("RGBA", size, ink[:3])
    layer.putalpha(shape.point(lambda value: value * ink[3] // 255))
    return layer
