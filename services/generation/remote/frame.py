"""A picture of one size inside one of another: servers draw in few sizes. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from shared.errors import PermanentError
from shared.imaging import Pixels

_SAME_SHAPE: Final = 0.02
"""Sides' ratios that differ by less are alike: servers round to multiples of 8 or 64."""
_SHARP_ENOUGH: Final = 0.5
"""A picture narrower than this share of what was asked for would be blurred."""


@dataclass(frozen=True)
class Frame:
    """The wished picture, ``width`` x ``height``, in the middle of a sheet that a server draws."""

    width: int
    height: int
    sheet: tuple[int, int]
    """Width and height that the server is asked for."""

    @property
    def box(self) -> tuple[int, int, int, int]:
        """Left, top, right and bottom of the largest place of the wished shape on the sheet."""
        across, down = self.sheet
        scale = min(across / self.width, down / self.height)
        width, height = round(self.width * scale), round(self.height * scale)
        left, top = (across - width) // 2, (down - height) // 2
        return left, top, left + width, top + height

    def laid(self, pixels: Pixels) -> Pixels:
        """Return a picture of the wished size on the sheet; its border goes on to the edges."""
        left, top, right, bottom = self.box
        inside = np.asarray(_resized(Image.fromarray(pixels), (right - left, bottom - top)))
        across, down = self.sheet
        return np.pad(inside, ((top, down - bottom), (left, across - right), (0, 0)), mode="edge")

    def laid_mask(self, mask: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return a mask of the wished size on the sheet; nothing around it is drawn anew."""
        left, top, right, bottom = self.box
        inside = np.asarray(_resized(Image.fromarray(mask), (right - left, bottom - top)))
        across, down = self.sheet
        return np.pad(inside, ((top, down - bottom), (left, across - right))).clip(0, 1)

    def cut(self, pixels: Pixels) -> Pixels:
        """Return the wished picture from what the server drew.

        Raises PermanentError where that is of another shape than the sheet, or far smaller.
        """
        across, down = self.sheet
        height, width = pixels.shape[:2]
        bent = abs(math.log(width * down / (height * across)))
        if bent > _SAME_SHAPE or width < across * _SHARP_ENOUGH:
            raise _wrong_size((width, height), self.sheet)
        sheet = _resized(Image.fromarray(pixels), self.sheet)
        return np.asarray(_resized(sheet.crop(self.box), (self.width, self.height)))


def frame_for(width: int, height: int, shapes: Sequence[tuple[int, int]]) -> Frame:
    """Return the frame whose shape is nearest, of two the larger; no shapes: any can be drawn."""

    def distance(shape: tuple[int, int]) -> tuple[float, int]:
        bent = abs(math.log(width * shape[1] / (height * shape[0])))
        return round(bent, 6), -shape[0] * shape[1]

    return Frame(width, height, min(shapes, key=distance, default=(width, height)))


def kept_outside(start: Pixels, drawn: Pixels, mask: NDArray[np.float32]) -> Pixels:
    """Return ``drawn`` where ``mask`` is 1 and ``start`` where it is 0, all (H, W, 3)."""
    share = mask[..., None]
    blended = drawn * share + start * (1 - share)
    # Whole numbers from floats would take a little of what stays.
    return np.where(share == 0, start, np.rint(blended).clip(0, 255).astype(np.uint8))


def _resized(image: Image.Image, size: tuple[int, int]) -> Image.Image:
    if image.size == size:
        return image
    return image.resize(size, Image.Resampling.LANCZOS)


def _wrong_size(got: tuple[int, int], asked: tuple[int, int]) -> PermanentError:
    is_, should = (f"{width}×{height}" for width, height in (got, asked))
    return PermanentError(
        f"the drawing server sent a picture of {is_} pixels where {should} was asked for; "
        "set MAPSI_GENERATION_OPENAI_SIZES or the workflow to sizes that it draws",
        text_ko=f"그림 서버가 {should} 대신 {is_} 픽셀 그림을 보냈습니다. "
        "MAPSI_GENERATION_OPENAI_SIZES나 워크플로를 서버가 그리는 크기로 맞추세요",
        reason="wrong_size",
    )
