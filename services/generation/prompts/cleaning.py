"""Free text before it may stand in a prompt: English words without any prompt syntax."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Final

from services.generation.prompts.words import KOREAN_WORDS

LONGEST: Final = 600
"""Characters of free text that are read: a wish holds no more."""

_HANGUL: Final = re.compile(r"[\u1100-\u11ff\u3130-\u318f\uac00-\ud7af]+")
_OTHER_LETTERS: Final = re.compile(r"[^\W\d_a-zA-Z]+")
_TAGS: Final = re.compile(r"<[^<>]*>")
_WEIGHT: Final = re.compile(r":\s*[-+]?[0-9]*\.?[0-9]+")
_SYNTAX: Final = re.compile(r"[^a-z0-9,.'%& -]+")
_EDGES: Final = " .,'&-"
_LONGEST_KOREAN: Final = max(len(word.split()) for word in KOREAN_WORDS)


@dataclass(frozen=True)
class Clean:
    """Words that mean what they say to every backend, and what had to be left out."""

    text: str
    left_out: tuple[str, ...] = ()


def clean(text: str) -> Clean:
    """Return ``text`` as small English words, commas kept.

    Weights, brackets, LoRA tags and whatever else a prompt language may read are taken out, so
    that a person's words can change no weight but their own. Korean is translated by the
    house's vocabulary; what has no entry is left out and told, and so are other scripts.
    """
    plain = unicodedata.normalize("NFKC", text[:LONGEST])
    english, unknown = _translate(plain)
    plain = unicodedata.normalize("NFKD", english).lower()
    plain = "".join(sign for sign in plain if not unicodedata.combining(sign))
    foreign = _OTHER_LETTERS.findall(plain)
    plain = _WEIGHT.sub(" ", _TAGS.sub(" ", plain))
    plain = _SYNTAX.sub(" ", plain)
    clauses = (_clause(clause) for clause in plain.split(","))
    return Clean(", ".join(filter(None, clauses)), (*unknown, *foreign))


def _clause(clause: str) -> str:
    """Return a clause's words; signs stand between letters only, where they mean nothing."""
    return " ".join(filter(None, (word.strip(_EDGES) for word in clause.split())))


def _translate(text: str) -> tuple[str, list[str]]:
    words, unknown, at = text.split(), [], 0
    english: list[str] = []
    while at < len(words):
        for count in range(min(_LONGEST_KOREAN, len(words) - at), 0, -1):
            found = KOREAN_WORDS.get(" ".join(words[at : at + count]).strip(_EDGES))
            if found is not None:
                break
        if found is None:
            found, missed = _word(words[at])
            unknown += missed
        english.append(found + ("," if words[at + count - 1].endswith(",") else ""))
        at += count
    return " ".join(english), unknown


def _word(word: str) -> tuple[str, list[str]]:
    """Translate the Hangul in one word; a particle behind a known word is dropped with it."""
    unknown: list[str] = []

    def english(found: re.Match[str]) -> str:
        korean = found[0]
        for end in range(len(korean), 0, -1):
            if len(korean) - end <= 2 and (known := KOREAN_WORDS.get(korean[:end])):
                return f" {known} "
        unknown.append(korean)
        return " "

    return _HANGUL.sub(english, word), unknown
