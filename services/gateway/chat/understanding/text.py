"""A message's characters made plain, and which language it is in. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from typing import Final

from services.gateway.chat.domain import Language
from services.gateway.chat.understanding.tokens import ENGLISH_FRAME, Token

READ: Final = (700, 300)
"""Of a longer message the first and the last so many characters are read."""

_LONGEST_RUN: Final = 40
_FULL_WIDTH: Final[dict[int, int | str]] = {
    **{code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)},
    0x3000: " ",
    0xFFE6: "₩",
    0x2018: "'",
    0x2019: "'",
    0x201C: '"',
    0x201D: '"',
    0x2013: "-",
    0x2014: "-",
}
_UNSEEN: Final = re.compile(r"[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufe0f\ufeff\x00-\x08]")
_REPEATED: Final = re.compile(r"(\D)\1{2,}")
_UNBROKEN: Final = re.compile(rf"(\S{{{_LONGEST_RUN}}})(?=\S)")
_LATIN_WORD: Final = re.compile(r"[A-Za-z]{2,}")
_HANGUL: Final = re.compile(r"[가-힣ㄱ-ㅎㅏ-ㅣ]")


def plain(text: str) -> str:
    """Return `text` composed (a Mac sends Hangul in parts), half-width, without unseen marks.

    A run of the same sign is cut to two, a run without spaces is broken: the cost of reading
    stays linear and bounded (see `READ`).
    """
    head, tail = READ
    if len(text) > head + tail:
        text = f"{text[:head]} {text[-tail:]}"
    if not text.isascii():
        text = unicodedata.normalize("NFC", text).translate(_FULL_WIDTH)
        text = _UNSEEN.sub("", text)
    text = _REPEATED.sub(r"\1\1", text)
    return _UNBROKEN.sub(r"\1 ", text).strip()


def has_hangul(text: str) -> bool:
    """Return whether any Hangul, letters alone included, is in `text`."""
    return not text.isascii() and _HANGUL.search(text) is not None


def language_of(text: str, tokens: Sequence[Token], default: Language) -> Language:
    """Return the language of the sentence's frame: its particles, endings and function words.

    Words of the other language inside the frame do not count; a message without words of either
    (a number, an emoji) is in the `default` language.
    """
    if not has_hangul(text):
        return "en" if _LATIN_WORD.search(text) else default
    if _LATIN_WORD.search(text) is None:
        return "ko"
    korean = english = 0.0
    for token in tokens:
        if token.tag == "SL" and token.form in ENGLISH_FRAME:
            english += 0.5 if token.form == "please" else 1
        elif token.tag[0] in "JEV" or token.tag in ("MAG", "XSV", "XSA"):
            korean += 1
        elif token.tag[0] == "N":
            korean += 0.5
    return "en" if english > korean else "ko"
