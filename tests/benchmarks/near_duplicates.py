"""How well photos are linked to those they repeat: ``python -m tests.benchmarks.near_duplicates
FOLDER [EVERY]`` measures it on real photos of your own, all taken to be different.

Prints, for several limits, which pairs of different photos are linked (look at those pairs: some
may be true duplicates), and which share of altered copies is linked to its original, of each
EVERY-th photo (12).
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from io import BytesIO
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageEnhance

from shared.imaging import perceptual_hash

LIMITS: Final = ((6, 256), (8, 256), (10, 256), (12, 256), (10, 50), (10, 60), (10, 70), (12, 60))
"""Bits of 64, bits of 256; 256: the finer hash does not decide."""

Hashes = NDArray[np.uint64]


def _saved(image: Image.Image, quality: int, file_format: str = "JPEG") -> Image.Image:
    out = BytesIO()
    image.save(out, file_format, quality=quality)
    return Image.open(BytesIO(out.getvalue())).convert("RGB")


def _scaled(image: Image.Image, scale: float) -> Image.Image:
    size = round(image.width * scale), round(image.height * scale)
    return _saved(image.resize(size, Image.Resampling.BICUBIC), 80)


def _cut(image: Image.Image, *, sides: float = 0.0, bottom: float = 0.0) -> Image.Image:
    """Cut off shares of the width and height: at all four sides, and once more below."""
    width, height = image.size
    x, y = round(width * sides), round(height * sides)
    return _saved(image.crop((x, y, width - x, height - y - round(height * bottom))), 85)


ALTERED: Final[dict[str, Callable[[Image.Image], Image.Image]]] = {
    "JPEG quality 75": lambda image: _saved(image, 75),
    "JPEG quality 30": lambda image: _saved(image, 30),
    "WebP quality 70": lambda image: _saved(image, 70, "WEBP"),
    "half the size": lambda image: _scaled(image, 0.5),
    "1.5 times the size": lambda image: _scaled(image, 1.5),
    "1% cut at each side": lambda image: _cut(image, sides=0.01),
    "2% cut at each side": lambda image: _cut(image, sides=0.02),
    "2% cut below": lambda image: _cut(image, bottom=0.02),
    "5% cut at each side": lambda image: _cut(image, sides=0.05),
    "15% brighter": lambda image: _saved(ImageEnhance.Brightness(image).enhance(1.15), 85),
    "20% more contrast": lambda image: _saved(ImageEnhance.Contrast(image).enhance(1.2), 85),
    "gray": lambda image: _saved(image.convert("L").convert("RGB"), 85),
}


def fingerprints(images: Iterable[Image.Image]) -> tuple[Hashes, Hashes]:
    """Return the 64-bit hashes (n,) and the 256-bit ones (n, 4)."""
    coarse, fine = [], b""
    for image in images:
        pixels = np.asarray(image)
        coarse.append(perceptual_hash(pixels))
        fine += perceptual_hash(pixels, side=16).to_bytes(32, "big")
    return np.array(coarse, np.uint64), np.frombuffer(fine, ">u8").reshape(-1, 4).astype(np.uint64)


def measure(folder: Path, *, every: int) -> None:
    """Print both tables."""
    files = sorted(folder.glob("*.jpg"))
    coarse, fine = fingerprints(_opened(files))
    first, second = np.triu_indices(len(files), 1)
    far = np.bitwise_count(coarse[first] ^ coarse[second])
    far_fine = np.bitwise_count(fine[first] ^ fine[second]).sum(axis=1)
    print(f"{len(files)} photos, {len(first)} pairs")
    print("limits (64, 256) | " + " | ".join(map(str, LIMITS)))
    linked = [(far <= a) & (far_fine <= b) for a, b in LIMITS]
    print("linked pairs | " + " | ".join(str(int(pairs.sum())) for pairs in linked))
    for pair in np.flatnonzero(linked[2]):
        a, b = files[first[pair]].name, files[second[pair]].name
        print(f"pair {a} {b}: {far[pair]} of 64, {far_fine[pair]} of 256")
    for name, alter in ALTERED.items():
        other, other_fine = fingerprints(alter(image) for image in _opened(files[::every]))
        near = np.bitwise_count(coarse[::every] ^ other)
        near_fine = np.bitwise_count(fine[::every] ^ other_fine).sum(axis=1)
        shares = (((near <= a) & (near_fine <= b)).mean() for a, b in LIMITS)
        print(f"{name} | " + " | ".join(f"{share:.1%}" for share in shares), flush=True)


def _opened(files: list[Path]) -> Iterable[Image.Image]:
    for file in files:
        yield Image.open(file).convert("RGB")


if __name__ == "__main__":
    measure(Path(sys.argv[1]), every=int(sys.argv[2]) if len(sys.argv) > 2 else 12)
