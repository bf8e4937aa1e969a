"""Hiding faces: what is drawn over them keeps five by five averages and no more."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from PIL import Image, ImageDraw, ImageFilter
from pydantic import TypeAdapter, ValidationError

from shared.contracts.garments import Garment
from shared.contracts.vocabulary import FAMILY_OF
from shared.faces.finding import Box, Finder
from shared.imaging import Pixels
from shared.storage import ObjectNotFoundError, ObjectStore
from shared.storage.keys import faces_key

_BLOCKS: Final = 5
"""A face keeps so many averages a side; 8 and more have been recognised by machines."""
_MARGIN: Final = 0.3
"""Of the face's size, added at each side: ears, chin and hairline belong to a face."""
_WORN_ABOVE: Final = frozenset({"top", "outer", "dress"})
_BOXES: Final = TypeAdapter(tuple[Box, ...])


def hide_faces(pixels: Pixels, faces: Sequence[Box], garments: Sequence[Garment] = ()) -> Pixels:
    """Return a copy of (height, width, 3) RGB in which nobody can be recognised.

    Above a garment of the upper body where no face was found, the place of a head is hidden
    all the same.
    """
    return veil(pixels, [*faces, *unseen_heads(faces, garments)])


def faces_of(
    storage: ObjectStore, photo_id: str, pixels: Pixels, *, finder: Finder
) -> tuple[Box, ...]:
    """Return the faces of a stored photo; they are found once and kept beside it."""
    key = faces_key(finder.version, photo_id)
    try:
        return _BOXES.validate_json(storage.get(key))
    except (ObjectNotFoundError, ValidationError):
        found = finder.find(pixels)
    storage.put(key, _BOXES.dump_json(found), content_type="application/json")
    return found


def veil(pixels: Pixels, boxes: Sequence[Box]) -> Pixels:
    """Return a copy whose ``boxes`` and a margin around them are coarse and blurred.

    What was there is replaced by the averages of 5 by 5 blocks: it cannot be brought back.
    """
    photo = Image.fromarray(pixels)
    for box in boxes:
        _veil(photo, box)
    return np.asarray(photo)


def unseen_heads(faces: Sequence[Box], garments: Sequence[Garment]) -> list[Box]:
    """Return where heads must be that no face was found for: above garments of the upper body."""
    heads = [
        _head_above(garment) for garment in garments if FAMILY_OF[garment.category] in _WORN_ABOVE
    ]
    return [head for head in heads if not any(_holds_middle(head, face) for face in faces)]


def _head_above(garment: Garment) -> Box:
    """A square as wide as half the garment, a little over its upper end.

    Shoulders are two to three heads wide, and a garment with its sleeves a little wider.
    """
    x0, y0, x1, _ = garment.box
    side, middle = (x1 - x0) * 0.55, (x0 + x1) / 2
    bottom = y0 + 0.15 * side
    return middle - side / 2, bottom - 1.1 * side, middle + side / 2, bottom


def _holds_middle(head: Box, face: Box) -> bool:
    """Tell whether a face lies in the wider neighbourhood of where a head is expected."""
    reach = (head[2] - head[0]) / 2
    x, y = (face[0] + face[2]) / 2, (face[1] + face[3]) / 2
    inside_x = head[0] - reach <= x <= head[2] + reach
    return inside_x and head[1] - reach <= y <= head[3] + reach


def _veil(photo: Image.Image, box: Box) -> None:
    x0, y0, x1, y1 = box
    margin_x, margin_y = (x1 - x0) * _MARGIN, (y1 - y0) * _MARGIN
    left, top = max(0, int(x0 - margin_x)), max(0, int(y0 - margin_y))
    right = min(photo.width, int(np.ceil(x1 + margin_x)))
    bottom = min(photo.height, int(np.ceil(y1 + margin_y)))
    if right <= left or bottom <= top:
        return
    size = right - left, bottom - top
    part = photo.crop((left, top, right, bottom))
    coarse = part.resize((_BLOCKS, _BLOCKS), Image.Resampling.BOX).resize(
        size, Image.Resampling.BICUBIC
    )
    photo.paste(coarse, (left, top), _rounded(size))


def _rounded(size: tuple[int, int]) -> Image.Image:
    """Return the veil's shape: whole in the middle, with a soft rim outside of the face."""
    soft = max(1.0, 0.04 * min(size))
    shape = Image.new("L", size, 0)
    inset = 2 * soft
    corner = min(size) * 0.35
    ImageDraw.Draw(shape).rounded_rectangle(
        (inset, inset, size[0] - 1 - inset, size[1] - 1 - inset), corner, fill=255
    )
    return shape.filter(ImageFilter.GaussianBlur(soft))
