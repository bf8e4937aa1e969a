"""Two hundred photos out of twenty: a person here and there before one coloured wall or another."""

from __future__ import annotations

import random
from io import BytesIO

import imagehash
import numpy as np
from PIL import Image

from tests.system.photos import sample_photos

_SIZE = (640, 640)
_APART = 12
"""Bits of the perceptual hash: near-duplicates would be one look, of whichever comes first."""


def street_photos(number: int) -> list[bytes]:
    """Return so many JPEGs, alike in each run, no two of which look alike."""
    people = [Image.open(path).convert("RGB") for path in sample_photos("*posture.jpg")]
    chance = random.Random(7)
    found: list[bytes] = []
    hashes: list[imagehash.ImageHash] = []
    while len(found) < number:
        photo = _photo(people[len(found) % len(people)], chance)
        seen = imagehash.phash(photo)
        if all(seen - other > _APART for other in hashes):
            hashes.append(seen)
            file = BytesIO()
            photo.save(file, "JPEG", quality=90)
            found.append(file.getvalue())
    return found


def _photo(person: Image.Image, chance: random.Random) -> Image.Image:
    colours = np.random.default_rng(chance.getrandbits(32)).integers(0, 256, (4, 4, 3), np.uint8)
    photo = Image.fromarray(colours).resize(_SIZE, Image.Resampling.NEAREST)
    height = chance.randrange(480, 641)
    width = height * person.width // person.height
    place = (chance.randrange(_SIZE[0] - width + 1), _SIZE[1] - height)
    photo.paste(person.resize((width, height), Image.Resampling.BOX), place)
    return photo
