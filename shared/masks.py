"""Garment masks between COCO's compressed run-length encoding and pixels.

The encoding is pycocotools' ``rleToString``: runs of 0 and 1 in column order, starting with 0;
from the fourth on the difference to the run before the last; each in groups of 5 bits, lowest
first, bit 5 for "more follows", as the characters from ``0`` on. A test compares both ways.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from shared.contracts.garments import Rle
from shared.errors import PermanentError

Mask = NDArray[np.bool_]

_MORE: Final = 0x20
_SIGN: Final = 0x10
_MAX_GROUPS: Final = 7


def encode_mask(mask: Mask) -> Rle:
    """Encode a (height, width) boolean mask."""
    height, width = mask.shape
    column_order = mask.ravel(order="F")
    borders = np.flatnonzero(column_order[1:] != column_order[:-1]) + 1
    starts = [0, 0] if column_order.size and column_order[0] else [0]
    runs = np.diff(np.concatenate([starts, borders, [column_order.size]]))
    runs[3:] -= runs[1:-2].copy()
    return Rle(size=(height, width), counts="".join(_groups(int(run)) for run in runs))


def _groups(number: int) -> str:
    text = ""
    while True:
        group, number = number & 0x1F, number >> 5
        if number == (-1 if group & _SIGN else 0):
            return text + chr(48 + group)
        text += chr(48 + group + _MORE)


def decode_mask(mask: Rle, *, height: int, width: int) -> Mask:
    """Decode to a (height, width) boolean mask.

    Raises PermanentError where the mask is broken or made for a photo of another size.
    """
    if mask.size != (height, width):
        raise PermanentError(
            f"the mask is for {mask.size[1]}×{mask.size[0]} pixels and the photo has "
            f"{width}×{height}; analyse the photo again",
            text_ko="마스크와 사진의 크기가 다릅니다. 사진을 다시 분석하세요",
            reason="mask_mismatch",
        )
    runs = _runs(mask.counts)
    area = height * width
    if runs is None or runs.min() < 0 or runs.max() > area or runs.sum() != area:
        raise PermanentError(
            "the mask is damaged; analyse the photo again",
            text_ko="마스크가 손상되었습니다. 사진을 다시 분석하세요",
            reason="mask_damaged",
        )
    values = np.arange(runs.size) % 2 == 1
    return np.ascontiguousarray(np.repeat(values, runs).reshape(width, height).T)


def _runs(counts: str) -> NDArray[np.int64] | None:
    """Return the lengths of the runs, or None where ``counts`` is no such text."""
    codes = np.frombuffer(counts.encode("utf-8"), np.uint8).astype(np.int64) - 48
    if not codes.size or codes.min() < 0 or codes.max() > 63 or codes[-1] & _MORE:
        return None
    ends = np.flatnonzero(codes & _MORE == 0)
    starts = np.concatenate([[0], ends[:-1] + 1])
    lengths = ends - starts + 1
    if lengths.max() > _MAX_GROUPS:
        return None
    places = 5 * (np.arange(codes.size) - np.repeat(starts, lengths))
    numbers = np.add.reduceat((codes & 0x1F) << places, starts)
    numbers -= np.where(codes[ends] & _SIGN, np.int64(1) << (5 * lengths), 0)
    numbers[1::2] = np.cumsum(numbers[1::2])
    numbers[2::2] = np.cumsum(numbers[2::2])
    return numbers
