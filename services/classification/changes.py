"""What feeds do to photos, one exact change each: by these robustness is measured."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from io import BytesIO
from typing import Final

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFont

Pixels = npt.NDArray[np.uint8]
_CROPPED: Final = 0.6
_CAPTION: Final = "mapsi_friend  new in: sale 50%"


def compressed(photo: Pixels, *, quality: int) -> Pixels:
    """Return what is left after a JPEG round trip at ``quality`` (0 to 100)."""
    file = BytesIO()
    Image.fromarray(photo).save(file, "JPEG", quality=quality)
    return np.asarray(Image.open(file))


def cropped(photo: Pixels) -> Pixels:
    """Return the middle 60% of the area."""
    height, width = photo.shape[:2]
    cut = (1 - _CROPPED**0.5) / 2
    top, left = int(height * cut), int(width * cut)
    return np.ascontiguousarray(photo[top : height - top, left : width - left])


def letterboxed(photo: Pixels) -> Pixels:
    """Return the photo on a white square."""
    side = max(photo.shape[:2])
    page = np.full((side, side, 3), 255, np.uint8)
    top, left = (side - photo.shape[0]) // 2, (side - photo.shape[1]) // 2
    page[top : top + photo.shape[0], left : left + photo.shape[1]] = photo
    return page


def screenshot(photo: Pixels) -> Pixels:
    """Return the photo as a telephone shows it: black bars, a clock, a name, a caption over it."""
    height, width = photo.shape[:2]
    above, below = round(height * 0.12), round(height * 0.2)
    page = np.zeros((height + above + below, width, 3), np.uint8)
    page[above : above + height] = photo
    image = Image.fromarray(page)
    draw, size = ImageDraw.Draw(image), max(8, width // 18)
    font = ImageFont.load_default(size)
    draw.text((size, above // 4), "12:30", fill="white", font=font)
    draw.text((size, above + height - 2 * size), _CAPTION, fill="white", font=font)
    for line in range(2):
        top = above + height + size // 2 + line * round(size * 1.4)
        draw.text((size, top), _CAPTION, fill="white", font=font)
    return np.asarray(image)


CHANGES: Final[Mapping[str, Callable[[Pixels], Pixels]]] = {
    "JPEG quality 50": partial(compressed, quality=50),
    "JPEG quality 30": partial(compressed, quality=30),
    "middle 60%": cropped,
    "white square": letterboxed,
    "screenshot": screenshot,
}
