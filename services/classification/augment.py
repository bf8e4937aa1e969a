"""What happens to photos on a social feed, done to training photos."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np

from services.classification.dataset import Photo

_WORDS: Final = ("OOTD", "SALE 50%", "new in", "menu", "12:30", "LIKE", "follow", "MAPSI", "2026")
_FONT: Final = cv2.FONT_HERSHEY_SIMPLEX


def augment(photo: Photo, side: int, random: np.random.Generator) -> Photo:
    """Return ``photo`` cropped, mirrored, recoloured, framed and compressed, side × side."""
    pixels = photo if random.random() < 0.25 else _crop(photo, random)
    pixels = cv2.resize(pixels, (side, side), interpolation=cv2.INTER_AREA)
    if random.random() < 0.5:
        pixels = pixels[:, ::-1]
    if random.random() < 0.6:
        pixels = _recolour(pixels, random)
    if random.random() < 0.12:
        pixels = _frame(pixels, random)
    if random.random() < 0.2:
        pixels = _soften(pixels, random)
    if random.random() < 0.5:
        pixels = recompress(pixels, int(random.integers(25, 95)))
    return np.ascontiguousarray(pixels)


def recompress(pixels: Photo, quality: int) -> Photo:
    """Return what is left after a JPEG round trip at ``quality`` (0 to 100)."""
    _, data = cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, quality])
    return np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR), np.uint8)


def poster(side: int, random: np.random.Generator) -> Photo:
    """Return a picture that is surely no fashion: a flat or shaded page, most with text."""
    ends = random.integers(0, 256, (2, 3))
    ramp = np.linspace(0, 1, side)[:, None, None] * (random.random() < 0.5)
    pixels = np.broadcast_to(ends[0] + (ends[1] - ends[0]) * ramp, (side, side, 3))
    noise = random.normal(0, random.uniform(0, 25), (side, side, 3))
    page = np.ascontiguousarray(np.clip(pixels + noise, 0, 255).astype(np.uint8))
    for _ in range(int(random.integers(0, 9))):
        _write(page, random)
    return page


def _crop(photo: Photo, random: np.random.Generator) -> Photo:
    """Return a random part: 35% to all of the area, its shape up to 1.6 times another."""
    height, width = photo.shape[:2]
    area, stretch = random.uniform(0.35, 1), np.exp(random.uniform(-0.47, 0.47))
    tall = min(height, max(8, round(height * np.sqrt(area * stretch))))
    wide = min(width, max(8, round(width * np.sqrt(area / stretch))))
    top = int(random.integers(0, height - tall + 1))
    left = int(random.integers(0, width - wide + 1))
    return photo[top : top + tall, left : left + wide]


def _recolour(pixels: Photo, random: np.random.Generator) -> Photo:
    values = pixels.astype(np.float32)
    gray = values.mean(2, keepdims=True)
    saturation = 0.0 if random.random() < 0.08 else random.uniform(0.5, 1.5)
    values = gray + (values - gray) * saturation
    values = (values - 128) * random.uniform(0.7, 1.35) + 128 + random.uniform(-35, 35)
    values *= random.uniform(0.9, 1.1, 3).astype(np.float32)
    return np.clip(values, 0, 255).astype(np.uint8)


def _frame(pixels: Photo, random: np.random.Generator) -> Photo:
    """Return the picture as a screenshot or letterboxed: bars at two sides, some with text."""
    upright = random.random() < 0.3
    page = _with_bars(pixels.transpose(1, 0, 2) if upright else pixels, random)
    return page.transpose(1, 0, 2) if upright else page


def _with_bars(pixels: Photo, random: np.random.Generator) -> Photo:
    side = pixels.shape[0]
    page = np.empty_like(pixels)
    page[:] = random.choice((0, 255, random.integers(0, 256)))
    bar = int(side * random.uniform(0.05, 0.22))
    inner = cv2.resize(
        np.ascontiguousarray(pixels), (side, side - 2 * bar), interpolation=cv2.INTER_AREA
    )
    page[bar : side - bar] = inner
    for strip in (page[:bar], page[side - bar :]):
        if random.random() < 0.6:
            _write(strip, random)
    return page


def _soften(pixels: Photo, random: np.random.Generator) -> Photo:
    side = pixels.shape[0]
    small = int(side * random.uniform(0.4, 0.8))
    less = cv2.resize(pixels, (small, small), interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.resize(less, (side, side)), np.uint8)


def _write(page: Photo, random: np.random.Generator) -> None:
    height, width = page.shape[:2]
    color = tuple(int(value) for value in random.integers(0, 256, 3))
    place = (int(random.integers(0, width // 2)), int(random.integers(height // 3, height)))
    size = random.uniform(0.25, 1.0)
    area = np.ascontiguousarray(page)
    cv2.putText(area, str(random.choice(_WORDS)), place, _FONT, size, color, 1)
    page[:] = area
