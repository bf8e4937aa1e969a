"""Telling the kind of a SOURCE by what it is, not by its name."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from services.ingestion.refusals import RefusedError
from services.ingestion.sources.archive import open_archive
from services.ingestion.sources.base import Source
from services.ingestion.sources.files import file_candidate
from services.ingestion.sources.folder import FolderSource, PhotoSource
from services.ingestion.sources.manifest import ManifestSource, csv_rows, jsonl_rows
from services.ingestion.sources.url_list import Fetch, UrlListSource, UrlSource, is_url
from shared.photo_checks import PhotoError, recognise

_ZIP: Final = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
_HEAD: Final = 65_536


@contextmanager
def open_source(place: str, *, fetch: Fetch) -> Iterator[Source]:
    """Open a folder, photo, ZIP, list of URLs, manifest or URL.

    Raises RefusedError or PhotoError where it is none of these or cannot be read.
    """
    if is_url(place):
        yield UrlSource(place, fetch)
        return
    path = Path(place)
    if path.is_dir():
        yield FolderSource(path)
        return
    head = _head(path, name=place)
    if head.startswith(_ZIP):
        with open_archive(path) as archive:
            yield archive
    elif _is_photo(head, name=place):
        yield PhotoSource(path)
    else:
        yield _text_source(path, head, fetch=fetch)


def _head(path: Path, *, name: str) -> bytes:
    file_candidate(path, name=name)
    try:
        with path.open("rb") as file:
            return file.read(_HEAD)
    except OSError as error:
        detail = error.strerror or str(error)
        raise RefusedError(name, "unreadable", detail=detail) from error


def _is_photo(head: bytes, *, name: str) -> bool:
    try:
        recognise(head, name=name)
    except PhotoError as error:
        if error.reason != "not_an_image":
            raise
        return False
    return True


def _text_source(path: Path, head: bytes, *, fetch: Fetch) -> Source:
    """Tell by the first line that says something; else by the ending, for a better error."""
    text = head.decode("utf-8-sig", "replace")
    lines = (line.strip() for line in text.splitlines())
    first = next((line for line in lines if line and not line.startswith("#")), "")
    columns = {name.strip(' "').lower() for name in first.replace(";", ",").split(",")}
    columns |= {name.strip(' "').lower() for name in first.split("\t")}
    ending = path.suffix.lower()
    if "\0" in first:
        raise RefusedError(path.name, "unknown_source")
    if is_url(first):
        return UrlListSource(path, fetch)
    if first.startswith("{") or ending in (".jsonl", ".ndjson"):
        return ManifestSource(path, jsonl_rows, fetch)
    if columns & {"url", "path"} or ending in (".csv", ".tsv"):
        return ManifestSource(path, csv_rows, fetch)
    if ending == ".txt":
        return UrlListSource(path, fetch)
    raise RefusedError(path.name, "unknown_source")
