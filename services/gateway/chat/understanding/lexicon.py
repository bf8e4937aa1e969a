"""The lexicon: YAML files of words, compiled for matching; an edited file counts at once.

Each file maps a group (a slot, ``sleeve``, ``cues``, ``not_meant``, ``spelling``) to values, and a
value to its Korean and English forms. docs/chat.md explains how to add a word.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

import yaml

from services.gateway.chat.domain import VALUES
from services.gateway.chat.understanding.matching import Form, Trie, compiled
from shared.errors import MapsiError, PermanentError
from shared.logging import logger

log = logger(__name__)

FOLDER: Final = Path(__file__).parent.parent / "lexicon"
CHECK_SECONDS: Final = 1.0
NOT_MEANT: Final = "not_meant"
SLEEVES: Final = ("short", "long", "none", "strap")
_LANGUAGES: Final = ("ko", "en")
_LOADER: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class LexiconError(PermanentError):
    """A lexicon file that cannot be used; the text names the file and the line."""


class Entry(NamedTuple):
    """One form of one value, and where it stands."""

    group: str
    value: str
    language: str
    form: str
    place: str


class Lexicon(NamedTuple):
    """All words, compiled.

    ``slots``: longest match wins; ``cues``: every match counts; ``spelling``: per language;
    ``words`` (English) and ``nouns`` (Korean): what a misspelt word may have been.
    """

    slots: Trie
    cues: Trie
    spelling: dict[str, dict[str, str]]
    words: frozenset[str]
    nouns: frozenset[str]


def entries(folder: Path = FOLDER) -> list[Entry]:
    """Return every form of every file of `folder`. Raises LexiconError."""
    files = sorted(folder.glob("*.yaml"))
    if not files:
        raise _error(str(folder), "holds no .yaml file", "yaml 파일이 없습니다")
    return [entry for file in files for entry in _read(file)]


def load(folder: Path = FOLDER) -> Lexicon:
    """Return the lexicon of `folder`, compiled. Raises LexiconError."""
    found = entries(folder)
    _check_meanings(found)
    spelling: dict[str, dict[str, str]] = {language: {} for language in _LANGUAGES}
    slots: list[Form] = []
    cues: list[Form] = []
    for entry in found:
        if entry.group == "spelling":
            spelling[entry.language][entry.value] = entry.form
        elif entry.group == "cues":
            cues.append(Form("cue", entry.value, entry.form))
        else:
            slots.append(Form(entry.group, entry.value, entry.form))
    words = frozenset(
        word
        for entry in found
        if entry.language == "en" and entry.group not in ("spelling", NOT_MEANT)
        for word in entry.form.split()
    )
    nouns = frozenset(
        entry.form.replace(" ", "")
        for entry in found
        if entry.language == "ko" and entry.group in (*VALUES, "sleeve")
    )
    return Lexicon(compiled(slots), compiled(cues), spelling, words, nouns)


class Watched:
    """The lexicon of a folder, read again when a file of it changes; a broken one is not taken."""

    def __init__(self, folder: Path = FOLDER) -> None:
        """Read the folder. Raises LexiconError: a first lexicon must be sound."""
        self.folder = folder
        self._seen = self._stamp()
        self._checked = time.monotonic()
        self._lock = threading.Lock()
        self._lexicon = load(folder)

    def current(self) -> Lexicon:
        """Return the newest sound lexicon; looks at the files at most once a second."""
        now = time.monotonic()
        if now - self._checked >= CHECK_SECONDS and self._lock.acquire(blocking=False):
            try:
                self._checked = now
                self._refresh()
            finally:
                self._lock.release()
        return self._lexicon

    def _refresh(self) -> None:
        stamp = self._stamp()
        if stamp == self._seen:
            return
        self._seen = stamp
        try:
            self._lexicon = load(self.folder)
        except MapsiError as error:
            log.error("lexicon not taken, the one before stays", reason=str(error))

    def _stamp(self) -> tuple[tuple[str, int, int], ...]:
        try:
            files = sorted(self.folder.glob("*.yaml"))
            states = [(file.name, file.stat()) for file in files]
        except OSError:
            return ()
        return tuple((name, state.st_mtime_ns, state.st_size) for name, state in states)


def _read(file: Path) -> Iterator[Entry]:
    try:
        root = yaml.compose(file.read_text(encoding="utf-8"), Loader=_LOADER)
    except (yaml.YAMLError, UnicodeDecodeError, OSError) as error:
        mark = getattr(error, "problem_mark", None)
        place = f"{file}:{mark.line + 1}" if mark else str(file)
        what = " ".join(str(getattr(error, "problem", None) or error).split())
        raise _error(place, f"is no readable YAML ({what})", f"YAML 형식 오류: {what}") from error
    if root is None:
        return
    for group, _, groups in _pairs(file, root):
        yield from _group(file, group, groups)


def _group(file: Path, group: str, node: yaml.Node) -> Iterator[Entry]:
    if group == NOT_MEANT:
        yield from _forms(file, group, group, node)
    elif group == "spelling":
        for language, key, words in _pairs(file, node):
            _known_language(file, language, key)
            for wrong, _, right in _pairs(file, words):
                yield Entry(group, wrong, language, _text(file, right), _place(file, right))
    else:
        for value, key, forms in _pairs(file, node):
            _known(file, group, value, key)
            yield from _forms(file, group, value, forms)


def _forms(file: Path, group: str, value: str, node: yaml.Node) -> Iterator[Entry]:
    for language, key, words in _pairs(file, node):
        _known_language(file, language, key)
        if not isinstance(words, yaml.SequenceNode):
            raise _error(_place(file, words), "must be a list of words", "단어 목록이어야 합니다")
        for word in words.value:
            yield Entry(group, value, language, _text(file, word), _place(file, word))


def _pairs(file: Path, node: yaml.Node) -> Iterator[tuple[str, yaml.Node, yaml.Node]]:
    if not isinstance(node, yaml.MappingNode):
        raise _error(_place(file, node), "must be `name: …` lines", "`이름: …` 형식이어야 합니다")
    for key, value in node.value:
        yield _text(file, key), key, value


def _text(file: Path, node: yaml.Node) -> str:
    if not isinstance(node, yaml.ScalarNode) or not node.value.strip():
        raise _error(_place(file, node), "must be a word", "단어여야 합니다")
    return str(node.value).strip()


def _known(file: Path, group: str, value: str, node: yaml.Node) -> None:
    allowed = SLEEVES if group == "sleeve" else VALUES.get(group)
    if group != "cues" and (allowed is None or value not in allowed):
        raise _error(
            _place(file, node),
            f"{group}: {value} is not in the vocabulary",
            f"{group}: {value}은(는) 어휘에 없습니다",
        )


def _known_language(file: Path, language: str, node: yaml.Node) -> None:
    if language not in _LANGUAGES:
        raise _error(_place(file, node), f"{language} is neither ko nor en", "ko나 en이어야 합니다")


def _check_meanings(found: list[Entry]) -> None:
    """Refuse a form with two values of one group: nobody could say which is meant."""
    values: dict[tuple[str, str], str] = {}
    for entry in found:
        if entry.group in ("cues", "spelling", NOT_MEANT):
            continue
        key = (entry.group, entry.form.replace(" ", "").lower())
        if values.setdefault(key, entry.value) != entry.value:
            raise _error(
                entry.place,
                f"{entry.form} already stands for {values[key]}",
                f"{entry.form}은(는) 이미 {values[key]}입니다",
            )


def _place(file: Path, node: yaml.Node) -> str:
    return f"{file}:{node.start_mark.line + 1}"


def _error(place: str, text: str, text_ko: str) -> LexiconError:
    return LexiconError(f"{place}: {text}", text_ko=f"{place}: {text_ko}", reason="bad_lexicon")
