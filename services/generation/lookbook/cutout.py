"""Cutting a garment out of its photo: soft edges, and no rim of what stood behind it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageChops, ImageFilter

from shared.contracts.garments import Garment
from shared.errors import PermanentError
from shared.imaging import Pixels
from shared.masks import Mask, decode_mask

_MARGIN = 8
"""Photo pixels around the garment, so that blurred edges are not cut off."""


@dataclass(frozen=True, eq=False)
class Cutout:
    """A garment alone, in RGBA, and where its upper left corner lies in the asked box."""

    image: Image.Image
    left: float
    top: float


def cut_out(pixels: Pixels, garment: Garment, *, width: float, height: float) -> Cutout:
    """Cut ``garment`` out of its photo's pixels, as large as fits ``width`` x ``height``.

    It stands in the middle of that box; the empty margin around it reaches out of it.
    Raises PermanentError where the mask does not belong to these pixels or is empty.
    """
    mask = decode_mask(garment.mask, height=pixels.shape[0], width=pixels.shape[1])
    left, top, right, bottom = _bounds(mask)
    window = (left - _MARGIN, top - _MARGIN, right + _MARGIN, bottom + _MARGIN)
    alpha = Image.fromarray(mask.astype(np.uint8) * 255).crop(window)
    photo = _spread(Image.fromarray(pixels).crop(window), alpha)
    # The box of an analysis need not be the mask's: one scale for both sides, no distortion.
    scale = min(width / (right - left), height / (bottom - top))
    size = (max(1, round(photo.width * scale)), max(1, round(photo.height * scale)))
    image = photo.resize(size, Image.Resampling.LANCZOS)
    image.putalpha(_soften(alpha, size))
    return Cutout(image, (width - photo.width * scale) / 2, (height - photo.height * scale) / 2)


def _bounds(mask: Mask) -> tuple[int, int, int, int]:
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    if not rows.size:
        raise PermanentError(
            "the mask is empty; analyse the photo again",
            text_ko="마스크가 비어 있습니다. 사진을 다시 분석하세요",
            reason="bad_mask",
        )
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1


def _spread(photo: Image.Image, alpha: Image.Image) -> Image.Image:
    """Replace the rim and what is outside by the garment's own colours.

    The outermost pixels of a mask are a mixture with the background, and would show as a halo
    on a white page.
    """
    inside = alpha.filter(ImageFilter.MinFilter(5))
    if not inside.getbbox():  # thinner than the rim
        return photo
    result = photo
    for radius in (16, 8, 4, 2):  # near colours win over far ones
        weight = inside.filter(ImageFilter.GaussianBlur(radius))
        black = Image.new("RGB", photo.size)
        blurred = Image.composite(photo, black, inside).filter(ImageFilter.GaussianBlur(radius))
        share = np.asarray(weight, dtype=np.float32)[..., None] / 255
        colours = np.asarray(blurred, dtype=np.float32) / np.maximum(share, 1e-3)
        spread = Image.fromarray(np.clip(colours, 0, 255).astype(np.uint8))
        result = Image.composite(spread, result, weight.point(lambda v: 255 if v > 24 else 0))
    return Image.composite(photo, result, inside)


def _soften(alpha: Image.Image, size: tuple[int, int]) -> Image.Image:
    """Scale the mask up without stairs: blur, enlarge, and draw the edge tight again."""
    smooth = alpha.filter(ImageFilter.GaussianBlur(1.6)).resize(size, Image.Resampling.BICUBIC)
    enlarged = size[0] / alpha.width
    steep = max(1.5, min(4.0, 1.6 * enlarged))
    # 0.6 instead of 0.5: the edge moves inwards, off the mixed pixels.
    tight = smooth.point(lambda v: max(0, min(255, int((v / 255 - 0.6) * steep * 255 + 127))))
    return ImageChops.multiply(tight, smooth.point(lambda v: min(255, 4 * v)))
