"""What the lookbook decides without asking anyone: addresses, likeness, figures."""

from __future__ import annotations

from datetime import date
from io import BytesIO

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from services.gateway.catalog.alike import Wanted
from services.gateway.gallery import asking
from services.gateway.gallery.figures import draw_figure
from services.gateway.gallery.likeness import color_likeness, likeness
from services.gateway.web.look_pages import asked_looks, choices, chosen
from shared.contracts.garments import Color
from shared.contracts.vocabulary import CATEGORIES
from shared.errors import UsageError
from tests.samples import wardrobe

TODAY = date(2026, 3, 4)


def garment(category: str, code: str | None = None, at: int | None = None) -> Wanted:
    colors = (Color(name="-", name_ko="-", basic="red", hex=code, share=1.0),) if code else ()
    vector = None if at is None else np.eye(8, dtype=np.float32)[at]
    return Wanted(category, colors, vector)


GARMENTS = st.builds(
    garment,
    st.sampled_from(CATEGORIES),
    st.one_of(st.none(), st.from_regex("#[0-9a-f]{6}", fullmatch=True)),
    st.one_of(st.none(), st.integers(0, 7)),
)
LOOKS = st.lists(GARMENTS, max_size=4)


@given(LOOKS, LOOKS)
def test_likeness_is_the_same_both_ways_and_between_0_and_1(one, other):
    value = likeness(one, other)
    assert 0 <= value <= 1
    assert value == pytest.approx(likeness(other, one), abs=1e-6)


@given(st.lists(st.builds(garment, st.sampled_from(CATEGORIES), st.just("#204080"),
                          st.integers(0, 7)), min_size=1, max_size=4))  # fmt: skip
def test_a_look_is_most_like_itself(look):
    assert likeness(look, look) == pytest.approx(1, abs=1e-6)


def test_what_only_one_of_them_wears_makes_looks_less_alike():
    top, skirt = garment("sling", "#ffffff", 0), garment("skirt", "#102040", 1)
    coat = garment("long_sleeved_outwear", "#102040", 2)
    assert likeness([top, skirt], [top, skirt, coat]) == pytest.approx(2 / 3)
    assert likeness([top], [skirt]) == 0


def test_the_nearest_colours_are_compared_first():
    wanted = [garment("skirt", "#d04040"), garment("sling", "#ffffff")]
    rows = [
        ("far", "skirt", "#2040c0"), ("far", "vest", "#101010"),
        ("near", "skirt", "#d04848"), ("near", "sling", "#f8f8f8"),
        ("half", "skirt", "#d04040"),
    ]  # fmt: skip
    assert color_likeness(wanted, rows) == ["near", "half", "far"]
    assert color_likeness(wanted, []) == []


def test_a_week_or_the_last_weeks_are_asked_for():
    wanted = asking.Wanted(weeks=4)
    assert (wanted.since(TODAY), wanted.until(TODAY)) == (date(2026, 2, 9), date(2026, 3, 2))
    wanted = asking.Wanted(week=date(2026, 2, 20), weeks=4)
    assert wanted.since(TODAY) == wanted.until(TODAY) == date(2026, 2, 16)


@given(st.dates(), st.text("0123456789abcdef", min_size=64, max_size=64))
def test_a_cursor_leads_back_to_its_place(week, photo_id):
    assert asking.place_of(asking.place_to(week, photo_id)) == (week, photo_id)


@pytest.mark.parametrize("cursor", ["", "x", "WyJzdHJlZXQiLCJ4IiwieSJd", "WyJkcmF3biIsIngiLCJ5Il0"])
def test_any_other_cursor_is_refused(cursor):
    with pytest.raises(UsageError):
        asking.place_of(cursor)


def test_a_figure_has_the_garments_and_nothing_else():
    analysis = wardrobe.analysis(wardrobe.photo_bytes())
    image = Image.open(BytesIO(draw_figure(analysis, side=400)))
    pixels = np.asarray(image.convert("RGBA"))
    assert max(image.size) == 400
    solid = {tuple(color) for color in pixels[pixels[..., 3] == 255][:, :3].tolist()}
    assert {(0x1E, 0x5A, 0xAA), (0x28, 0x28, 0x30)} <= solid
    assert wardrobe.PARK not in solid
    assert pixels[0, 0, 3] == 0


def test_a_look_without_garments_is_an_empty_figure():
    analysis = wardrobe.analysis(wardrobe.photo_bytes()).model_copy(update={"garments": ()})
    pixels = np.asarray(Image.open(BytesIO(draw_figure(analysis, side=90))).convert("RGBA"))
    assert pixels[..., 3].max() == 0


def test_an_address_asks_for_looks_and_one_that_makes_no_sense_is_told():
    asked = asked_looks(
        {"kind": "drawn", "item": "top", "source": "street", "weeks": "4", "x": "y"}
    )
    assert asked.parameters == "kind=drawn&item=top&weeks=4"
    assert "source" not in choices(asked, "ko", ["street"])
    assert chosen(asked, "ko") == [("item", "상의")]
    for wrong in ({"item": "hat"}, {"weeks": "0"}, {"weeks": "x"}, {"kind": "shop"}):
        with pytest.raises(UsageError):
            asked_looks(wrong)
