"""Captions say what is seen, in the words of the prompts."""

from __future__ import annotations

from services.generation.lora.captions import write_caption
from services.generation.prompts import compose
from shared.contracts.garments import Color, Garment, Rle
from shared.contracts.generation import LookWish, Scene, WornGarment


def garment(category, hex_color, basic, *, pattern="solid", score=0.9, area=1000):
    color = Color(name=basic, name_ko="", basic=basic, hex=hex_color, share=0.9)
    return Garment(
        category=category, score=score, box=(0, 0, 10, 10), mask=Rle(size=(1, 1), counts="0"),
        area=area, pattern=pattern, colors=(color,),
    )  # fmt: skip


SHIRT = garment("long_sleeved_shirt", "#ffffff", "white", pattern="striped")
SKIRT = garment("skirt", "#000435", "navy")
COAT = garment("long_sleeved_outwear", "#c69f59", "brown")


def test_a_caption_names_what_is_worn_outermost_first():
    styles = {"casual": 0.5, "street": 0.5 - 1e-9}
    said = write_caption([SKIRT, SHIRT, COAT], styles, season="winter", person="women")
    assert said == (
        "a korean woman wearing a camel coat, a white striped long sleeve shirt and "
        "a dark navy blue skirt, casual style, in winter"
    )


def test_a_caption_is_what_a_prompt_of_the_same_look_says():
    wish = LookWish(
        backend="sdxl",
        wear=(WornGarment(category="skirt", color="navy", hex="#000435"),),
        scene=Scene(gender="men", style="street", season="summer"),
    )
    said = write_caption([SKIRT], {"street": 0.6}, season="summer", person="men")
    assert f" {said}," in compose(wish).prompt


def test_what_is_unsure_is_not_said():
    unsure = garment("shorts", "#ff0000", "red", score=0.4)
    flat = dict.fromkeys(("casual", "feminine", "minimal", "modern", "street", "vintage"), 1 / 6)
    said = write_caption([SHIRT, unsure], flat, season=None, person="any")
    assert said == "a korean person wearing a white striped long sleeve shirt"


def test_the_larger_of_two_tops_is_the_persons():
    passer_by = garment("vest", "#ff0000", "red", area=50)
    assert "red" not in write_caption([passer_by, SHIRT], {}, season=None, person="any")


def test_a_garment_without_a_colour_is_still_named():
    bare = SKIRT.model_copy(update={"colors": (), "pattern": None})
    said = write_caption([bare], {}, season=None, person="any")
    assert said == "a korean person wearing a skirt"
