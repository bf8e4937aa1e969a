"""What happens to photos on a social feed, done to training photos."""

from __future__ import annotations

import cv2
import numpy as np
from PIL import Image, ImageDraw

from services.classification.dataset import Photo
from services.classification.pages import write


def augment(photo: Photo, side: int, random: np.random.Generator) -> Photo:
    """Return ``photo`` cropped, mirrored, recoloured, framed and compressed, side × side."""
    pixels = photo if random.random() < 0.25 else _crop(photo, random)
    pixels = cv2.resize(pixels, (side, side), interpolation=cv2.INTER_AREA)
    if random.random() < 0.5:
        pixels = pixels[:, ::-1]
    if random.random() < 0.6:
        pixels = _recolour(pixels, random)
    if random.random() < 0.3:
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
    """Return the picture between two bars: letterboxed, pillarboxed, or a screenshot with text."""
    side = pixels.shape[0]
    first, last = (int(side * share) for share in random.uniform(0, 0.28, 2))
    if random.random() < 0.5:
        last = first
    beside = random.random() < 0.5
    page = np.empty_like(pixels)
    page[:] = random.choice((0, 255, random.integers(0, 256)))
    size = (side - first - last, side) if beside else (side, side - first - last)
    inner = cv2.resize(np.ascontiguousarray(pixels), size, interpolation=cv2.INTER_AREA)
    if beside:
        page[:, first : side - last] = inner
    else:
        page[first : side - last] = inner
    return _written(page, (first, last), random) if random.random() < 0.6 else page


def _written(page: Photo, bars: tuple[int, int], random: np.random.Generator) -> Photo:
    """Write over the page's top and bottom, sometimes anywhere."""
    side, (first, last) = page.shape[0], bars
    image = Image.fromarray(page)
    draw = ImageDraw.Draw(image)
    tops = [random.integers(0, max(1, first)), side - 1 - random.integers(0, max(12, last))]
    if random.random() < 0.3:
        tops.append(random.integers(0, side))
    for top in tops:
        write(draw, (int(random.integers(0, side // 2)), int(top)), random)
    return np.asarray(image)


def _soften(pixels: Photo, random: np.random.Generator) -> Photo:
    side = pixels.shape[0]
    small = int(side * random.uniform(0.4, 0.8))
    less = cv2.resize(pixels, (small, small), interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.resize(less, (side, side)), np.uint8)
