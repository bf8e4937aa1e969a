"""Typing errors mended towards the lexicon, and only where no ordinary word is meant."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Final

from rapidfuzz import process
from rapidfuzz.distance import OSA

from services.gateway.chat.understanding.lexicon import Lexicon
from services.gateway.chat.understanding.matching import HANGING
from services.gateway.chat.understanding.tokens import ENGLISH_FRAME, Token, plain_form

_SHORTEST: Final = 5
_LONG: Final = 8
_SHORTEST_NOUN: Final = 3
_ORDINARY: Final = Path(__file__).parent / "ordinary.txt"
_WORD_START: Final = r"(?<![가-힣])"


def respelled(text: str, slips: dict[str, str]) -> str:
    """Return Korean `text` with the lexicon's slips put right, at the beginning of words only."""
    pattern = _slips(tuple(slips))
    return pattern.sub(lambda match: slips[match[0]], text) if pattern else text


@lru_cache(maxsize=4)
def _slips(wrong: tuple[str, ...]) -> re.Pattern[str] | None:
    if not wrong:
        return None
    parts = [
        re.escape(slip) + (r"(?![가-힣])" if len(slip) == 1 else "")
        for slip in sorted(wrong, key=len, reverse=True)
    ]
    return re.compile(_WORD_START + f"(?:{'|'.join(parts)})")


def mended(tokens: Sequence[Token], lexicon: Lexicon) -> list[Token]:
    """Return `tokens` with English words as the lexicon spells them, and Korean nouns likewise."""
    slips = lexicon.spelling["en"]
    found = []
    for token in tokens:
        form = token.form
        if token.tag == "SL":
            slip = slips.get(form)
            form = plain_form(slip) if slip else _nearest(form, lexicon.words)
        elif token.unknown and len(form) >= _SHORTEST_NOUN:
            form = _nearest_noun(form, lexicon.nouns)
        found.append(token if form is token.form else token._replace(form=form))
    return found


@lru_cache(maxsize=8192)
def _nearest(word: str, known: frozenset[str]) -> str:
    """Return the lexicon's word that `word` misspells, or `word`.

    One slip in a word of five to seven letters, two from eight; the first letter must be right.
    """
    if len(word) < _SHORTEST or not word.isalpha() or not word.isascii() or word in _ordinary():
        return word
    forms = _forms(known)
    if word in forms or word in known:
        return word
    best = process.extractOne(
        word,
        forms,
        scorer=OSA.distance,
        score_cutoff=2 if len(word) >= _LONG else 1,
    )
    return best[0] if best is not None and best[0][0] == word[0] else word


@lru_cache(maxsize=8192)
def _nearest_noun(noun: str, known: frozenset[str]) -> str:
    """Return `noun`, which Kiwi does not know, with its beginning as the lexicon spells it.

    One letter of a syllable may be wrong: "원피수", "트랜치코트", "스커틑추천".
    """
    if noun in known:
        return noun
    forms = _noun_letters(known)
    for length in range(len(noun), _SHORTEST_NOUN - 1, -1):
        if length < len(noun) and noun[length:] not in HANGING:
            continue
        letters = _letters(noun[:length])
        best = process.extractOne(letters, forms.keys(), scorer=OSA.distance, score_cutoff=1)
        if best is not None and abs(len(best[0]) - len(letters)) <= 1:
            return forms[best[0]] + noun[length:]
    return noun


@lru_cache(maxsize=2)
def _noun_letters(known: frozenset[str]) -> dict[str, str]:
    return {_letters(noun): noun for noun in sorted(known) if len(noun) >= _SHORTEST_NOUN}


def _letters(noun: str) -> str:
    """Return the letters of Hangul syllables, so that a slip of one is a distance of one."""
    return unicodedata.normalize("NFD", noun)


@lru_cache(maxsize=2)
def _forms(known: frozenset[str]) -> tuple[str, ...]:
    forms = {plain_form(word) for word in known} | ENGLISH_FRAME
    return tuple(sorted(form for form in forms if len(form) >= _SHORTEST - 1 and form.isalpha()))


@lru_cache(maxsize=1)
def _ordinary() -> frozenset[str]:
    """Return ordinary words that lie within a slip of a word of the lexicon."""
    return frozenset(_ORDINARY.read_text(encoding="utf-8").split())
