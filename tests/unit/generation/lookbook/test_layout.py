"""Where garments stand on the board, and how large."""

from __future__ import annotations

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.generation.lookbook.layout import (
    USUAL_HEIGHT,
    Area,
    Piece,
    arrange,
    centimetre,
    measure,
    palette,
)
from shared.contracts.vocabulary import CATEGORIES
from tests.samples import wardrobe

AREA = Area(x=100, y=200, width=1200, height=1200, gap=60, caption=80, narrowest=200)
PIECES = st.builds(
    Piece,
    category=st.sampled_from(CATEGORIES),
    width=st.floats(10, 160),
    height=st.floats(20, 150),
    finest=st.floats(0.5, 50),
)


def piece(category: str, width: float = 50.0) -> Piece:
    return Piece(category, width, USUAL_HEIGHT[category], 100.0)


def test_each_category_has_a_usual_height():
    assert set(USUAL_HEIGHT) == set(CATEGORIES)


@given(st.lists(PIECES, min_size=1, max_size=6))
def test_garments_keep_their_proportions_and_stay_apart(pieces):
    slots = arrange(pieces, AREA)
    scale = slots[0].height / pieces[0].height
    for one, slot in zip(pieces, slots, strict=True):
        assert slot.height == pytest.approx(one.height * scale)
        assert slot.width == pytest.approx(one.width * scale)
        assert scale <= one.finest + 1e-9
        assert slot.x >= AREA.x - 1e-6
        assert slot.x + slot.width <= AREA.x + AREA.width + 1e-6
        assert slot.y >= AREA.y - 1e-6
        assert slot.y + slot.height + AREA.caption <= AREA.y + AREA.height + 1e-6
    for a, b in combinations(slots, 2):
        beside = a.x + a.width <= b.x + 1e-6 or b.x + b.width <= a.x + 1e-6
        below = (
            a.y + a.height + AREA.caption <= b.y + 1e-6
            or b.y + b.height + AREA.caption <= a.y + 1e-6
        )
        assert beside or below


def test_a_coat_stands_left_of_what_is_worn_below_it():
    trousers, coat, shirt = arrange(
        [piece("trousers"), piece("long_sleeved_outwear"), piece("long_sleeved_shirt")], AREA
    )
    assert coat.x < shirt.x
    assert shirt.x < trousers.x or shirt.y < trousers.y


def test_the_order_in_which_pieces_are_named_does_not_move_them():
    pieces = [piece("skirt"), piece("vest"), piece("long_sleeved_outwear")]
    assert set(arrange(pieces, AREA)) == set(arrange(pieces[::-1], AREA))


def test_garments_of_one_photo_share_its_scale():
    garments = wardrobe.analysis(wardrobe.photo_bytes()).garments
    scale = centimetre(garments)
    top, trousers = (measure(g, pixels_per_cm=scale, sharp=4) for g in garments)
    seen = (garments[0].box[3] - garments[0].box[1]) / (garments[1].box[3] - garments[1].box[1])
    assert top.height / trousers.height == pytest.approx(seen, rel=0.01)


def test_a_half_hidden_garment_is_not_shown_tiny():
    top = wardrobe.analysis(wardrobe.photo_bytes()).garments[0]
    hidden = top.model_copy(update={"box": (70, 60, 170, 70)})
    assert measure(hidden, pixels_per_cm=2, sharp=4).height == 0.6 * USUAL_HEIGHT[top.category]


def test_a_box_around_nothing_breaks_nothing():
    top = wardrobe.analysis(wardrobe.photo_bytes()).garments[0]
    flat = top.model_copy(update={"box": (10, 10, 10, 10)})
    assert arrange([measure(flat, pixels_per_cm=centimetre([flat]), sharp=4)], AREA)


def test_the_palette_starts_with_what_covers_most_and_names_no_colour_twice():
    top, trousers = wardrobe.analysis(wardrobe.photo_bytes()).garments
    swatches = palette([trousers, top, top])
    assert [swatch.name for swatch in swatches] == ["denim blue", "almost black"]
    assert palette([]) == ()
