"""Latents and text embeddings, computed once: then VAE and text encoders leave the memory."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image

from services.generation.lora.base import Base
from services.generation.lora.buckets import Box, Size, bucket_sizes, moved, place
from services.generation.lora.dataset import Entry
from services.generation.sdxl.prompt import Encoders
from shared.errors import UsageError

if TYPE_CHECKING:
    import torch

Progress = Callable[[str, int], Callable[[], None]]
"""Begins a bar of a title and a total; what it returns moves on by one."""


@dataclass(frozen=True, eq=False)
class Picture:
    """A picture as the UNet learns it."""

    mean: torch.Tensor
    """(4, H/8, W/8), with ``spread`` what the VAE says of it; already scaled."""
    spread: torch.Tensor
    counted: torch.Tensor
    """(1, H/8, W/8): 0 where a face is hidden, else 1."""
    time_ids: torch.Tensor
    """(6,): original height and width, top and left of the cut, height and width."""

    @property
    def size(self) -> Size:
        """Width, height in latents."""
        return int(self.mean.shape[2]), int(self.mean.shape[1])


@dataclass(frozen=True, eq=False)
class Text:
    """A caption as the UNet reads it: (1, tokens, width) and (1, width)."""

    states: torch.Tensor
    pooled: torch.Tensor


def cache_pictures(
    folder: Path, entries: Sequence[Entry], base: Base, *,
    resolution: int, device: Any, file: Path, progress: Progress,
) -> list[Picture]:  # fmt: skip
    """Return the pictures of ``entries``; read from ``file`` where that was written of the same."""
    import torch
    from safetensors import safe_open
    from safetensors.torch import save_file

    key = _key(folder, entries, base, resolution)
    if file.exists():
        with safe_open(file, framework="pt") as opened:
            if (opened.metadata() or {}).get("key") == key:
                return [_unpack(opened, number) for number in range(len(entries))]
    vae = base.vae().to(device)
    moved_on = progress("latents", len(entries))
    pictures = []
    for entry in entries:
        with torch.no_grad():
            pictures.append(_encode(folder, entry, vae, resolution, device))
        moved_on()
    tensors = {
        f"{number}.{name}": value.contiguous()
        for number, picture in enumerate(pictures)
        for name, value in vars(picture).items()
    }
    save_file(tensors, file, metadata={"key": key})
    return pictures


def _unpack(opened: Any, number: int) -> Picture:
    names = ("mean", "spread", "counted", "time_ids")
    return Picture(**{name: opened.get_tensor(f"{number}.{name}") for name in names})


def _key(folder: Path, entries: Sequence[Entry], base: Base, resolution: int) -> str:
    """Name everything that latents depend on."""
    hashed = hashlib.sha256(f"{sorted(base.hashes.items())} {resolution}".encode())
    for entry in entries:
        hashed.update(f"{entry.original_size} {entry.crop} {entry.veiled}".encode())
        hashed.update((folder / entry.file_name).read_bytes())
    return hashed.hexdigest()


def _encode(folder: Path, entry: Entry, vae: Any, resolution: int, device: Any) -> Picture:
    import torch

    pixels, crop, veiled = _fitted(folder, entry, resolution)
    scaled = torch.from_numpy(pixels).permute(2, 0, 1)[None].float().to(device) / 127.5 - 1
    seen = vae.encode(scaled).latent_dist
    factor = vae.config.scaling_factor
    mean, spread = (value[0].float().cpu() * factor for value in (seen.mean, seen.std))
    height, width = pixels.shape[:2]
    original = entry.original_size or (height, width)
    shrunk = width // mean.shape[2]
    return Picture(
        mean,
        spread,
        _counted(veiled, (mean.shape[2], mean.shape[1]), shrunk),
        torch.tensor([*original, *crop, height, width], dtype=torch.float32),
    )


def _fitted(
    folder: Path, entry: Entry, resolution: int
) -> tuple[np.ndarray[Any, Any], tuple[int, int], Sequence[Box]]:
    """Return the picture at a bucket's size; one that was not cut to a bucket before is now."""
    try:
        with Image.open(folder / entry.file_name) as opened:
            image = opened.convert("RGB")
    except OSError as error:
        raise UsageError(
            f"{folder / entry.file_name}: cannot be read as a picture; remove its line",
            text_ko=f"{folder / entry.file_name}: 사진으로 읽을 수 없습니다. 해당 줄을 지우세요",
            reason="bad_dataset",
        ) from error
    buckets = bucket_sizes(resolution)
    if image.size in buckets:
        return np.asarray(image).copy(), entry.crop, entry.veiled
    placement = place(image.size, buckets)
    boxes = [moved(box, placement, size=image.size) for box in entry.veiled]
    resized = image.resize(placement.resized, Image.Resampling.LANCZOS)
    cut = resized.crop(placement.window)
    crop = (placement.top, placement.left)
    return np.asarray(cut).copy(), crop, [box for box in boxes if box]


def _counted(veiled: Sequence[Box], size: Size, shrunk: int) -> torch.Tensor:
    import torch

    counted = torch.ones(1, size[1], size[0])
    for box in veiled:
        x0, y0 = (int(value // shrunk) for value in box[:2])
        x1, y1 = (int(-(-value // shrunk)) for value in box[2:])
        counted[:, y0:y1, x0:x1] = 0
    # A picture that is all veil would count nothing, and divide by it.
    return counted if counted.any() else torch.ones_like(counted)


def cache_texts(captions: Sequence[str], encoders: Encoders, progress: Progress) -> dict[str, Text]:
    """Return each caption encoded, all of the same length; the empty one is zeros, as drawn."""
    import torch

    distinct = sorted(set(captions) - {""})
    moved_on = progress("captions", len(distinct))
    with torch.no_grad():
        longest = max((encoders.encode(one).count.windows for one in distinct), default=1)
        texts = {}
        for caption in distinct:
            encoded = encoders.encode(caption, windows=longest)
            texts[caption] = Text(encoded.states.float().cpu(), encoded.pooled.float().cpu())
            moved_on()
    if texts:
        any_text = next(iter(texts.values()))
        texts[""] = Text(torch.zeros_like(any_text.states), torch.zeros_like(any_text.pooled))
    return texts
