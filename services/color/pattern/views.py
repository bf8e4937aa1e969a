"""What training shows besides the photos themselves: changed views, and patterns drawn on cloth."""

from __future__ import annotations

from io import BytesIO
from typing import Final

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageFilter

from services.color.pattern.cutout import Mask, Photo

Ratios = npt.NDArray[np.float64]
DRAWN: Final = ("dotted", "striped", "checked")
_ROOM: Final = 40


def changed(photo: Photo, mask: Mask, dice: np.random.Generator) -> tuple[Photo, Mask]:
    """Return another view: turned, part of it, in other light, its mask as wrong as a model's."""
    photo, mask = _near(photo, mask)
    if dice.random() < 0.5:
        photo, mask = photo[:, ::-1], mask[:, ::-1]
    picture, area = Image.fromarray(photo), Image.fromarray(mask.astype(np.uint8) * 255)
    angle = dice.uniform(-15, 15) + 90 * (dice.random() < 0.15)
    picture = picture.rotate(angle, Image.Resampling.BICUBIC, expand=True)
    area = area.rotate(angle, expand=True)
    picture = _relit(_worn_out(picture, dice), dice)
    area = area.filter(
        ImageFilter.MaxFilter(5) if dice.random() < 0.4 else ImageFilter.MinFilter(5)
    )
    return _part(np.asarray(picture), np.asarray(area) > 127, dice)


def _near(photo: Photo, mask: Mask) -> tuple[Photo, Mask]:
    """Leave out what is far from the garment."""
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    window = np.s_[
        max(rows[0] - _ROOM, 0) : rows[-1] + _ROOM, max(columns[0] - _ROOM, 0) : columns[-1] + _ROOM
    ]
    return photo[window], mask[window]


def _part(photo: Photo, mask: Mask, dice: np.random.Generator) -> tuple[Photo, Mask]:
    """Hide what lies outside a window of 60 to 100 % of each side."""
    kept = np.zeros_like(mask)
    height, width = mask.shape
    tall, wide = (round(side * dice.uniform(0.6, 1)) for side in (height, width))
    top, left = dice.integers(0, height - tall + 1), dice.integers(0, width - wide + 1)
    kept[top : top + tall, left : left + wide] = True
    both = mask & kept
    # A window that misses the garment would leave nothing to see.
    return photo, both if 3 * np.count_nonzero(both) > np.count_nonzero(mask) else mask


def _worn_out(picture: Image.Image, dice: np.random.Generator) -> Image.Image:
    """Make the photo smaller, as a distant garment is, and compress it."""
    scale = dice.uniform(0.5, 1)
    size = (max(round(picture.width * scale), 1), max(round(picture.height * scale), 1))
    small = picture.resize(size, Image.Resampling.BILINEAR)
    file = BytesIO()
    small.save(file, "JPEG", quality=int(dice.integers(40, 95)))
    return Image.open(file).resize(picture.size, Image.Resampling.BICUBIC)


def _relit(picture: Image.Image, dice: np.random.Generator) -> Image.Image:
    """Change light, contrast and colours: a pattern has none of its own."""
    pixels = np.asarray(picture, np.float64)
    if dice.random() < 0.3:
        pixels = pixels[..., dice.permutation(3)]
    gray = pixels.mean(axis=2, keepdims=True)
    pixels = gray + (pixels - gray) * dice.uniform(0.4, 1.4)
    middle = pixels.mean()
    pixels = (middle + (pixels - middle) * dice.uniform(0.7, 1.3)) * dice.uniform(0.7, 1.25)
    return Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))


def drawn(photo: Photo, mask: Mask, pattern: str, dice: np.random.Generator) -> Photo:
    """Return the photo of a plain garment with ``pattern`` (one of ``DRAWN``) printed on it.

    The print follows the folds: it is as light or dark as the cloth, and bends a little.
    """
    share = _share(pattern, mask, dice)[..., None]
    cloth = photo.astype(np.float64)
    light = cloth.mean(axis=2, keepdims=True) + 8
    shade = light / np.median(light[mask])
    dark = float(np.median(light[mask])) < 110
    ink = dice.uniform(130, 255, 3) if dark else dice.uniform(0, 120, 3)
    opaque = share * dice.uniform(0.7, 1)
    printed = cloth * (1 - opaque) + np.clip(ink * shade, 0, 255) * opaque
    return np.clip(np.where(mask[..., None], printed, cloth), 0, 255).astype(np.uint8)


def _share(pattern: str, mask: Mask, dice: np.random.Generator) -> Ratios:
    """Return how much of each pixel is print, 0 to 1."""
    across, down = _bent_grid(mask, dice)
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    side = np.sqrt(np.ptp(rows) * np.ptp(columns))
    step = side / dice.uniform(8, 30 if pattern != "dotted" else 24)
    if pattern == "dotted":
        radius = step * dice.uniform(0.2, 0.38)
        shift = step / 2 * (np.floor(down / step) % 2)
        x = (across + shift) % step - step / 2
        y = down % step - step / 2
        return np.clip(radius - np.hypot(x, y) + 0.5, 0, 1)
    part = dice.uniform(0.2, 0.6)
    bars = [_bars(line, step, part) for line in (across, down)]
    if pattern == "checked":
        return (bars[0] + bars[1]) / 2
    return bars[int(dice.random() < 0.6)]


def _bars(line: Ratios, step: float, part: float) -> Ratios:
    place = np.abs(line % step - step / 2)
    return np.clip(step * part / 2 - place + 0.5, 0, 1)


def _bent_grid(mask: Mask, dice: np.random.Generator) -> tuple[Ratios, Ratios]:
    """Return each pixel's place on the cloth: turned, and bent by smooth waves."""
    height, width = mask.shape
    down, across = np.mgrid[:height, :width].astype(np.float64)
    turn = dice.normal(0, 0.15) + (np.pi / 4) * (dice.random() < 0.15)
    x = across * np.cos(turn) + down * np.sin(turn)
    y = down * np.cos(turn) - across * np.sin(turn)
    return x + _wave(across + down, dice), y + _wave(across + down, dice)


def _wave(line: Ratios, dice: np.random.Generator) -> Ratios:
    """Return a smooth shift by up to 4 % of the cloth's size."""
    size = float(np.ptp(line)) / 2
    length, phase = dice.uniform(0.4, 1.5) * size, dice.uniform(0, 2 * np.pi)
    wave: Ratios = np.sin(line * 2 * np.pi / length + phase) * dice.uniform(0, 0.04) * size
    return wave
