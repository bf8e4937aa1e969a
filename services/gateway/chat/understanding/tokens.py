"""A message as words: Korean morphemes, English words in their plain form. Pure but for Kiwi."""

from __future__ import annotations

import re
import threading
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from kiwipiepy import Kiwi


def words(text: str) -> frozenset[str]:
    """Return the words of `text`: the form in which this package writes long lists."""
    return frozenset(text.split())


_IRREGULAR: Final = {
    "men": "man",
    "women": "woman",
    "colour": "color",
    "colours": "color",
    "coloured": "colored",
    "grey": "gray",
    "greys": "gray",
    "favourite": "favorite",
    "favourites": "favorite",
    "clothes": "clothes",
    "scarves": "scarf",
    "children": "child",
    "people": "people",
    "wore": "wear",
    "worn": "wear",
    "wearing": "wear",
    "wears": "wear",
    "travelling": "travel",
    "traveling": "travel",
}
# Their plain form is another word, or none.
_KEPT: Final = words(
    "shorts checks jeans glasses clothes this is was has does as us yes its whats thats lets "
    "hes shes theres heres wheres hows whos always perhaps less dress plus bus gas news "
    "christmas business famous gorgeous various previous serious curious pros ours yours hers "
    "theirs across stylish overseas mens womens sports kids"
)
ENGLISH_FRAME: Final = words(
    "i im ill id ive me my mine you your u ur we our they them it its this that these those a "
    "an the is are am was be been do does did dont doesnt can could should would will wont cant "
    "and or but not no with without for to in on at of from by as if so what whats which who "
    "how when where why hi hello hey thanks thank please find need want show give make help "
    "some any something anything instead like look looking have has got let lets just more less "
    "too"
)
_ENGLISH_WORD: Final = re.compile(
    r"(?P<SL>[A-Za-z0-9]*[A-Za-z][A-Za-z0-9]*(?:'[A-Za-z]+)?)|(?P<SN>\d[\d,.]*\d|\d)"
    r"|(?P<SP>[,/;:])|(?P<SF>[.?!]+|\n)|(?P<IC>[ㄱ-ㅎㅏ-ㅣ]+)|(?P<SW>[^\s\w])"
)
# Kiwi reads "꽃무늬 치마" as "…하지 마" now and then.
_NOUNS: Final = (
    "치마",
    "웜톤",
    "쿨톤",
    "하객룩",
    "꾸안꾸",
    "퍼컬",
    "민소매",
    "끈나시",
    "오피스룩",
    "손민수",
)
_HANGUL_SYLLABLE: Final = re.compile(r"[가-힣]")
_LOCK: Final = threading.Lock()
_loaded: list[Kiwi] = []


class Token(NamedTuple):
    """One morpheme or word.

    ``form`` is the morpheme, or the English word in its plain form; ``tag`` Kiwi's part of speech
    (``SL``: a Latin word); ``start`` and ``end`` its place in the text; ``unknown``: Kiwi guessed.
    """

    form: str
    tag: str
    start: int
    end: int
    unknown: bool = False


@lru_cache(maxsize=8192)
def plain_form(word: str) -> str:
    """Return an English word in lower case, without apostrophe and plural s."""
    word = word.lower()
    stem, apostrophe, ending = word.partition("'")
    if apostrophe:
        word = stem if ending == "s" and stem + "s" not in _KEPT else stem + ending
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    if (
        word in _KEPT
        or len(word) < 4
        or not word.endswith("s")
        or word.endswith(("ss", "us", "is"))
    ):
        return word
    if word.endswith("ies") and len(word) > 5:
        return word[:-3] + "y"
    if word.endswith(("sses", "xes", "ches", "shes", "zes")):
        return word[:-2]
    return word[:-1]


def kiwi() -> Kiwi:
    """Return the one Kiwi of this process, loaded on the first call.

    Without its dictionaries of proper names it takes half the memory and loads in a third of
    the time, and reads clothes no worse.
    """
    if not _loaded:
        with _LOCK:
            if not _loaded:
                from kiwipiepy import Kiwi

                made = Kiwi(load_default_dict=False, load_multi_dict=False)
                for noun in _NOUNS:
                    made.add_user_word(noun, "NNG", 3)
                made.tokenize("")
                _loaded.append(made)
    return _loaded[0]


def tokenize(text: str) -> list[Token]:
    """Return the words of `text`, in order; endings and particles are words of their own."""
    if text.isascii() or _HANGUL_SYLLABLE.search(text) is None:
        return [
            Token(
                plain_form(match[0]) if match.lastgroup == "SL" else match[0],
                match.lastgroup or "SW",
                match.start(),
                match.end(),
            )
            for match in _ENGLISH_WORD.finditer(text)
        ]
    return _with_whole_latin_words(text)


def _with_whole_latin_words(text: str) -> list[Token]:
    """Return Kiwi's morphemes; "Y2K" and "don't" stay whole, which Kiwi takes to pieces."""
    latin = {
        match.start(): match for match in _ENGLISH_WORD.finditer(text) if match.lastgroup == "SL"
    }
    found: list[Token] = []
    until = 0
    for token in kiwi().tokenize(text):
        start, tag = token.start, token.tag
        if start < until:
            continue
        if start in latin and tag[0] == "S":
            until = latin[start].end()
            found.append(Token(plain_form(latin[start][0]), "SL", start, until))
        else:
            found.append(Token(token.form, tag, start, start + token.len, token.oov))
    return found
