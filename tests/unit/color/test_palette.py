"""A garment's palette is what a person would say of it, in shade, in sun and through a JPEG."""

from __future__ import annotations

import numpy as np
import pytest

from services.color.domain import palette
from tests.samples.cloth import SIDE, folds, linear, plain, rgb, striped, taken, worn


@pytest.fixture
def seen(names, table):
    """Look at cloth, in linear light, worn on a plain ground and photographed."""

    def look(cloth, **camera):
        light, mask = worn(cloth, **{k: camera.pop(k) for k in ("ground",) if k in camera})
        return palette(taken(light, **camera), mask, names=names, table=table)

    return look


def test_denim_stays_blue(names, table):
    photo = np.broadcast_to(rgb("3b638c"), (SIDE, SIDE, 3))
    (denim,) = palette(photo, np.ones((SIDE, SIDE), bool), names=names, table=table)
    assert (denim.name, denim.name_ko, denim.basic, denim.hex, denim.share) == (
        "denim", "데님색", "blue", "#3b638c", 1.0,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("code", "basic"),
    [
        ("f4f4f2", "white"),
        ("8c8c8e", "gray"),
        ("1a1a1c", "black"),
        ("1f2a50", "navy"),
        ("4f6d9f", "blue"),
        ("b01e28", "red"),
        ("f0a8b8", "pink"),
        ("d8c4a0", "beige"),
        ("6b4a32", "brown"),
        ("4b5a2c", "green"),
        ("e0b020", "yellow"),
        ("e8701c", "orange"),
        ("7a4a90", "purple"),
        ("0c7f86", "blue_green"),
    ],
)
@pytest.mark.parametrize("seed", [1, 2])
def test_one_cloth_in_folds_is_one_colour(seen, code, basic, seed):
    cloth = plain(code) * folds(deep=0.4, seed=seed)
    found = seen(cloth, quality=70, seed=seed)
    assert found[0].basic == basic, found
    assert found[0].share > 0.85, found


def test_a_white_shirt_with_gray_shadows_is_white(seen):
    cloth = plain("f8f8f6") * folds(deep=0.3)
    found = seen(cloth)
    assert (found[0].basic, len(found)) == ("white", 1)


def test_black_leather_with_sheen_is_black(seen):
    sheen = np.clip(folds(deep=0, seed=5) - 0.75, 0, 1) * 0.6
    found = seen(plain("161618") * folds(deep=0.5) + sheen)
    assert found[0].basic == "black", found


@pytest.mark.parametrize("width", [6, 10, 40])
def test_stripes_are_their_two_colours_and_nothing_between(seen, width):
    found = seen(striped("f4f4f2", "18181a", width=width), quality=90)
    assert {color.basic for color in found} == {"white", "black"}
    assert sum(color.share for color in found) > 0.9


def test_navy_and_white_stripes_are_not_gray(seen):
    found = seen(striped("f4f4f2", "1c2748", width=24) * folds(deep=0.6))
    assert {color.basic for color in found[:2]} == {"white", "navy"}


def test_small_print_comes_after_the_cloth(seen):
    cloth = plain("18181a")
    cloth[130:180, 120:200] = linear("e01020")
    black, red = seen(cloth)
    assert (black.basic, red.basic) == ("black", "red")
    assert 0.04 < red.share < 0.12 < black.share


def test_shares_add_up_to_at_most_one_and_are_at_most_five(names, table):
    codes = ["c00000", "00a000", "0000c0", "e0d000", "808080", "e080a0", "804000", "00a0a0"]
    photo = np.concatenate([np.broadcast_to(rgb(code), (40, SIDE, 3)) for code in codes])
    found = palette(photo, np.ones((SIDE, SIDE), bool), names=names, table=table)
    assert len(found) == 5
    assert sum(color.share for color in found) <= 1
    assert [color.share for color in found] == sorted((c.share for c in found), reverse=True)


def test_background_at_the_border_does_not_decide(names, table):
    light, mask = worn(plain("304878"), ground="d8d0c0")
    wide = np.roll(mask, 4, axis=1) | np.roll(mask, -4, axis=0) | mask
    (blue,) = palette(taken(light), wide, names=names, table=table)
    assert blue.basic == "blue"


def test_an_arm_at_the_border_is_not_the_dress(names, table):
    light, mask = worn(plain("274e37"), ground="d8d8d8")
    light[60:260, 40:56] = linear("d8a488")
    found = palette(taken(light), mask, names=names, table=table)
    assert [color.basic for color in found] == ["green"]


def test_a_skin_coloured_dress_keeps_its_colour(seen):
    (nude,) = seen(plain("d8a488"))
    assert nude.share == 1


def test_a_badly_exposed_white_shirt_is_white(names, table):
    light, mask = worn(plain("f4f4f2") * folds(deep=0.6))
    light[:30] = linear("202020")
    light[-30:] = linear("d8d8d8")
    (white,) = palette(taken(light * 0.35), mask, names=names, table=table)
    assert white.basic == "white"


def test_a_gray_card_on_a_plain_ground_stays_gray(seen):
    (gray,) = seen(plain("8c8c8c"), ground="000000")
    assert gray.basic == "gray"


@pytest.mark.parametrize("pixels", [1, 2, 5])
def test_a_mask_of_hardly_any_pixels_has_a_colour(names, table, pixels):
    mask = np.zeros((SIDE, SIDE), bool)
    mask[7, 3 : 3 + pixels] = True
    (red,) = palette(
        np.broadcast_to(rgb("e50000"), (SIDE, SIDE, 3)), mask, names=names, table=table
    )
    assert (red.name, red.share) == ("red", 1.0)


def test_an_empty_mask_has_no_colour(names, table):
    photo = np.zeros((4, 6, 3), np.uint8)
    assert palette(photo, np.zeros((4, 6), bool), names=names, table=table) == ()


def test_the_photo_is_left_as_it_was(names, table):
    photo = taken(plain("304878") * folds())
    photo.flags.writeable = False
    before = photo.copy()
    palette(photo, np.ones((SIDE, SIDE), bool), names=names, table=table)
    assert (photo == before).all()


def test_size_of_the_photo_does_not_change_the_colours(names, table):
    light, mask = worn(striped("b01e28", "f4f4f2", width=80, part=0.25))
    small = palette(taken(light), mask, names=names, table=table)
    large = palette(
        taken(light).repeat(4, axis=0).repeat(4, axis=1),
        mask.repeat(4, axis=0).repeat(4, axis=1),
        names=names,
        table=table,
    )
    assert [color.basic for color in small] == [color.basic for color in large] == ["red", "white"]
    assert large[0].share == pytest.approx(small[0].share, abs=0.02)
