"""The rule calls a colour what people call it."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from shared.basic_colors import basic_of
from shared.contracts.vocabulary import BASIC_COLORS
from shared.lab import srgb_to_lab

with Path(__file__).with_name("basic_pairs.csv").open(encoding="utf-8") as file:
    PAIRS = [(row["name"], row["hex"], row["basic"]) for row in csv.DictReader(file)]

DISPUTED = {"slate gray", "cool gray"}
"""Called blue: washed denim has the same colour, and people wear more denim than slate."""


def basic(*colors: str) -> list[str]:
    rgb = np.frombuffer(bytes.fromhex("".join(colors)), np.uint8).reshape(-1, 3)
    return [BASIC_COLORS[index] for index in basic_of(srgb_to_lab(rgb))]


def test_the_table_covers_every_basic_colour_and_was_not_trimmed():
    assert len(PAIRS) >= 190
    assert min(Counter(expected for _, _, expected in PAIRS).values()) >= 7
    assert {expected for _, _, expected in PAIRS} == set(BASIC_COLORS)


@pytest.mark.parametrize("expected", BASIC_COLORS)
def test_a_colour_is_called_what_people_call_it(expected):
    pairs = [(name, code) for name, code, word in PAIRS if word == expected]
    found = dict(zip(pairs, basic(*(code for _, code in pairs)), strict=True))
    wrong = {pair: word for pair, word in found.items() if word != expected}
    assert {name for name, _ in wrong} <= DISPUTED, wrong


def test_every_colour_has_a_basic_colour():
    steps = np.arange(0, 256, 5, dtype=np.uint8)
    grid = np.stack(np.meshgrid(steps, steps, steps), axis=-1)
    assert basic_of(srgb_to_lab(grid)).min() >= 0


@pytest.mark.parametrize(
    ("colors", "expected"),
    [
        (("1560bd", "5d7fa3", "1f2a44"), ("blue", "blue", "navy")),
        (("1c1c1e", "22283a"), ("black", "navy")),
        (("fffff0", "f5f5dc", "fff1a0"), ("white", "beige", "yellow")),
        (("d2b48c", "c19a6b", "6f4e37"), ("beige", "brown", "brown")),
        (("67694a", "c3b091"), ("green", "beige")),
    ],
    ids=["washes of denim", "black and navy", "off-whites", "tan to coffee", "two khakis"],
)
def test_neighbours_in_a_wardrobe_are_told_apart(colors, expected):
    assert tuple(basic(*colors)) == expected
