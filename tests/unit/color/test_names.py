"""Every name can be shown to a Korean and an English reader, and none insults a garment."""

from __future__ import annotations

import re

import numpy as np
import pytest

from shared.contracts.vocabulary import BASIC_COLORS
from shared.lab import srgb_to_lab

RUDE = re.compile(r"shit|poo|piss|puke|vomit|barf|snot|booger|bile|diarrhea|ugly|gross|nasty|icky")


def test_every_name_has_its_own_korean_name(names):
    assert len(names.english) == len(set(names.english)) == len(names.rgb) == 892
    assert len(set(names.korean)) == len(names.korean)
    for english, korean in zip(names.english, names.korean, strict=True):
        assert re.fullmatch(r"[가-힣][가-힣 ]*[가-힣]", korean), english


@pytest.mark.parametrize(
    ("english", "korean"),
    [
        ("navy", "남색"),
        ("sky blue", "하늘색"),
        ("mustard", "겨자색"),
        ("olive", "올리브색"),
        ("brick", "벽돌색"),
        ("ivory", "상아색"),
        ("camel", "카멜색"),
        ("charcoal", "숯색"),
        ("wine", "와인색"),
        ("yellow green", "연두"),
    ],
)
def test_korean_names_are_those_that_people_say(names, english, korean):
    assert names.korean[names.english.index(english)] == korean


def test_no_name_is_vulgar_or_calls_a_garment_ugly(names):
    assert not [name for name in names.english if RUDE.search(name)]


def test_the_names_are_those_of_xkcd(names):
    known = {"denim": 0x3B638C, "camel": 0xC69F59, "black": 0, "white": 0xFFFFFF, "red": 0xE50000}
    for name, value in known.items():
        assert names.rgb[names.english.index(name)].tobytes().hex() == f"{value:06x}"


def test_a_names_own_colour_is_called_by_that_name(names):
    found = names.describe(names.lab)
    assert [index for index, _ in found] == list(range(len(names.english)))


def test_black_cloth_is_not_called_navy(names):
    ((index, basic),) = names.describe(srgb_to_lab(np.array([[22, 24, 29]], np.uint8)))
    assert basic == "black"
    assert "navy" not in names.english[index] and "blue" not in names.english[index]


def test_a_name_that_says_a_basic_colour_counts_as_that(names):
    said = {"very light pink": "pink", "medium grey": "gray", "blue green": "blue_green"}
    for name, basic in said.items():
        assert BASIC_COLORS[names.basics[names.english.index(name)]] == basic
