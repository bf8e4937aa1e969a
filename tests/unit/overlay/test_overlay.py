"""What a person sees of an analysis: garments marked, named and listed with their palettes."""

from __future__ import annotations

import numpy as np
import pytest

from shared.contracts.garments import Color, Garment
from shared.contracts.vocabulary import CATEGORIES, KOREAN
from shared.errors import PermanentError
from shared.fonts import font
from shared.imaging import Pixels
from shared.masks import Mask, encode_mask
from shared.overlay import draw_overlay

GRAY = np.full((400, 300, 3), 160, np.uint8)
NAVY = Color(name="navy blue", name_ko="남색", basic="navy", hex="#001146", share=0.7)
CREAM = Color(name="cream", name_ko="크림색", basic="beige", hex="#ffffc2", share=0.3)


def block(top: int, bottom: int, *, shape: tuple[int, int] = (400, 300)) -> Mask:
    mask = np.zeros(shape, np.bool_)
    mask[top:bottom, 80:220] = True
    return mask


def garment(mask: Mask, *, category: str = "skirt", colors: tuple[Color, ...] = ()) -> Garment:
    return Garment(
        category=category,
        score=0.9,
        box=(80, 0, 220, 400),
        mask=encode_mask(mask),
        area=int(mask.sum()),
        pattern="striped",
        colors=colors,
    )


def drawn(*garments: Garment, language: str = "en", pixels: Pixels = GRAY) -> np.ndarray:
    return np.asarray(draw_overlay(pixels, garments, language=language)).astype(int)


def test_photo_keeps_its_place_and_a_panel_stands_beside_it() -> None:
    picture = draw_overlay(GRAY, [garment(block(100, 300))])
    assert picture.mode == "RGB"
    assert picture.height == 400 and picture.width > 300 + 200


def test_garment_stands_out_from_its_dimmed_surroundings() -> None:
    seen = drawn(garment(block(100, 300)))
    assert seen[50, 150].mean() < 110
    assert seen[130, 150].mean() > 140


def test_outline_follows_the_mask_in_the_number_s_colour() -> None:
    seen = drawn(garment(block(100, 300)))
    red, green, blue = seen[200, 80]
    assert red > 200 and red - green > 80 and red - blue > 60


def test_each_garment_has_a_colour_of_its_own() -> None:
    seen = drawn(garment(block(20, 120)), garment(block(150, 250)), garment(block(280, 380)))
    edges = {tuple(seen[row, 80]) for row in (70, 200, 330)}
    assert len(edges) == 3


def test_palette_is_as_wide_as_its_shares() -> None:
    panel = drawn(garment(block(100, 300), colors=(NAVY, CREAM)))[:, 300:]
    widths = [(np.abs(row - (0, 17, 70)).sum(1) < 30).sum() for row in panel]
    creams = [(np.abs(row - (255, 255, 194)).sum(1) < 30).sum() for row in panel]
    assert max(widths) / (max(widths) + max(creams)) == pytest.approx(0.7, abs=0.05)


def test_both_languages_are_written() -> None:
    one = garment(block(100, 300), colors=(NAVY,))
    korean, english = drawn(one, language="ko"), drawn(one, language="en")
    assert (korean != english).any(axis=2).sum() > 300


def test_photo_without_garments_stays_as_it_is_and_says_so() -> None:
    english, korean = drawn(), drawn(language="ko")
    assert (english[:, :300] == GRAY).all()
    assert (english[:, 300:] < 60).any() and (english[:, 300:] != korean[:, 300:]).any()


def test_very_large_photo_is_shrunk_for_looking_at() -> None:
    shape = (3000, 2000)
    pixels = np.full((*shape, 3), 160, np.uint8)
    picture = draw_overlay(pixels, [garment(block(100, 2900, shape=shape))])
    assert picture.height == 1280


def test_smallest_photo_with_many_garments_is_drawn() -> None:
    shape = (32, 32)
    mask = np.ones(shape, np.bool_)
    many = [garment(mask, category=name, colors=(NAVY, CREAM)) for name in CATEGORIES]
    picture = draw_overlay(np.zeros((*shape, 3), np.uint8), many, language="ko")
    assert picture.height > 13 * 80


def test_empty_mask_is_listed_without_a_trace_on_the_photo() -> None:
    seen = drawn(garment(np.zeros((400, 300), np.bool_)))
    assert seen.shape[0] == 400


def test_photo_given_is_not_drawn_upon() -> None:
    pixels = GRAY.copy()
    draw_overlay(pixels, [garment(block(100, 300))])
    assert (pixels == GRAY).all()


def test_mask_of_another_photo_is_refused() -> None:
    other = garment(block(10, 20, shape=(500, 300)))
    with pytest.raises(PermanentError, match="300×500 pixels and the photo has 300×400"):
        draw_overlay(GRAY, [other])


@pytest.mark.parametrize("bold", [False, True])
def test_every_korean_word_can_be_written(bold: bool) -> None:
    face = font(20, bold=bold)
    missing = bytes(face.getmask("\uffff"))
    letters = {letter for word in KOREAN.values() for letter in word} | set("뷁쀓힣%·#×")
    assert not [c for c in letters - {" "} if bytes(face.getmask(c)) == missing]
