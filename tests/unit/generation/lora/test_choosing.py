"""Which photos may be learned from: licence, season, sharpness, one person, no duplicate."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pytest
from PIL import Image, ImageFilter

from services.generation.lora.choosing import (
    ALLOWED,
    LeftOutError,
    Rights,
    Seen,
    allowed,
    blur_of,
    season_of,
    several_people,
)
from shared.contracts.garments import Garment, Rle


@pytest.mark.parametrize(
    "licence",
    ["own", "CC0", "CC0 1.0 Universal", "cc-by-4.0", "CC BY 4.0", "CC BY", "MIT", "Apache-2.0",
     "CC BY 4.0 https://creativecommons.org/licenses/by/4.0/", "Public Domain Mark",
     "https://creativecommons.org/publicdomain/zero/1.0/"],
)  # fmt: skip
def test_free_licences_are_allowed(licence):
    assert allowed([Rights("here", licence)], ALLOWED).licence == licence


@pytest.mark.parametrize(
    "licence",
    ["CC BY-NC 4.0", "cc-by-nc-sa-4.0", "CC BY-ND 4.0", "CC BY-SA 4.0", "author's own",
     "https://creativecommons.org/licenses/by-nc/4.0/", "all rights reserved", "mitigated"],
)  # fmt: skip
def test_other_licences_are_left_out(licence):
    with pytest.raises(LeftOutError) as caught:
        allowed([Rights("here", licence)], ALLOWED)
    assert caught.value.reason == "licence"


def test_the_post_whose_licence_is_allowed_counts():
    rights = [Rights("a", "author's own"), Rights("b", None), Rights("c", "CC0")]
    assert allowed(rights, ALLOWED).source == "c"
    assert allowed(rights, (*ALLOWED, "author's *")).source == "a"


@pytest.mark.parametrize("rights", [[], [Rights("here", None)], [Rights("here", "")]])
def test_a_photo_of_no_known_licence_is_left_out(rights):
    with pytest.raises(LeftOutError) as caught:
        allowed(rights, ALLOWED)
    assert caught.value.reason == "no_licence"


@pytest.mark.parametrize(
    ("month", "season"),
    [(1, "winter"), (2, "winter"), (3, "spring"), (5, "spring"), (6, "summer"), (8, "summer"),
     (9, "autumn"), (11, "autumn"), (12, "winter")],
)  # fmt: skip
def test_a_season_is_three_months(month, season):
    assert season_of(datetime(2025, month, 15, tzinfo=UTC)) == season


def scene() -> Image.Image:
    """Draw a sharp figure on a soft ground."""
    random = np.random.default_rng(1)
    ground = Image.fromarray(random.integers(0, 255, (64, 48, 3), np.uint8))
    page = ground.resize((480, 640), Image.Resampling.BICUBIC)
    cloth = random.integers(0, 255, (400, 200, 3), np.uint8)
    page.paste(Image.fromarray(cloth), (140, 120))
    return page


def test_blur_grows_with_blurring():
    photo = scene()
    measured = [
        blur_of(np.asarray(photo.filter(ImageFilter.GaussianBlur(radius))))
        for radius in (0, 1, 2, 4)
    ]
    assert measured == sorted(measured)
    assert measured[0] < 0.3 and measured[2] > 0.5


def test_a_soft_street_behind_a_sharp_person_is_not_blur():
    assert blur_of(np.asarray(scene())) < 0.3


@pytest.mark.parametrize("value", [0, 128, 255])
def test_an_empty_picture_counts_as_blurred(value):
    assert blur_of(np.full((300, 200, 3), value, np.uint8)) == 1.0


def garment(category: str, box: tuple[float, float, float, float], area: int) -> Garment:
    return Garment(
        category=category, score=0.9, box=box, mask=Rle(size=(1, 1), counts="0"), area=area
    )


def test_two_pairs_of_trousers_side_by_side_are_two_people():
    left = garment("trousers", (0, 0, 100, 300), 20_000)
    right = garment("skirt", (150, 0, 250, 250), 15_000)
    assert several_people([left, right])
    assert not several_people([left])


def test_a_passer_by_and_a_dress_over_trousers_are_one_person():
    worn = garment("trousers", (0, 0, 100, 300), 20_000)
    assert not several_people([worn, garment("trousers", (150, 0, 180, 80), 1_500)])
    assert not several_people([worn, garment("vest_dress", (0, -100, 110, 150), 18_000)])


def test_a_copy_is_told_and_another_photo_is_not():
    seen = Seen((10, 60))
    photo = np.asarray(scene())
    seen.hashes.append(seen.fingerprint(photo))
    smaller = np.asarray(scene().resize((240, 320)))
    with pytest.raises(LeftOutError) as caught:
        seen.fingerprint(smaller)
    assert caught.value.reason == "near"
    seen.fingerprint(photo[:, ::-1].copy())
