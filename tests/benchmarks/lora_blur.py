"""How many photos a LoRA's training set keeps as they are, enlarged, compressed and blurred.

python -m tests.benchmarks.lora_blur DATA/street/photos
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Final

import numpy as np
from PIL import Image, ImageFilter

from services.generation.lora.choosing import Rules, blur_of

PHOTOS: Final = 100


def _scaled(factor: float) -> Callable[[Image.Image], Image.Image]:
    return lambda photo: photo.resize(
        (round(photo.width * factor), round(photo.height * factor)), Image.Resampling.LANCZOS
    )


def _blurred(radius: float) -> Callable[[Image.Image], Image.Image]:
    return lambda photo: photo.filter(ImageFilter.GaussianBlur(radius))


def _moved(photo: Image.Image) -> Image.Image:
    frames = [np.roll(np.asarray(photo, np.float32), shift, axis=1) for shift in range(-4, 5)]
    return Image.fromarray(np.mean(frames, axis=0).astype(np.uint8))


def _compressed(photo: Image.Image) -> Image.Image:
    out = BytesIO()
    photo.save(out, "JPEG", quality=30)
    return Image.open(out).convert("RGB")


CHANGES: Final[dict[str, Callable[[Image.Image], Image.Image]]] = {
    "as it is": lambda photo: photo,
    "JPEG at quality 30": _compressed,
    "enlarged 1.5 times": _scaled(1.5),
    "enlarged twice": _scaled(2),
    "blurred, sigma 1": _blurred(1),
    "blurred, sigma 2": _blurred(2),
    "blurred, sigma 4": _blurred(4),
    "moved by 9 pixels": _moved,
}


def main(folder: Path) -> None:
    """Print the share that is kept at the default limit, and the measure's middle."""
    files = sorted(folder.glob("*.jpg"))
    chosen = [files[at * len(files) // PHOTOS] for at in range(PHOTOS)]
    print(f"{len(chosen)} photos, limit {Rules.blur}")
    for name, change in CHANGES.items():
        values = [blur_of(np.asarray(change(Image.open(file).convert("RGB")))) for file in chosen]
        kept = np.mean([value <= Rules.blur for value in values])
        print(f"{name:22} kept {kept:4.0%}   median {np.median(values):.2f}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
