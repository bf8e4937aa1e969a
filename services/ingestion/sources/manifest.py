"""A manifest: one post a row, with the photo's URL or path; CSV, or one JSON object a line."""

from __future__ import annotations

import csv
import hashlib
import itertools
import json
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

from services.ingestion.refusals import RefusedError
from services.ingestion.rows import Row, check_columns, check_spelling, read_row
from services.ingestion.sources.base import Candidate, Entry, Refused, source_name
from services.ingestion.sources.files import file_candidate
from services.ingestion.sources.lines import read_lines
from services.ingestion.sources.url_list import Fetch, url_candidate

Fields = Mapping[str, Any]


class RowReader(Protocol):
    """Reads a manifest's rows; the number is what a person sees beside the row."""

    def __call__(self, path: Path) -> Iterator[tuple[int, Fields | RefusedError]]: ...


@dataclass(frozen=True)
class ManifestSource:
    """The posts of one manifest. A wrong row is refused alone."""

    path: Path
    rows: RowReader
    fetch: Fetch

    @property
    def name(self) -> str:
        return source_name(self.path.stem, otherwise="manifest")

    def count(self) -> int:
        return sum(1 for _ in self.rows(self.path))

    def entries(self) -> Iterator[Entry]:
        seen: dict[bytes, int] = {}
        for number, fields in self.rows(self.path):
            where = f"{self.path.name} row {number}"
            try:
                row = _checked(fields, where=where)
                _check_new(row, number, seen, where=where)
                yield self._candidate(row, where=where)
            except RefusedError as error:
                yield Refused(where, error)

    def _candidate(self, row: Row, *, where: str) -> Candidate:
        if row.path is None:
            url = row.facts.url or ""
            return url_candidate(url, name=where, fetch=self.fetch, facts=row.facts)
        path = _inside(self.path.parent, row.path, where=where)
        return file_candidate(path, name=where, facts=row.facts)


def csv_rows(path: Path) -> Iterator[tuple[int, Fields | RefusedError]]:
    """Read CSV with commas, semicolons or tabs; row 1 is the header, as in a spreadsheet.

    Raises RefusedError where the header names no photo.
    """
    lines = read_lines(path)
    header = next(lines, "")
    delimiter = max(",;\t", key=header.count)
    names = [name.strip().lower() for name in next(csv.reader([header], delimiter=delimiter), [])]
    check_columns(names, where=path.name)
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    for number in itertools.count(2):
        try:
            values = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield number, RefusedError(f"{path.name} row {number}", "bad_row", detail=str(error))
            continue
        if values:
            yield number, dict(itertools.zip_longest(names, values, fillvalue=""))


def jsonl_rows(path: Path) -> Iterator[tuple[int, Fields | RefusedError]]:
    """Read one JSON object a line; the number is the line's, from 1."""
    for number, line in enumerate(read_lines(path), start=1):
        if not line.strip():
            continue
        where = f"{path.name} row {number}"
        try:
            fields = json.loads(line)
        except (ValueError, RecursionError) as error:
            yield number, RefusedError(where, "bad_row", detail=f"JSON: {error}")
            continue
        if isinstance(fields, dict):
            yield number, {name.strip().lower(): value for name, value in fields.items()}
        else:
            yield number, RefusedError(where, "bad_row", detail="JSON: {…}")


def _checked(fields: Fields | RefusedError, *, where: str) -> Row:
    if isinstance(fields, RefusedError):
        raise fields
    if fields.get(""):
        raise RefusedError(where, "bad_row", detail=f"{fields['']} stands in a column without name")
    check_spelling(fields, where=where)
    return read_row(fields, where=where, now=datetime.now(UTC))


def _check_new(row: Row, number: int, seen: dict[bytes, int], *, where: str) -> None:
    identity = hashlib.sha256(repr(row.identity()).encode("utf-8", "replace")).digest()[:16]
    first = seen.setdefault(identity, number)
    if first != number:
        raise RefusedError(where, "duplicate_row", detail=str(first))


def _inside(folder: Path, relative: str, *, where: str) -> Path:
    """Return the file that a path from the manifest names, nowhere but in its folder."""
    root = folder.resolve()
    # macOS writes Hangul decomposed, everybody else composed: to a file system two names.
    for form in (relative, *(unicodedata.normalize(form, relative) for form in ("NFC", "NFD"))):
        path = (root / form).resolve()
        if Path(form).is_absolute() or not path.is_relative_to(root):
            raise RefusedError(where, "outside", detail=relative)
        if path.exists():
            return path
    raise RefusedError(where, "no_such_photo", detail=relative)
