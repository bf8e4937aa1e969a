"""A finished picture is a little crisper, of the asked form, and the same every time."""

from __future__ import annotations

from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from services.generation.finishing import FORMATS, SIZES, Finish, Tone, encode, finish
from services.generation.finishing.finishing import measure_tone
from services.generation.review.picture import blur_of
from shared.imaging import decode


def picture(low: int = 40, high: int = 215) -> np.ndarray:
    small = np.random.default_rng(4).integers(low, high, (24, 16, 3), dtype=np.uint8)
    return np.asarray(Image.fromarray(small).resize((128, 192), Image.Resampling.BICUBIC))


def opened(data: bytes) -> Image.Image:
    image = Image.open(BytesIO(data))
    image.load()
    return image


def test_the_same_pixels_give_the_same_file():
    first, second = (finish(picture(), Finish(scale=1.5)) for _ in range(2))
    for form in FORMATS:
        assert encode(first.pixels, format=form) == encode(second.pixels, format=form)


def test_a_finished_picture_is_crisper_and_not_shifted():
    plain = picture()
    crisp = finish(plain, Finish(tone=0)).pixels
    assert blur_of(crisp) < blur_of(plain)
    assert np.abs(crisp.mean(axis=(0, 1)) - plain.mean(axis=(0, 1))).max() < 1


def test_a_flat_picture_gains_contrast_and_a_dark_one_stays_dark():
    flat = finish(picture(60, 190), Finish(sharpen=0)).pixels
    assert flat.max() > picture(60, 190).max() and flat.min() < picture(60, 190).min()
    dark = finish(picture(0, 60), Finish(sharpen=0)).pixels
    assert dark.max() < 75


def test_nothing_is_done_where_nothing_is_asked():
    plain = picture()
    assert np.array_equal(finish(plain, Finish(sharpen=0, tone=0)).pixels, plain)


def test_what_an_edit_left_alone_looks_alike_with_its_parents_tone():
    parent = picture()
    edited = parent.copy()
    edited[:40] = 0
    before = finish(parent, Finish())
    after = finish(edited, Finish(), tone=before.tone)
    assert np.array_equal(before.pixels[60:], after.pixels[60:])
    assert measure_tone(edited, share=0.5) != before.tone


@pytest.mark.parametrize("scale", [0.5, 1.0, 2.0])
def test_a_picture_is_enlarged_by_the_asked_factor(scale):
    done = finish(picture(), Finish(scale=scale))
    assert done.pixels.shape == (round(192 * scale), round(128 * scale), 3)
    assert done.facts["upscaler"] == "lanczos"


class Doubling:
    name = "doubling-1"

    def enlarge(self, pixels: np.ndarray) -> np.ndarray:
        return pixels.repeat(2, axis=0).repeat(2, axis=1)


def test_a_model_enlarges_and_the_resampler_meets_the_asked_size():
    done = finish(picture(), Finish(scale=1.5), upscaler=Doubling())
    assert done.pixels.shape == (288, 192, 3)
    assert done.facts["upscaler"] == "doubling-1"


@pytest.mark.parametrize("form", FORMATS)
def test_every_format_is_what_it_says(form):
    image = opened(encode(picture(), format=form))
    assert FORMATS[form] == Image.MIME[image.format]
    assert np.abs(np.asarray(image.convert("RGB"), float) - picture()).mean() < 6


def test_png_keeps_every_pixel_and_its_story_in_every_language():
    data = encode(picture(), metadata={"mapsi": '{"prompt": "하얀 자켓"}', "seed": "7"})
    assert opened(data).text == {"mapsi": '{"prompt": "하얀 자켓"}', "seed": "7"}
    assert np.array_equal(decode(data, name="x").pixels, picture())


@pytest.mark.parametrize("size", SIZES)
def test_a_named_size_is_never_larger_than_its_name_nor_than_the_picture(size):
    large = np.asarray(Image.fromarray(picture()).resize((800, 1200)))
    most = SIZES[size] or 1200
    assert max(opened(encode(large, format="webp", size=size)).size) == most
    assert opened(encode(picture(), size="large")).size == (128, 192)


def test_a_tone_maps_its_ends_to_black_and_white():
    gray = np.array([[[20] * 3, [120] * 3, [230] * 3]], np.uint8).repeat(8, axis=0)
    done = finish(gray, Finish(sharpen=0), tone=Tone(20, 230)).pixels
    assert (done[0, 0, 0], done[0, 2, 0]) == (0, 255)
