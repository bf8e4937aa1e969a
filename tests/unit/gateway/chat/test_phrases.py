"""Every sentence of the chat in both languages, with whatever may stand in it."""

from __future__ import annotations

from string import Formatter

import pytest

from services.gateway.chat.wording.phrases import PHRASES, say
from services.gateway.chat.wording.words import Word, listed, percent, signed_percent, within, won

EXTREMES = {
    "empty": "",
    "Korean with a final": "반소매 상의와 끈",
    "Korean without": "바지",
    "number": "1,234,567",
    "Latin": "long sleeved shirt",
    "emoji": "👗",
    "right to left": "\u202eفستان",
    "HTML": "<b onclick=x>&amp;</b>",
    "braces": "{0} {name!r}",
    "long": "가" * 5_000,
}


def fields_of(template: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(template) if name}


def test_both_languages_say_the_same_things() -> None:
    for key, (korean, english) in PHRASES.items():
        assert fields_of(korean) == fields_of(english), key
        assert korean.strip() and english.strip()


@pytest.mark.parametrize("value", EXTREMES.values(), ids=EXTREMES)
def test_every_sentence_holds_any_value_as_it_is(value: str) -> None:
    for key, (korean, english) in PHRASES.items():
        for language, template in (("ko", korean), ("en", english)):
            names = fields_of(template)
            told = say(key, language, **dict.fromkeys(names, value))
            assert value in told if names else told == template


@pytest.mark.parametrize(
    ("word", "told"),
    [
        ("미니멀", "미니멀은 미니멀을 미니멀로"),
        ("치마", "치마는 치마를 치마로"),
        ("검정", "검정은 검정을 검정으로"),
        ("100", "100은 100을 100으로"),
        ("2", "2는 2를 2로"),
        ("7", "7은 7을 7로"),
        ("top", "top는 top를 top로"),
        ("denim", "denim은 denim을 denim으로"),
        ("👗", "👗는 👗를 👗로"),
    ],
)
def test_a_particle_fits_the_word_before_it(word: str, told: str) -> None:
    template = "{w:은/는} {w:을/를} {w:으로/로}"
    assert template.format(w=Word(word)) == told


def test_numbers_read_as_people_write_them() -> None:
    assert (won(1_234_567, "ko"), won(1_234_567, "en")) == ("1,234,567원", "KRW 1,234,567")
    assert (within(50_000, "ko"), within(50_000, "en")) == ("50,000원 이하", "at most KRW 50,000")
    assert (percent(0.1234), signed_percent(-0.5), signed_percent(0.061)) == (
        "12.3%", "-50.0%", "+6.1%",
    )  # fmt: skip


def test_a_list_reads_as_one() -> None:
    assert listed(["a", "b", "c"], "en") == "a, b and c"
    assert listed(["가", "나", "다"], "ko") == "가, 나, 다"
    assert listed([], "en") == ""
