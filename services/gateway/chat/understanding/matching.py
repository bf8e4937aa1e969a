"""Finding the lexicon's forms in a message, whatever the spacing, particles and endings. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any, Final, NamedTuple

from services.gateway.chat.understanding.tokens import Token, tokenize, words

Trie = dict[str, Any]

_END: Final = ""
_PARTICLE_OR_ENDING: Final = frozenset("JE")
# What may hang on a noun without changing what it names: "겨울옷", "여행지", "운동복".
HANGING: Final = words(
    "룩 옷 복 색 톤 풍 용 템 핏 지 장 때 날 길 철 빛 티 들 님 식 계 쪽 류 짱 코디 스타일 느낌 "
    "계열 의류 의상 복장 시즌 패션 가방 신발 컬러 색상 무드 감성 하객 준비"
)
_SHORTEST_TAIL: Final = 2


class Form(NamedTuple):
    """One way to say a value; `group` is the slot, "sleeve", "cue" or "not_meant"."""

    group: str
    value: str
    text: str


class Mention(NamedTuple):
    """A value found in the words `first` to `last`, both included."""

    group: str
    value: str
    first: int
    last: int


def compiled(forms: Sequence[Form]) -> Trie:
    """Return a trie over the forms' letters; "데이트룩" and "데이트 룩" are one form.

    A form is entered by its letters and by its morphemes, so that "춥다" also finds "추워서".
    """
    root: Trie = {}
    for form in forms:
        tokens = _tokens_of(form.text)
        stems = [token for token in tokens if _counts(token)]
        written = "".join(form.text.lower().split()).replace("-", "")
        is_latin = written.isascii()
        stem = "".join(token.form for token in stems)
        keys = {stem} if is_latin or _is_telling(form, stems, tokens) else set()
        if not is_latin:
            keys.add(written)
        for key in keys:
            if key:
                # A form that is one verb must not be found in a noun that sounds the same.
                kind = _kind(stems[-1]) if stems and key != written else "N"
                _enter(root, key, (form.group, form.value, kind))
    return root


@lru_cache(maxsize=16_384)
def _tokens_of(form: str) -> tuple[Token, ...]:
    """Return a form's words; kept, so that an edited lexicon is read in a fraction of a second."""
    return tuple(tokenize(form))


def _is_telling(form: Form, stems: Sequence[Token], tokens: Sequence[Token]) -> bool:
    """Return whether a form's morphemes say what it says: Kiwi reads "봄" alone as "보다"."""
    stem = "".join(token.form for token in stems)
    if form.group == "not_meant":
        return len(stems) > 1
    if form.text.endswith("다"):
        return True
    if form.group == "cue" or " " in form.text:
        return len(stem) > 1
    is_adjective = bool(tokens) and tokens[-1].tag == "ETM" and tokens[0].tag[0] != "E"
    return is_adjective and (len(stem) > 1 or stems[0].tag.startswith("VA"))


def longest(trie: Trie, tokens: Sequence[Token]) -> list[Mention]:
    """Return the longest matches from left to right, none over another."""
    found: list[Mention] = []
    position = 0
    while position < len(tokens):
        best: Mention | None = None
        for mention in _from(trie, tokens, position):
            if best is None or mention.last > best.last or best.group == "not_meant":
                best = mention
        if best is None:
            best = _by_its_tail(trie, tokens, position)
        if best is None:
            position += 1
        else:
            found.append(best)
            position = best.last + 1
    return found


def every(trie: Trie, tokens: Sequence[Token]) -> list[Mention]:
    """Return all matches, overlapping ones too."""
    return [mention for position in range(len(tokens)) for mention in _from(trie, tokens, position)]


def _from(trie: Trie, tokens: Sequence[Token], first: int) -> list[Mention]:
    if not _counts(tokens[first]) or tokens[first].form[0] not in trie:
        return []
    found: list[Mention] = []
    ways: list[tuple[Trie, int, bool]] = [(trie, first, False)]
    while ways:
        found.extend(_along(tokens, first, ways))
    return found


def _along(
    tokens: Sequence[Token], first: int, ways: list[tuple[Trie, int, bool]]
) -> Iterator[Mention]:
    """Yield what lies on the last of `ways` (node, position, behind a particle); add what forks."""
    node, start, is_after_particle = ways.pop()
    for position in range(start, len(tokens)):
        token = tokens[position]
        form, tag = token.form, token.tag
        if not _counts(token):
            written = _walked(node, form) if tag[0] == "J" else None
            if written is not None:  # "앞으로", "처음부터"
                yield from (Mention(g, v, first, position) for g, v, _ in written.get(_END, ()))
                ways.append((written, position + 1, False))
            if tag[0] not in _PARTICLE_OR_ENDING and form != "-":
                return
            # "비가 오는" is "비 오다", but "치마랑 바지" is not "치마바지".
            is_after_particle = tag[0] == "J"
            continue
        if is_after_particle and tag[0] not in "VX":
            return
        is_after_particle = False
        for place, letter in enumerate(form):
            if letter not in node:
                return
            node = node[letter]
            if _END in node and place + 1 < len(form) and _is_whole(token, place + 1):
                yield from (Mention(g, v, first, position) for g, v, k in node[_END] if k == "N")
        kind = _kind(token)
        for group, value, wanted in node.get(_END, ()):
            if wanted == kind or len(form) > 1:
                yield Mention(group, value, first, position)


def _walked(node: Trie, letters: str) -> Trie | None:
    for letter in letters:
        if letter not in node:
            return None
        node = node[letter]
    return node


def _is_whole(token: Token, length: int) -> bool:
    """Return whether the first letters of a noun may be read without the rest of it."""
    if token.tag[0] != "N" or length < _SHORTEST_TAIL:
        return False
    rest = token.form[length:]
    return rest in HANGING or (token.unknown and len(rest) <= 3)


def _by_its_tail(trie: Trie, tokens: Sequence[Token], position: int) -> Mention | None:
    """Return the garment or colour a compound ends in: "무스탕자켓" is a jacket."""
    token = tokens[position]
    if token.tag[0] != "N" or len(token.form) <= _SHORTEST_TAIL:
        return None
    for start in range(1, len(token.form) - _SHORTEST_TAIL + 1):
        node = _walked(trie, token.form[start:])
        for group, value, _ in node.get(_END, ()) if node else ():
            if group in ("item", "color"):
                return Mention(group, value, position, position)
    return None


def _counts(token: Token) -> bool:
    return token.tag[0] not in "JES" or token.tag in ("SL", "SN", "SH")


def _kind(token: Token) -> str:
    return "V" if token.tag[0] == "V" or token.tag.startswith("XSA") else "N"


def _enter(root: Trie, key: str, end: tuple[str, str, str]) -> None:
    node = root
    for letter in key:
        node = node.setdefault(letter, {})
    ends = node.setdefault(_END, [])
    if end not in ends:
        ends.append(end)
