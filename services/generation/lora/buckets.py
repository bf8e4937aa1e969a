"""Sizes that SDXL was trained at, and where a photo is cut to fit one of them. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import log
from typing import Final

Box = tuple[float, float, float, float]
"""x0, y0, x1, y1 in pixels."""
Size = tuple[int, int]
"""Width, height in pixels."""

_LEAST_STEP: Final = 32
"""The VAE halves three times, the UNet twice more."""
_STEPS: Final = 16
"""SDXL's own buckets lie 64 pixels apart at 1024."""
_STEEPEST: Final = 2.0
"""No bucket's side is more than so many times the other."""


@dataclass(frozen=True)
class Placement:
    """How a photo becomes a picture of its bucket: first resized, then cut."""

    resized: Size
    left: int
    top: int
    bucket: Size

    @property
    def window(self) -> tuple[int, int, int, int]:
        """What of the resized photo stays: left, top, right, bottom."""
        return self.left, self.top, self.left + self.bucket[0], self.top + self.bucket[1]


def bucket_sizes(resolution: int) -> tuple[Size, ...]:
    """Return the sizes of about ``resolution`` squared pixels, a multiple of 32, at most 2:1.

    At 1024 they are those of SDXL's training, 704 x 1408 to 1408 x 704.
    """
    step = max(_LEAST_STEP, resolution // _STEPS // _LEAST_STEP * _LEAST_STEP)
    sides = range(step, 2 * resolution + 1, step)
    sizes = {(resolution * resolution // side // step * step, side) for side in sides}
    tall = {size for size in sizes if 0 < size[0] <= size[1] <= _STEEPEST * size[0]}
    return tuple(sorted(tall | {(height, width) for width, height in tall}))


def place(size: Size, buckets: Sequence[Size], *, around: Sequence[Box] = ()) -> Placement:
    """Return how a photo of ``size`` fits the bucket of the most similar shape.

    What ``around`` names (garments and faces, in the photo's pixels) stays in the middle of the
    cut, as far as the photo reaches.
    """
    width, height = size
    bucket = min(buckets, key=lambda one: abs(log(one[0] / one[1]) - log(width / height)))
    scale = max(bucket[0] / width, bucket[1] / height)
    resized = max(bucket[0], round(width * scale)), max(bucket[1], round(height * scale))
    left, top = (
        _start(
            [(box[axis] * scale, box[axis + 2] * scale) for box in around],
            resized[axis],
            bucket[axis],
        )
        for axis in (0, 1)
    )
    return Placement(resized, left, top, bucket)


def _start(spans: list[tuple[float, float]], whole: int, kept: int) -> int:
    low = min((span[0] for span in spans), default=0.0)
    high = max((span[1] for span in spans), default=float(whole))
    return int(min(max(0.0, round((low + high - kept) / 2)), whole - kept))


def moved(box: Box, placement: Placement, *, size: Size) -> Box | None:
    """Return where ``box`` of a photo of ``size`` lies in the picture; None: cut away."""
    across, down = placement.resized[0] / size[0], placement.resized[1] / size[1]
    width, height = placement.bucket
    x0, x1 = (min(max(0.0, x * across - placement.left), width) for x in (box[0], box[2]))
    y0, y1 = (min(max(0.0, y * down - placement.top), height) for y in (box[1], box[3]))
    return (x0, y0, x1, y1) if x1 > x0 and y1 > y0 else None
