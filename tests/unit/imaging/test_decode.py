"""What people may upload: bad files are refused with their reason, odd ones are read right."""

from __future__ import annotations

import time
import tracemalloc
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from typing import get_args

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from shared.imaging import decode
from shared.photo_checks import MAX_PIXELS, PhotoError, PhotoReason
from tests.hostile.photos import (
    Odd,
    Refused,
    encoded,
    many_scans,
    noise,
    odd_photos,
    png_header,
    quarters,
    refused_photos,
)

REFUSED, ODD = refused_photos(), odd_photos()


@pytest.mark.parametrize("photo", REFUSED, ids=lambda photo: photo.name)
def test_bad_file_is_refused_with_its_reason(photo: Refused) -> None:
    with pytest.raises(PhotoError) as refusal:
        decode(photo.data, name=photo.name)
    assert refusal.value.reason == photo.reason
    assert str(refusal.value).startswith(f"{photo.name}: ")


def test_every_reason_has_a_bad_file_that_shows_it() -> None:
    assert {photo.reason for photo in REFUSED} == set(get_args(PhotoReason))


@pytest.mark.parametrize("photo", ODD, ids=lambda photo: photo.name)
def test_odd_file_shows_its_right_colours_the_right_way_up(photo: Odd) -> None:
    decoded = decode(photo.data, name=photo.name)
    assert (decoded.width, decoded.height, decoded.format) == (96, 64, photo.format)
    assert decoded.pixels.shape == (64, 96, 3) and decoded.pixels.dtype == np.uint8
    seen = decoded.pixels[[8, 8, -8, -8], [8, -8, 8, -8]].astype(int)
    assert np.abs(seen - np.array(photo.corners)).max() <= photo.tolerance, seen.tolist()


def test_wide_gamut_of_a_phone_is_not_read_as_srgb() -> None:
    photo = next(photo for photo in ODD if photo.name == "phone-p3.png")
    as_stored = np.asarray(Image.open(BytesIO(photo.data)).convert("RGB"))
    decoded = decode(photo.data, name=photo.name).pixels
    assert np.abs(as_stored.astype(int) - decoded).max() > 15


def test_half_transparent_pixels_are_mixed_with_white() -> None:
    glass = Image.new("RGBA", (64, 64), (200, 0, 0, 128))
    seen = decode(encoded(glass, "PNG"), name="glass.png").pixels[0, 0].astype(int)
    assert np.abs(seen - (227, 127, 127)).max() <= 1


def test_both_languages_name_the_file_and_the_fix() -> None:
    with pytest.raises(PhotoError) as refusal:
        decode(b"", name="코트.jpg")
    assert refusal.value.in_language("en") == "코트.jpg: the file is empty; send the photo again"
    assert refusal.value.in_language("ko") == "코트.jpg: 빈 파일입니다. 사진을 다시 보내세요"


def test_a_hostile_name_cannot_write_into_the_log() -> None:
    with pytest.raises(PhotoError) as refusal:
        decode(b"", name="a\nERROR root logged in\x1b[31m" + "x" * 500)
    assert str(refusal.value).isprintable() and len(str(refusal.value)) < 200


def test_a_claim_of_900_megapixels_allocates_nothing() -> None:
    data = png_header(30_000, 30_000)
    tracemalloc.start()
    with pytest.raises(PhotoError):
        decode(data, name="bomb.png")
    assert tracemalloc.get_traced_memory()[1] < 1_000_000
    tracemalloc.stop()


def test_ordinary_progressive_photo_is_not_too_complex() -> None:
    assert decode(many_scans(80), name="scans.jpg").width == 96


def test_forty_megapixels_are_accepted() -> None:
    gray = Image.new("L", (8_000, MAX_PIXELS // 8_000), 90)
    assert decode(encoded(gray, "PNG", compress_level=1), name="big.png").height == 5_000


def test_pixels_cannot_be_changed_by_who_reads_them() -> None:
    pixels = decode(encoded(quarters(), "JPEG"), name="a.jpg").pixels
    with pytest.raises(ValueError, match="read-only"):
        pixels[0, 0] = 0


def test_many_threads_see_the_same_picture() -> None:
    files = [photo.data for photo in ODD] * 4
    alone = [decode(data, name="a").pixels.tobytes() for data in files]
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(lambda data: decode(data, name="a").pixels.tobytes(), files))
    assert together == alone


WHOLE = [
    encoded(
        noise(), "JPEG", exif=b"Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0"
    ),
    encoded(quarters(), "JPEG", progressive=True),
    encoded(noise(), "PNG"),
    encoded(quarters().convert("RGBA"), "PNG"),
    encoded(noise(), "WEBP"),
    encoded(quarters().convert("RGBA"), "WEBP", lossless=True, exif=b"Exif\0\0II*\0"),
    next(photo.data for photo in ODD if photo.name == "phone-p3.jpg"),
    next(photo.data for photo in ODD if photo.name == "printed.jpg"),
]


@settings(max_examples=400, deadline=None)
@given(
    whole=st.sampled_from(WHOLE),
    changes=st.lists(st.tuples(st.floats(0, 1), st.integers(0, 255)), max_size=6),
    near_header=st.booleans(),
    keep=st.floats(0.2, 1),
)
def test_a_mutated_file_is_read_or_refused_and_nothing_else(
    whole: bytes, changes: list[tuple[float, int]], near_header: bool, keep: float
) -> None:
    data = bytearray(whole[: max(1, round(len(whole) * keep))])
    reach = min(len(data), 700) if near_header else len(data)
    for place, value in changes:
        data[min(len(data) - 1, int(place * reach))] = value
    started = time.perf_counter()
    try:
        pixels = decode(bytes(data), name="mutant").pixels
    except PhotoError:
        pass
    else:
        assert pixels.ndim == 3 and pixels.shape[2] == 3
    assert time.perf_counter() - started < 10
