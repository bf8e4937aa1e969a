"""What people send: photos like no other, and wishes."""

from __future__ import annotations

import io
import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal

import httpx
import numpy as np
from PIL import Image

WISH: Final = {
    "wear": [{"category": "trousers", "color": "navy"}],
    "scene": {"gender": "women"},
    "size": "512x768",
}
Looks = Literal["coloured", "grey"]
_NUMBERS: Final = itertools.count()


@dataclass
class Street:
    """What people send now: every third photo shows nothing, or every one."""

    looks: Looks = "coloured"
    shows_nothing: bool = False

    def photos(self) -> Iterator[bytes]:
        """Yield photos without end, as they are sent at the moment."""
        for empty in itertools.cycle((False, False, True)):
            yield _photo("empty" if empty or self.shows_nothing else self.looks)


def upload(client: httpx.Client, photos: Iterator[bytes]) -> None:
    """Send the next photo."""
    client.post("/v1/photos", files={"file": ("photo.png", next(photos), "image/png")})


def _photo(shows: Looks | Literal["empty"]) -> bytes:
    """Return a photo of another size and content than all before.

    The made-up classifier takes one of a single colour for no fashion.
    """
    number = next(_NUMBERS)
    pixels = np.random.default_rng(number).integers(0, 255, (12, 10, 3), dtype=np.uint8)
    if shows == "empty":
        pixels[:] = number % 251
    elif shows == "grey":
        pixels[:] = 120 + pixels[:, :, :1] % 16
    size = (200 + number % 101, 240 + number % 103)
    out = io.BytesIO()
    Image.fromarray(pixels).resize(size, Image.Resampling.NEAREST).save(out, "PNG")
    return out.getvalue()
