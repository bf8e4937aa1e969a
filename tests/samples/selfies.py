"""Made-up people's photos, and what light and filters do to photos."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Final

import numpy as np
from openpeople import curated
from openpeople.io import get_curated_dir
from PIL import Image, ImageFilter

from shared.faces import Face
from shared.imaging import Pixels, decode, resize_to
from shared.lab import LINEAR, encode_srgb, srgb_to_lab

ALONE: Final = ("amateur_selfie", "studio_portrait", "amateur_posture", "studio_posture")
SHEETS: Final = ("emotions_sheet", "character_sheet")
MELANIN: Final = np.array([1.0, 1.5, 2.3]) * 0.62
"""Absorption of red, green and blue by one unit of melanin: wavelength to the power of -3.33."""
SURFACE: Final = 0.03
"""Part of the light that skin reflects before it enters."""


@dataclass(frozen=True)
class Person:
    """One made-up person."""

    name: str
    fitzpatrick: str
    """II to V, as their makers label them."""


@cache
def everybody() -> tuple[Person, ...]:
    """Return all ten."""
    return tuple(
        Person(one.person_id, one.demographics.skin_tone.removeprefix("Fitzpatrick "))
        for one in curated.list()
    )


@cache
def open_selfie(person: str, shot: str = "studio_portrait", *, side: int = 1280) -> Pixels:
    """Return a photo of a person, its longer side ``side`` pixels."""
    path = Path(get_curated_dir()) / person / "assets" / f"{shot}.jpg"
    return resize_to(decode(path.read_bytes(), name=path.name).pixels, max_side=side)


def exposed(pixels: Pixels, stops: float) -> Pixels:
    """Return the photo with more or less light, clipped like a camera's."""
    return encode_srgb(LINEAR[pixels] * 2.0**stops)


def tinted(pixels: Pixels, *, warm: float = 0.0, magenta: float = 0.0) -> Pixels:
    """Return the photo under light of another colour, in log2 units on either axis."""
    red, blue = (magenta + warm) / np.sqrt(2), (magenta - warm) / np.sqrt(2)
    return encode_srgb(LINEAR[pixels] * 2.0 ** np.array([red, 0.0, blue]))


def lit_from_the_side(pixels: Pixels, face: Face, stops: float) -> Pixels:
    """Return the photo with one cheek ``stops`` darker than the other."""
    (left, _), (right, _) = face.eyes
    place = (np.arange(pixels.shape[1]) - left) / (right - left)
    falloff = 2.0 ** (-stops * np.clip(place, -0.5, 1.5))
    return encode_srgb(LINEAR[pixels] * falloff[None, :, None])


def compressed(pixels: Pixels, quality: int = 30) -> Pixels:
    """Return the photo as a JPEG of low quality gives it back."""
    out = BytesIO()
    Image.fromarray(pixels).save(out, "JPEG", quality=quality)
    return decode(out.getvalue(), name="compressed").pixels


def grayed(pixels: Pixels) -> Pixels:
    """Return the photo in black and white."""
    return np.asarray(Image.fromarray(pixels).convert("L").convert("RGB"))


def smoothed(pixels: Pixels, face: Face) -> Pixels:
    """Return the photo after a beauty filter: skin without pores, eyes as sharp as before."""
    distance = float(np.hypot(*np.subtract(face.eyes[1], face.eyes[0])))
    image = Image.fromarray(pixels)
    soft = np.asarray(image.filter(ImageFilter.GaussianBlur(distance / 15)))
    rows, columns = np.mgrid[0 : pixels.shape[0], 0 : pixels.shape[1]]
    near = [np.hypot(columns - x, rows - y) < 0.35 * distance for x, y in face.eyes]
    return np.where((near[0] | near[1])[..., None], pixels, soft)


def darkened(pixels: Pixels, face: Face, melanin: float) -> Pixels:
    """Return the photo with more melanin in the skin of the face; hair and the rest stay."""
    x0, y0, x1, y1 = face.box
    rows, columns = np.mgrid[0 : pixels.shape[0], 0 : pixels.shape[1]]
    reach = np.hypot((columns - (x0 + x1) / 2) / (x1 - x0), (rows - (y0 + y1) / 2) / (y1 - y0))
    lab = srgb_to_lab(pixels)
    part = np.clip((0.85 - reach) / 0.1, 0, 1) * np.clip((lab[..., 0] - 25) / 10, 0, 1)
    part *= np.clip((lab[..., 1] + lab[..., 2] - 8) / 6, 0, 1)
    linear = LINEAR[pixels]
    inside = np.clip(linear - SURFACE, 0, None) * np.exp(-melanin * MELANIN)
    dark = np.minimum(linear, inside + SURFACE)
    return encode_srgb(linear + part[..., None] * (dark - linear))
