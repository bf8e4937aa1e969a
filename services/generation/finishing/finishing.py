"""Upscaling, a gentle unsharp mask and a gentle tone: the same pixels give the same bytes."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Final, Protocol

import numpy as np
from PIL import Image, ImageFilter

from shared.imaging import Pixels

_FARTHEST_BLACK: Final = 24
_FARTHEST_WHITE: Final = 231
"""A picture that is meant to be dark or pale stays so: its ends move no further than this."""


class Upscaler(Protocol):
    """Enlarges pictures by a whole factor of its own."""

    name: str

    def enlarge(self, pixels: Pixels) -> Pixels:
        """Return (n * height, n * width, 3) of (height, width, 3) uint8 RGB."""


@dataclass(frozen=True)
class Finish:
    """What is done to a picture; the defaults are gentle."""

    scale: float = 1.0
    """Sides become so many times as long; 1: as drawn."""
    sharpen: float = 0.35
    """0..1, the unsharp mask's amount."""
    tone: float = 0.5
    """0..1, how far black and white are drawn to the ends of the range."""


@dataclass(frozen=True)
class Tone:
    """The values, 0..255, that become black and white."""

    black: float
    white: float


@dataclass(frozen=True, eq=False)
class Finished:
    """A finished picture and what was done."""

    pixels: Pixels
    tone: Tone
    facts: dict[str, Any]


def finish(
    pixels: Pixels, steps: Finish, *, tone: Tone | None = None, upscaler: Upscaler | None = None
) -> Finished:
    """Return ``pixels`` (height, width, 3) finished.

    ``tone`` of the picture an edit began with keeps what was not edited as it was; without it
    the tone is measured. ``upscaler``: a model; without one Lanczos enlarges.
    """
    tone = tone or measure_tone(pixels, share=steps.tone)
    height, width = (round(side * steps.scale) for side in pixels.shape[:2])
    large = pixels if upscaler is None else upscaler.enlarge(pixels)
    image = Image.fromarray(large)
    if image.size != (width, height):
        image = image.resize((width, height), Image.Resampling.LANCZOS)
    if steps.sharpen:
        radius = 0.8 * max(1.0, steps.scale)
        mask = ImageFilter.UnsharpMask(radius, percent=round(100 * steps.sharpen), threshold=2)
        image = image.filter(mask)
    facts = {**asdict(steps), "upscaler": upscaler.name if upscaler else "lanczos"}
    return Finished(_toned(np.asarray(image), tone), tone, {**facts, **asdict(tone)})


def measure_tone(pixels: Pixels, *, share: float) -> Tone:
    """Return the tone that brings the darkest and lightest half per cent nearer to the ends."""
    low, high = np.percentile(pixels.max(axis=2), 0.5), np.percentile(pixels.max(axis=2), 99.5)
    black = share * min(float(low), _FARTHEST_BLACK)
    white = 255 - share * (255 - max(float(high), _FARTHEST_WHITE))
    return Tone(round(black, 2), round(white, 2))


def _toned(pixels: Pixels, tone: Tone) -> Pixels:
    values = (np.arange(256) - tone.black) * 255 / (tone.white - tone.black)
    table = np.clip(np.rint(values), 0, 255).astype(np.uint8)
    toned: Pixels = table[pixels]
    return toned
