"""Pictures of cloth, made up: folds, prints, noise, JPEG, and the masks of garments."""

from __future__ import annotations

from io import BytesIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image

SIDE = 320
Photo = NDArray[np.uint8]
Mask = NDArray[np.bool_]
Linear = NDArray[np.float64]


def rgb(code: str) -> NDArray[np.uint8]:
    return np.frombuffer(bytes.fromhex(code), np.uint8)


def linear(code: str) -> Linear:
    encoded = rgb(code) / 255
    return np.where(encoded <= 0.04045, encoded / 12.92, ((encoded + 0.055) / 1.055) ** 2.4)


def plain(code: str) -> Linear:
    """Return cloth of one colour in linear light, (SIDE, SIDE, 3)."""
    return np.broadcast_to(linear(code), (SIDE, SIDE, 3)).copy()


def striped(first: str, second: str, *, width: int = 20, part: float = 0.5) -> Linear:
    """Return cloth with stripes of ``second``, which has ``part`` of the area."""
    cloth = plain(first)
    cloth[np.arange(SIDE) % width < part * width] = linear(second)
    return cloth


def folds(*, deep: float = 0.35, seed: int = 1) -> Linear:
    """Return light, ``deep`` to 1, that falls on a draped garment: smooth, (SIDE, SIDE, 1)."""
    dice = np.random.default_rng(seed)
    y, x = np.mgrid[:SIDE, :SIDE] / SIDE
    waves = sum(
        np.sin(2 * np.pi * (dice.uniform(0.5, 3) * x + dice.uniform(0.5, 3) * y) + phase)
        for phase in dice.uniform(0, 6, 4)
    )
    light = (waves - waves.min()) / np.ptp(waves)
    return (deep + (1 - deep) * light)[..., None]


def taken(light: Linear, *, noise: float = 3, quality: int = 75, seed: int = 1) -> Photo:
    """Return the photo of linear light as a camera writes it: noise, JPEG, sRGB."""
    clipped = np.clip(light, 0, 1)
    encoded = np.where(clipped <= 0.0031308, clipped * 12.92, 1.055 * clipped ** (1 / 2.4) - 0.055)
    noisy = encoded * 255 + np.random.default_rng(seed).normal(0, noise, encoded.shape)
    file = BytesIO()
    picture = Image.fromarray(np.clip(noisy, 0, 255).astype(np.uint8))
    picture.save(file, "JPEG", quality=quality)
    return np.asarray(Image.open(file).convert("RGB"))


def worn(cloth: Linear, *, ground: str = "a9a59c", margin: int = 40) -> tuple[Linear, Mask]:
    """Lay a cloth on a plain ground; return the light and the garment's mask."""
    mask = np.zeros((SIDE, SIDE), bool)
    mask[margin:-margin, margin:-margin] = True
    return np.where(mask[..., None], cloth, linear(ground)), mask
