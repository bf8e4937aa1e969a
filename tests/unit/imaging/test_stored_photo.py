"""What is stored and shown of a photo: its pixels, small versions, and its hash."""

from __future__ import annotations

from io import BytesIO

import imagehash
import numpy as np
import pytest
from PIL import Image, ImageEnhance

from shared.imaging import (
    decode,
    hamming,
    perceptual_hash,
    resize_to,
    strip_and_encode,
    thumbnail,
)
from tests.hostile.photos import Odd, encoded, noise, odd_photos, quarters

ODD = odd_photos()


def scene(seed: int, width: int = 300, height: int = 400) -> Image.Image:
    coarse = np.random.default_rng(seed).integers(0, 256, (6, 5, 3), dtype=np.uint8)
    return Image.fromarray(coarse).resize((width, height), Image.Resampling.BICUBIC)


@pytest.mark.parametrize("photo", ODD, ids=lambda photo: photo.name)
def test_nothing_but_the_picture_is_stored(photo: Odd) -> None:
    stored = strip_and_encode(decode(photo.data, name=photo.name))
    reread = Image.open(BytesIO(stored))
    assert set(reread.info) == {"jfif", "jfif_version", "jfif_unit", "jfif_density"}
    assert (reread.format, reread.mode, reread.size) == ("JPEG", "RGB", (96, 64))
    assert b"secret" not in stored and not reread.getexif()


def test_storing_twice_gives_the_same_bytes() -> None:
    data = encoded(noise(), "WEBP")
    first, second = (strip_and_encode(decode(data, name="a")) for _ in range(2))
    assert first == second


def test_stored_colours_are_those_of_the_upload() -> None:
    photo = decode(encoded(scene(1), "PNG"), name="a.png")
    stored = decode(strip_and_encode(photo), name="b.jpg")
    error = np.abs(stored.pixels.astype(int) - photo.pixels)
    assert error.mean() < 1.0


def test_small_version_keeps_the_shape_and_never_grows() -> None:
    pixels = np.asarray(scene(2))
    assert resize_to(pixels, max_side=200).shape == (200, 150, 3)
    assert resize_to(pixels, max_side=400) is pixels
    assert resize_to(np.zeros((40, 4_000, 3), np.uint8), max_side=50).shape == (1, 50, 3)


def test_thumbnail_is_a_small_jpeg() -> None:
    small = Image.open(BytesIO(thumbnail(np.asarray(scene(2)), max_side=160)))
    assert (small.format, small.size) == ("JPEG", (120, 160))


@pytest.mark.parametrize("seed", range(20))
def test_hash_equals_the_imagehash_library(seed: int) -> None:
    picture = scene(seed, width=150 + 31 * seed)
    pixels = np.asarray(picture)
    assert f"{perceptual_hash(pixels):016x}" == str(imagehash.phash(picture))
    fine = str(imagehash.phash(picture, hash_size=16))
    assert f"{perceptual_hash(pixels, side=16):064x}" == fine


def test_repost_is_near_and_another_photo_is_far() -> None:
    original = scene(3)
    repost = ImageEnhance.Brightness(original.resize((225, 300))).enhance(1.1)
    again = decode(encoded(repost, "JPEG", quality=60), name="repost.jpg").pixels
    first = perceptual_hash(np.asarray(original))
    assert hamming(first, perceptual_hash(again)) <= 6
    assert hamming(first, perceptual_hash(np.asarray(scene(4)))) >= 16


def test_hash_fits_64_bits_and_distance_counts_bits() -> None:
    assert 0 <= perceptual_hash(np.asarray(quarters())) < 2**64
    assert (hamming(0, 2**64 - 1), hamming(5, 5), hamming(0b1010, 0b0110)) == (64, 0, 2)
