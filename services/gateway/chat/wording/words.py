"""Words in sentences: labels, and Korean particles by the word before them. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from services.gateway.chat.domain import VALUES, Language, Slots
from shared.contracts.vocabulary import label

_FIRST: Final = 0xAC00
_LAST: Final = 0xD7A3
_FINALS: Final = 28
_RIEUL: Final = 8
"""Hangul syllables in Unicode; how many finals each may have, and which one ㄹ is."""

_DIGITS_WITH_FINAL: Final = "013678"
_DIGITS_WITH_RIEUL: Final = "178"
_LETTERS_WITH_FINAL: Final = "lmnLMN"


_ARTICLES: Final = "a/an"
_VOWELS: Final = frozenset("aeiou")


class Count(int):
    """A number of things: ``{looks}`` is "1,234", ``{looks:look/looks}`` "1 look" or "2 looks"."""

    def __format__(self, forms: str) -> str:
        number = format(int(self), ",")
        if "/" not in forms:
            return number
        one, more = forms.split("/")
        return f"{number} {one if self == 1 else more}"


class Word(str):
    """A word that takes its particle in a template: ``{style:을/를}``, ``{style:으로/로}``.

    The first form follows a final consonant, the second a vowel; after ㄹ it is 로, not 으로.
    ``{season:a/an}`` puts the English article before it.
    """

    def __format__(self, forms: str) -> str:
        if "/" not in forms:
            return super().__format__(forms)
        if forms == _ARTICLES:
            return f"{'an' if self[:1].lower() in _VOWELS else 'a'} {self}"
        closed, open_ = forms.split("/")
        final, rieul = _final_of(self)
        if closed == "으로" and rieul:
            return f"{self}{open_}"
        return f"{self}{closed if final else open_}"


def _final_of(text: str) -> tuple[bool, bool]:
    """Return whether the last sound is a consonant, and whether it is ㄹ."""
    for sign in reversed(text):
        if _FIRST <= ord(sign) <= _LAST:
            final = (ord(sign) - _FIRST) % _FINALS
            return final > 0, final == _RIEUL
        if sign == "%":
            return False, False
        if sign.isdigit():
            return sign in _DIGITS_WITH_FINAL, sign in _DIGITS_WITH_RIEUL
        if sign.isalpha():
            return sign in _LETTERS_WITH_FINAL, sign in "lL"
    return False, False


def labels(values: Iterable[str], language: Language) -> list[str]:
    """Return vocabulary words as people read them."""
    return [label(value, language) for value in values]


def listed(words: Iterable[str], language: Language) -> Word:
    """Return words as a list in a sentence: "a, b and c", "a, b, c"."""
    told = list(words)
    if language == "ko" or len(told) < 2:
        return Word(", ".join(told))
    return Word(f"{', '.join(told[:-1])} and {told[-1]}")


def said_words(said: Slots, language: Language) -> list[str]:
    """Return what slots hold as people read it, what is avoided with a "no"."""
    told = [label(value, language) for name in VALUES for value in getattr(said, name)]
    if said.budget is not None:
        told.append(within(said.budget, language))
    no = "제외: {}" if language == "ko" else "no {}"
    if said.avoid:
        told.append(no.format(listed(labels(said.avoid, language), language)))
    return told


def won(amount: int, language: Language) -> Word:
    """Return an amount of money."""
    return Word(f"{amount:,}원" if language == "ko" else f"KRW {amount:,}")


def within(amount: int, language: Language) -> str:
    """Return a budget."""
    money = won(amount, language)
    return f"{money} 이하" if language == "ko" else f"at most {money}"


def percent(share: float) -> Word:
    """Return a share in [0, 1], or a growth, with one digit: "12.5%"."""
    return Word(f"{share * 100:.1f}%")


def signed_percent(growth: float) -> Word:
    """Return a growth with its sign: "+12.5%"."""
    return Word(f"{growth * 100:+.1f}%")
