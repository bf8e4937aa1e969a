"""Prompts for SDXL: weights in brackets, and windows that lose nothing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.generation.sdxl.prompt import WINDOW, Phrase, parse, windows_of

COMMA = 7


@pytest.mark.parametrize(
    ("prompt", "phrases"),
    [
        ("a white shirt", [("a white shirt", 1.0)]),
        ("a, (detailed skin:1.2), b", [("a, ", 1.0), ("detailed skin", 1.2), (", b", 1.0)]),
        ("(x) y", [("x", 1.1), (" y", 1.0)]),
        ("[x]", [("x", 1 / 1.1)]),
        ("((x:1.2) y:1.5)", [("x", 1.2 * 1.5), (" y", 1.5)]),
        ("ratio 3:4, time 10:30", [("ratio 3:4, time 10:30", 1.0)]),
        (r"a \(b\)", [("a (b)", 1.0)]),
        ("an (open bracket", [("an open bracket", 1.0)]),
        ("closed) too often]", [("closed) too often]", 1.0)]),
        ("(x:9)", [("x", 2.0)]),
        ("", []),
    ],
)
def test_brackets_weigh_what_is_in_them(prompt: str, phrases: list[tuple[str, float]]) -> None:
    found = [(phrase.text, pytest.approx(phrase.weight)) for phrase in parse(prompt)]
    assert found == phrases


@given(st.text(max_size=80))
def test_nothing_that_someone_types_is_lost_or_fails(prompt: str) -> None:
    drawn = "".join(phrase.text for phrase in parse(prompt))
    letters = [letter for letter in prompt if letter.isalpha()]
    assert [letter for letter in drawn if letter.isalpha()] == letters
    assert all(phrase.weight >= 0 for phrase in parse(prompt))


@given(st.lists(st.integers(0, 20), max_size=400))
def test_windows_hold_every_token_in_order(tokens: list[int]) -> None:
    windows = windows_of([(token, 1.0) for token in tokens], comma=COMMA)
    assert [token for window in windows for token, _ in window] == tokens
    assert windows
    assert all(len(window) <= WINDOW for window in windows)


def test_a_phrase_is_not_cut_where_a_comma_is_near() -> None:
    tokens = [(1, 1.0)] * 70 + [(COMMA, 1.0)] + [(2, 1.0)] * 20
    first, second = windows_of(tokens, comma=COMMA)
    assert first[-1][0] == COMMA
    assert {token for token, _ in second} == {2}


def test_phrases_of_the_same_weight_are_one() -> None:
    assert parse("a (b:1.0) c") == [Phrase("a b c", 1.0)]
