"""Every sentence of the chat in both languages, with whatever may stand in it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from string import Formatter

import pytest

from services.gateway.chat.wording.phrases import PHRASES, say
from services.gateway.chat.wording.words import (
    Count,
    Word,
    listed,
    percent,
    signed_percent,
    within,
    won,
)

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


COUNTED = ("look", "week", "outfit", "item", "question")
WORDS = ("apple", "autumn", "outer", "minimal", "봄", "바지", "가을 룩", "12.5%", "원피스")


def rendered(language: str, **kinds: object) -> Iterator[tuple[str, str]]:
    """Yield each sentence, with the values of ``kinds`` by what their names say."""
    for key, (korean, english) in PHRASES.items():
        names = fields_of(korean if language == "ko" else english)
        values = {name: kinds["count"] if name in COUNTS else kinds["word"] for name in names}
        yield key, say(key, language, **values)


COUNTS = ("count", "looks", "weeks", "missing", "needed", "number", "total", "before_looks",
          "before_total")  # fmt: skip


@pytest.mark.parametrize("word", WORDS)
@pytest.mark.parametrize("count", [0, 1, 2, 21, 1_234])
def test_english_numbers_and_articles_agree(count: int, word: str) -> None:
    for key, told in rendered("en", count=count, word=word):
        assert not re.search(r"\ba [aeiou]|\ban [^aeiou]", told), (key, told)
        one = re.search(rf"(?<![\d,])1 [a-z ]*\b({'|'.join(COUNTED)})s\b", told)
        many = re.search(rf"\b(0|2|21|1,234) ([a-z]+ )?({'|'.join(COUNTED)})\b", told)
        assert not one and not many, (key, told)


@pytest.mark.parametrize("word", WORDS)
def test_korean_particles_fit_what_stands_before_them(word: str) -> None:
    closed = (ord(word[-1]) - 0xAC00) % 28 > 0 if "가" <= word[-1] <= "힣" else None
    for key, told in rendered("ko", count=1, word=word):
        for after in ("은", "을", "이", "으로"):
            wrong = closed is False and re.search(rf"{re.escape(word)}{after}(?![가-힣])", told)
            assert not wrong, (key, told)
        for after in ("는", "를", "가", "로"):
            wrong = closed is True and re.search(rf"{re.escape(word)}{after}(?![가-힣])", told)
            rieul = after == "로" and (ord(word[-1]) - 0xAC00) % 28 == 8
            assert not wrong or rieul, (key, told)


def test_no_korean_particle_is_fixed_behind_a_word_that_changes() -> None:
    for key, (korean, _) in PHRASES.items():
        fixed = re.findall(
            r"\{(\w+)\}(?:은|는|이|가|을|를|와|과|으로|로|이에요)(?![가-힣])", korean
        )
        assert not fixed, key


@pytest.mark.parametrize("language", ["ko", "en"])
def test_nobody_is_told_addresses_or_names_of_fields(language: str) -> None:
    for key, told in rendered(language, count=3, word="바지"):
        assert not re.search(r"/v1/|\b(GET|POST|DELETE)\b|_id\b|JSON", told), key


def test_a_number_takes_its_noun() -> None:
    assert [f"{Count(n):look/looks}" for n in (0, 1, 2, 1234)] == [
        "0 looks", "1 look", "2 looks", "1,234 looks",
    ]  # fmt: skip
    assert f"{Word('autumn'):a/an}, {Word('spring'):a/an}" == "an autumn, a spring"
    assert f"{Word('12.5%'):은/는}" == "12.5%는"


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
