"""The lines of a feed's file, one after the other: TSV, XML (RSS 2.0, Atom) or JSON lines."""

from __future__ import annotations

import csv
import itertools
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

from services.ingestion.shop.offers import REQUIRED
from services.ingestion.shop.refusals import FeedError
from services.ingestion.shop.xml_items import xml_items
from services.ingestion.sources.lines import read_lines

Form = Literal["tsv", "xml", "jsonl"]
_HEAD: Final = 4096
_CAMEL: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


@dataclass(frozen=True)
class Line:
    """One item of a feed: where it stands (from 1), and what it says or why it cannot be read."""

    number: int
    fields: dict[str, Any] | FeedError


def feed_lines(path: Path, *, name: str, form: Form | None) -> Iterator[Line]:
    """Yield the items of a feed; ``form`` None: told by how it begins.

    Raises FeedError where it is no feed, or breaks off: what came before is good.
    """
    return _READERS[form or form_of(path, name=name)](path, name)


def form_of(path: Path, *, name: str) -> Form:
    """Tell a feed's form by how it begins. Raises FeedError."""
    try:
        with path.open("rb") as file:
            head = file.read(_HEAD)
    except OSError as error:
        raise FeedError(name, "not_read", detail=error.strerror or str(error)) from error
    text = head.decode(
        "utf-16" if head[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig", "replace"
    )
    start = text.lstrip()
    if start.startswith("<"):
        return "xml"
    if start.startswith("{"):
        return "jsonl"
    columns = {_plain(cell) for cell in start.partition("\n")[0].split("\t")}
    if len(columns & {*REQUIRED}) > 1:
        return "tsv"
    raise FeedError(name, "no_feed")


def _tsv(path: Path, name: str) -> Iterator[Line]:
    lines = _text_lines(path, name)
    reader = csv.reader(lines, delimiter="\t", strict=True)
    try:
        header = [_plain(cell) for cell in next(reader, [])]
    except csv.Error as error:
        raise FeedError(name, "bad_line", detail=str(error)) from error
    missing = [column for column in REQUIRED if column not in header]
    if missing:
        raise FeedError(name, "missing_column", detail=", ".join(missing))
    while True:
        number = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield Line(number, FeedError(f"{name} line {number}", "bad_line", detail=str(error)))
            continue
        if any(cells):
            yield Line(number, _row(header, cells, where=f"{name} line {number}"))


def _row(header: list[str], cells: list[str], *, where: str) -> dict[str, Any] | FeedError:
    more = len(cells) - len(header)
    if more > 0 and any(cells[len(header) :]):
        return FeedError(where, "bad_columns", detail=str(more))
    return dict(itertools.zip_longest(header, cells[: len(header)], fillvalue=""))


def _jsonl(path: Path, name: str) -> Iterator[Line]:
    for number, text in enumerate(_text_lines(path, name), start=1):
        if not text.strip():
            continue
        where = f"{name} line {number}"
        try:
            found = json.loads(text)
        except (ValueError, RecursionError) as error:
            yield Line(number, FeedError(where, "bad_line", detail=f"JSON: {error}"))
            continue
        if isinstance(found, dict):
            yield Line(number, {_plain(_CAMEL.sub("_", key)): found[key] for key in found})
        else:
            yield Line(number, FeedError(where, "bad_line", detail="JSON: {…}"))


def _xml(path: Path, name: str) -> Iterator[Line]:
    for number, fields in xml_items(path, name=name):
        yield Line(number, {_plain(key): value for key, value in fields.items()})


def _text_lines(path: Path, name: str) -> Iterator[str]:
    with path.open("rb") as file:
        wide = file.read(2) in (b"\xff\xfe", b"\xfe\xff")
    if not wide:
        # Lines of a quoted cell may end in CRLF; the csv module wants them as they are.
        yield from read_lines(path)
        return
    try:
        with path.open(encoding="utf-16", newline="") as file:
            yield from file
    except UnicodeError as error:
        raise FeedError(name, "not_read", detail=str(error)) from error


def _plain(key: str) -> str:
    """Return an attribute's name as Google's API spells it: ``g:Image Link`` is image_link."""
    return key.strip().lower().removeprefix("g:").replace(" ", "_").replace("-", "_")


_READERS: Final[dict[Form, Callable[[Path, str], Iterator[Line]]]] = {
    "tsv": _tsv,
    "xml": _xml,
    "jsonl": _jsonl,
}
