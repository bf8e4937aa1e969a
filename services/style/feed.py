"""Labelled photos of a shop or an archive: rows of a CSV, TSV or JSON-lines file."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from services.style.lexicon import MAX_STYLES, Lexicon
from shared.contracts.vocabulary import KOREAN, STYLES
from shared.errors import UsageError

FIRST: Final = 0.7
"""Share of the first of two styles; the second has the rest."""
_STYLE_NAMES: Final = {KOREAN[style]: style for style in STYLES} | {
    style: style for style in STYLES
}


@dataclass(frozen=True)
class Labelled:
    """A photo, its styles (the first is the main one), and what a split must not divide."""

    path: Path
    styles: tuple[str, ...]
    group: str


def read_feed(path: Path, *, photos: Path, lexicon: Lexicon) -> list[Labelled]:
    """Return the rows of a feed that say a style; ``photos`` is where relative paths begin.

    Columns: ``path``; ``style`` (one, or two as ``casual|street``; Korean names too) or
    ``hashtags``; ``author`` where it is known. Raises UsageError where no row can be used.
    """
    rows = []
    for number, fields in enumerate(_rows(path), start=1):
        where = f"{path}, row {number}"
        place = str(fields.get("path") or "").strip()
        if not place:
            raise _wrong(where, "it has no path", "path가 없습니다")
        styles = _styles(fields, lexicon, where=where)
        if styles:
            group = str(fields.get("author") or "").strip() or Path(place).stem
            rows.append(Labelled(photos / place, styles, group))
    if not rows:
        raise _wrong(
            str(path),
            "no row says a style; give a column style or hashtags",
            "스타일을 알 수 있는 행이 없습니다. style 또는 hashtags 열이 필요합니다",
        )
    return rows


def target_of(styles: Sequence[str]) -> list[float]:
    """Return the target probabilities, in the order of ``vocabulary.STYLES``."""
    shares = {styles[0]: 1.0} if len(styles) == 1 else {styles[0]: FIRST, styles[1]: 1 - FIRST}
    return [shares.get(style, 0.0) for style in STYLES]


def _styles(fields: Mapping[str, Any], lexicon: Lexicon, *, where: str) -> tuple[str, ...]:
    said = str(fields.get("style") or "").strip()
    if not said:
        return lexicon.styles(_words(fields.get("hashtags")))
    names = [name.strip().casefold() for name in re.split(r"[|/,;]", said) if name.strip()]
    unknown = [name for name in names if name not in _STYLE_NAMES]
    if unknown or len(set(names)) > MAX_STYLES:
        known = ", ".join(STYLES)
        raise _wrong(
            where,
            f"{said!r} is not one or two of {known}",
            f"{said!r}: {known} 가운데 하나나 둘이어야 합니다",
        )
    return tuple(dict.fromkeys(_STYLE_NAMES[name] for name in names))


def _words(hashtags: Any) -> Iterable[str]:
    if isinstance(hashtags, list):
        return [str(tag) for tag in hashtags]
    return [word for word in re.split(r"[\s,#]+", str(hashtags or "")) if word]


def _rows(path: Path) -> Iterator[Mapping[str, Any]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            if path.suffix.lower() in (".jsonl", ".ndjson"):
                yield from (_object(line) for line in file if line.strip())
            else:
                first = file.readline()
                file.seek(0)
                yield from csv.DictReader(file, delimiter="\t" if "\t" in first else ",")
    except (OSError, UnicodeDecodeError, csv.Error, ValueError) as error:
        text, text_ko = f"it cannot be read ({error})", f"읽을 수 없습니다 ({error})"
        raise _wrong(str(path), text, text_ko) from error


def _object(line: str) -> Mapping[str, Any]:
    found = json.loads(line)
    if not isinstance(found, dict):
        raise ValueError("a line is no JSON object")
    return found


def _wrong(where: str, text: str, text_ko: str) -> UsageError:
    return UsageError(f"{where}: {text}", text_ko=f"{where}: {text_ko}", reason="bad_feed")
