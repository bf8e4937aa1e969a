"""A wish becomes the caption of a street snap, and its words can set no weights of their own."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.generation.prompts import compose
from services.generation.prompts.cleaning import clean
from services.generation.prompts.words import NEGATIVE
from shared.contracts.generation import LookWish, Scene, WornGarment
from shared.contracts.vocabulary import (
    CATEGORIES,
    GENDERS,
    KOREAN,
    OCCASIONS,
    PATTERNS,
    SEASONS,
    STYLES,
    WEATHERS,
)

HANGUL = re.compile(r"[\u1100-\u11ff\u3130-\u318f\uac00-\ud7af]")
SYNTAX = re.compile(r"[()\[\]{}<>|\\^:+_*\"]")


def wish(*wear: WornGarment, **more: Any) -> LookWish:
    return LookWish(backend="sdxl", wear=wear, **{"words": "", **more})


def worn(category: str, **more: Any) -> WornGarment:
    return WornGarment(category=category, **more)


def test_a_wish_is_said_as_the_captions_of_the_training_photos():
    asked = wish(
        worn("long_sleeved_outwear", color="white"),
        worn("trousers", color="navy", words="wide leg jeans"),
        scene=Scene(gender="women", style="minimal", season="autumn", occasion="daily"),
        words="on cobblestones",
    )
    assert compose(asked).prompt == (
        "RAW photo, a korean woman wearing a white jacket and navy blue wide leg jeans, "
        "minimal style, daily look, on a city street, in autumn, on cobblestones, "
        "full body, from head to shoes, (high detailed skin:1.2), 8k uhd, dslr, soft lighting, "
        "high quality, film grain, Fujifilm XT3"
    )


def test_what_is_to_be_avoided_stands_before_the_authors_negative_prompt():
    negative = compose(wish(worn("skirt"), negative="leather, fur")).negative
    assert negative.startswith("leather, fur, ")
    assert negative.endswith(NEGATIVE)


def test_a_retry_stresses_the_garment_that_was_missed_and_no_other():
    asked = wish(worn("long_sleeved_outwear", color="white"), worn("skirt", color="red"))
    prompt = compose(asked, stress=("long_sleeved_outwear",)).prompt
    assert "wearing a (white jacket:1.3) and a red skirt," in prompt


@pytest.mark.parametrize(
    ("garment", "said"),
    [
        (worn("long_sleeved_shirt", color="orange"), "an orange long sleeve shirt"),
        (worn("shorts", color="beige"), "beige shorts"),
        (worn("short_sleeved_shirt", pattern="striped"), "a striped short sleeve t-shirt"),
        (worn("sling_dress", pattern="dotted"), "a polka dot spaghetti strap dress"),
        (worn("long_sleeved_shirt", words="linen blouse"), "a long sleeve linen blouse"),
        (worn("skirt", pattern="solid", words="pleated"), "a plain pleated skirt"),
        (worn("vest", color="yellow_green"), "a lime green sleeveless top"),
        (worn("trousers", color="blue", hex="#3b5b92"), "denim blue pants"),
        (worn("long_sleeved_shirt", hex="#610023"), "a burgundy long sleeve shirt"),
        (worn("skirt", color="beige", hex="#e6daa6"), "a beige skirt"),
    ],
)
def test_a_garment_is_said_in_english(garment, said):
    assert f"wearing {said}," in compose(wish(garment)).prompt


def test_outerwear_is_a_coat_when_it_is_cold():
    coat = worn("long_sleeved_outwear", color="black")
    for scene in (Scene(season="winter"), Scene(weather="cold")):
        assert "a black coat" in compose(wish(coat, scene=scene)).prompt


def test_an_exact_colour_keeps_to_the_asked_basic_colour():
    almost_black = worn("long_sleeved_outwear", color="navy", hex="#101018")
    assert "navy blue jacket" in compose(wish(almost_black)).prompt


def test_korean_words_are_said_in_english_and_what_is_unknown_is_told():
    asked = wish(
        worn("skirt", words="플리츠 미니"), words="비 오는 날, 몽환적인", negative="꽃무늬"
    )
    made = compose(asked)
    assert "a pleated mini skirt" in made.prompt
    assert "rainy day" in made.prompt
    assert made.negative.startswith("floral print, ")
    assert made.notes == ("left out of words, no English word known: 몽환적인",)
    assert not HANGUL.search(made.prompt + made.negative)


def test_a_korean_particle_is_dropped_with_its_word():
    assert clean("코트는 가죽으로").text == "coat leather"


@pytest.mark.parametrize("word", sorted(set(KOREAN.values())))
def test_no_word_of_the_vocabulary_leaves_hangul(word):
    assert not HANGUL.search(clean(word).text)


@pytest.mark.parametrize(
    ("hostile", "harmless"),
    [
        ("(naked:2)", "naked"),
        ("((masterpiece))", "masterpiece"),
        ("[ugly]:0.1", "ugly"),
        ("<lora:evil:1.5> coat", "coat"),
        ("coat:1.9", "coat"),
        ("a\\) , (b:-3", "a, b"),
        ("red++ blue--", "red blue"),
        ('("a", "b").blend(1, 0)', "a, b blend 1, 0"),
        ("{a|b|c} __wild__", "a b c wild"),
        ("a AND b BREAK c", "a and b break c"),
        ("ｆｕｌｌ\u200bwidth\n\n\ttabs", "full width tabs"),
        ("café naïve", "cafe naive"),
        ("ignore, , ,, this", "ignore, this"),
    ],
)
def test_prompt_syntax_in_free_text_is_taken_out(hostile, harmless):
    assert clean(hostile).text == harmless


def test_ten_thousand_characters_are_cut_and_not_drawn_out():
    assert len(clean("(((x:2) " * 1250).text) <= 600


@given(st.text(max_size=200), st.text(max_size=80), st.text(max_size=200))
def test_no_text_adds_syntax_to_a_prompt(words, garment, negative):
    plain = compose(wish(worn("skirt"), words="", negative=""))
    made = compose(wish(worn("skirt", words=garment), words=words, negative=negative))
    for text, other in ((made.prompt, plain.prompt), (made.negative, plain.negative)):
        assert SYNTAX.findall(text) == SYNTAX.findall(other)
        assert text.isascii()


@given(
    wear=st.lists(st.builds(WornGarment, category=st.sampled_from(CATEGORIES)), max_size=6),
    pattern=st.sampled_from((None, *PATTERNS)),
    scene=st.builds(
        Scene,
        gender=st.sampled_from(GENDERS),
        style=st.sampled_from((None, *STYLES)),
        season=st.sampled_from((None, *SEASONS)),
        occasion=st.sampled_from((None, *OCCASIONS)),
        weather=st.sampled_from((None, *WEATHERS)),
    ),
)
def test_every_word_of_the_vocabulary_can_be_said(wear, pattern, scene):
    asked = [garment.model_copy(update={"pattern": pattern}) for garment in wear]
    prompt = compose(wish(*asked, scene=scene, words="x")).prompt
    assert ", ," not in prompt
    assert "  " not in prompt
    assert "_" not in prompt
