"""Faults planted on real photos: what a drawn picture may have wrong, where we know what is right.

Everything is drawn from a generator that the caller seeds: the same seed plants the same faults.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from shared.contracts.garments import Garment
from shared.contracts.generation import WornGarment
from shared.contracts.vocabulary import BASIC_COLORS, FAMILY_OF
from shared.imaging import Pixels
from shared.lab import LINEAR, LUMINANCE, ciede2000, encode_srgb, srgb_to_lab
from shared.masks import Mask, decode_mask

Kind = Literal["color", "missing", "people", "blur", "cropped"]
Wish = tuple[WornGarment, ...]

FAR: Final = 20.0
"""CIEDE2000 from every large colour of a garment from which another colour is plainly wrong."""
BLUR: Final = (0.003, 0.006)
"""Sigma of the planted blur, as a part of the photo's height: 2.5 to 5 pixels of 830."""


@dataclass(frozen=True, eq=False)
class Photo:
    """A real photo whose garments people have labelled, or only named."""

    name: str
    pixels: Pixels
    garments: tuple[Garment, ...] = ()
    """The labelled garments, largest of each family, colours and pattern by our rules."""
    people: Mask | None = None
    """Where people are, clothes and all; None: only the tags are known."""
    families: frozenset[str] = frozenset()
    """The families that are worn."""
    wish: Wish = ()
    """What the photo shows, as someone would have asked for it."""


@dataclass(frozen=True, eq=False)
class Planted:
    """A photo and a wish that do not fit each other."""

    kind: Kind
    way: str
    photo: Photo
    wish: Wish
    pixels: Pixels


def wish_of(garments: Sequence[Garment]) -> Wish:
    """Return labelled garments as they would have been asked for."""
    return tuple(
        WornGarment(
            category=garment.category,
            color=garment.colors[0].basic if garment.colors else None,
            hex=garment.colors[0].hex if garment.colors else None,
            pattern=garment.pattern,
        )
        for garment in garments
    )


def other_color_asked(photo: Photo, rng: np.random.Generator, lab: dict[str, str]) -> Planted:
    """Ask for one garment in a colour that it plainly does not have."""
    number, color, hex_color = _wrong_color(photo, rng, lab)
    wrong = photo.wish[number].model_copy(update={"color": color, "hex": hex_color})
    wish = (*photo.wish[:number], wrong, *photo.wish[number + 1 :])
    return Planted("color", "another colour asked", photo, wish, photo.pixels)


def recolored(photo: Photo, rng: np.random.Generator, lab: dict[str, str]) -> Planted:
    """Dye one garment in a colour that it plainly does not have; light and shade stay."""
    number, _, hex_color = _wrong_color(photo, rng, lab)
    pixels = dye(photo.pixels, mask_of(photo, number), hex_color)
    return Planted("color", "garment dyed", photo, photo.wish, pixels)


def _wrong_color(
    photo: Photo, rng: np.random.Generator, colors: dict[str, str]
) -> tuple[int, str, str]:
    areas = np.array([garment.area for garment in photo.garments], float)
    number = int(rng.choice(len(areas), p=areas / areas.sum()))
    own = [color for color in photo.garments[number].colors if color.share >= 0.15]
    worn = np.array([_lab(color.hex) for color in own])
    wrong = [
        basic
        for basic in BASIC_COLORS
        if basic not in {color.basic for color in own}
        and ciede2000(worn, _lab(colors[basic])).min() >= FAR
    ]
    basic = str(rng.choice(wrong))
    return number, basic, colors[basic]


def more_asked(photo: Photo, rng: np.random.Generator, others: Sequence[Photo]) -> Planted:
    """Ask for one garment more, of a family that nobody wears there."""
    wish = (*photo.wish, _foreign(photo, rng, others))
    return Planted("missing", "one more asked", photo, wish, photo.pixels)


def other_asked(photo: Photo, rng: np.random.Generator, others: Sequence[Photo]) -> Planted:
    """Ask for a garment of a family that nobody wears there instead of one that is worn."""
    number = int(rng.integers(len(photo.wish)))
    rest = (*photo.wish[:number], *photo.wish[number + 1 :])
    wish = (*rest, _foreign(photo, rng, others))
    return Planted("missing", "another kind asked", photo, wish, photo.pixels)


def _foreign(photo: Photo, rng: np.random.Generator, others: Sequence[Photo]) -> WornGarment:
    """Return a garment as another photo's people wear it, of a family that is absent here."""
    absent = [
        worn for other in others for worn in other.wish
        if FAMILY_OF[worn.category] not in photo.families
    ]  # fmt: skip
    family = str(rng.choice(sorted({FAMILY_OF[worn.category] for worn in absent})))
    fitting = [worn for worn in absent if FAMILY_OF[worn.category] == family]
    chosen = fitting[int(rng.integers(len(fitting)))]
    # Where nothing else is asked in a colour, this would give itself away.
    return chosen if photo.garments else WornGarment(category=chosen.category)


def erased(photo: Photo, rng: np.random.Generator) -> Planted:
    """Paint what is behind over one garment; it is still asked for."""
    large = [n for n, garment in enumerate(photo.garments) if _share(photo, garment) >= 0.02]
    number = int(rng.choice(large))
    assert photo.people is not None
    pixels = fill(photo.pixels, mask_of(photo, number), ~photo.people)
    return Planted("missing", "garment erased", photo, photo.wish, pixels)


def second_person(photo: Photo, rng: np.random.Generator, other: Photo) -> Planted:
    """Stand another photo's wearer beside this one's, 0.85 to 1.1 times as tall."""
    assert photo.people is not None and other.people is not None
    here, there = _box(main_person(photo.people)), _box(main_person(other.people))
    scale = float(rng.uniform(0.85, 1.1)) * (here[3] - here[1]) / (there[3] - there[1])
    size = [max(1, round((there[i + 2] - there[i]) * scale)) for i in (0, 1)]
    person = Image.fromarray(other.pixels).crop(there).resize((size[0], size[1]))
    alpha = Image.fromarray(main_person(other.people)).crop(there).convert("L")
    alpha = alpha.resize((size[0], size[1])).filter(ImageFilter.GaussianBlur(1))
    width = photo.pixels.shape[1]
    # Where there is more room, and so that three quarters of the newcomer are in the picture.
    right = width - here[2] > here[0]
    left = min(here[2], width - 3 * size[0] // 4) if right else max(here[0], 0) - size[0]
    left = left if right else max(left, -size[0] // 4)
    page = Image.fromarray(photo.pixels)
    page.paste(person, (left, here[3] - size[1]), alpha)
    # Nothing is asked, so that only the second person can be what is found.
    return Planted("people", "second person", photo, (), np.asarray(page))


def blurred(photo: Photo, rng: np.random.Generator) -> Planted:
    """Blur the whole picture."""
    sigma = float(rng.uniform(*BLUR)) * photo.pixels.shape[0]
    image = Image.fromarray(photo.pixels).filter(ImageFilter.GaussianBlur(sigma))
    return Planted("blur", "blurred", photo, (), np.asarray(image))


def cropped(photo: Photo, rng: np.random.Generator) -> Planted:
    """Cut off the head at the chin's height, or the legs at the knee's."""
    assert photo.people is not None
    _, top, _, bottom = _box(main_person(photo.people))
    tall = bottom - top
    if rng.random() < 0.5:
        pixels, way = photo.pixels[top + round(0.13 * tall) :], "head cut off"
    else:
        pixels, way = photo.pixels[: bottom - round(0.25 * tall)], "feet cut off"
    # What is asked is not part of this fault: only who stands in the picture is.
    return Planted("cropped", way, replace(photo, pixels=pixels), (), pixels)


def dye(pixels: Pixels, mask: Mask, hex_color: str) -> Pixels:
    """Return ``pixels`` with the masked cloth in ``hex_color``: its light and shade stay."""
    light = LINEAR[pixels]
    luminance = light @ LUMINANCE
    middle = max(float(np.median(luminance[mask])), 0.004)
    # The shade of black cloth is mostly noise and gloss: it would be far too much on white.
    shade = (luminance / middle) ** min(1.0, 0.35 + 3 * middle)
    target = LINEAR[np.frombuffer(bytes.fromhex(hex_color[1:]), np.uint8)]
    dyed = encode_srgb(target * np.clip(shade, 0, 2.5)[..., None])
    soft = Image.fromarray(mask).convert("L").filter(ImageFilter.GaussianBlur(1))
    return np.asarray(Image.composite(Image.fromarray(dyed), Image.fromarray(pixels), soft))


def fill(pixels: Pixels, hole: Mask, source: Mask) -> Pixels:
    """Fill a hole smoothly from ``source`` pixels by push and pull over an image pyramid."""
    grown = np.asarray(Image.fromarray(hole).convert("L").filter(ImageFilter.MaxFilter(7))) > 0
    known = (source & ~grown).astype(np.float64)[..., None]
    blocks = Image.fromarray(np.rint(_pull(pixels * known, known)).astype(np.uint8))
    smooth = np.asarray(blocks.filter(ImageFilter.GaussianBlur(12)))
    return np.where(grown[..., None], smooth, pixels)


def _pull(values: NDArray[np.float64], weight: NDArray[np.float64]) -> NDArray[np.float64]:
    mean = values / np.maximum(weight, 1e-9)
    if min(weight.shape[:2]) < 2 or weight.min() > 0:
        return mean
    height, width = (side + side % 2 for side in weight.shape[:2])
    pad = ((0, height - weight.shape[0]), (0, width - weight.shape[1]), (0, 0))
    coarse = [
        np.pad(a, pad).reshape(height // 2, 2, width // 2, 2, -1).sum(axis=(1, 3))
        for a in (values, weight)
    ]
    below = np.minimum(coarse[1], 1) / np.maximum(coarse[1], 1e-9)
    under = _pull(coarse[0] * below, coarse[1] * below)
    large = under.repeat(2, axis=0).repeat(2, axis=1)[: weight.shape[0], : weight.shape[1]]
    share = np.minimum(weight, 1)
    return mean * share + large * (1 - share)


def main_person(people: Mask) -> Mask:
    """Return the largest connected region of ``people``."""
    from scipy import ndimage

    parts, count = ndimage.label(ndimage.binary_closing(people, iterations=3) | people)
    sizes = ndimage.sum_labels(people, parts, range(1, count + 1))
    return np.asarray(people & (parts == 1 + int(np.argmax(sizes))))


def mask_of(photo: Photo, number: int) -> Mask:
    """Return the (height, width) mask of one of the labelled garments."""
    height, width = photo.pixels.shape[:2]
    return decode_mask(photo.garments[number].mask, height=height, width=width)


def _share(photo: Photo, garment: Garment) -> float:
    return garment.area / (photo.pixels.shape[0] * photo.pixels.shape[1])


def _box(mask: Mask) -> tuple[int, int, int, int]:
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1


def _lab(hex_color: str) -> NDArray[np.float64]:
    return srgb_to_lab(np.frombuffer(bytes.fromhex(hex_color[1:]), np.uint8))
