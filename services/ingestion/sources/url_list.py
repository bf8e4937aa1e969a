"""A text file with one URL a line; and a single URL."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from services.ingestion.domain import PostFacts
from services.ingestion.refusals import RefusedError
from services.ingestion.sources.base import Candidate, Entry, Refused, source_name
from services.ingestion.sources.lines import read_lines
from shared.errors import RetryableError
from shared.quoting import quotable

Fetch = Callable[[str], bytes]
"""Returns the body of a URL, or raises what ``shared.fetch.fetch`` raises."""

_PAUSES: Final = (1.0, 3.0)
"""Seconds before the second and the third try."""


def is_url(text: str) -> bool:
    """Tell whether the text begins as a web address does."""
    return text.lower().startswith(("http://", "https://"))


def url_candidate(url: str, *, name: str, fetch: Fetch, facts: PostFacts) -> Candidate:
    """Return the photo at ``url`` as a candidate."""
    return Candidate(name=name, read=partial(_fetch, url, name=name, fetch=fetch), facts=facts)


def _fetch(url: str, *, name: str, fetch: Fetch) -> bytes:
    for pause in _PAUSES:
        try:
            return fetch(url)
        except RetryableError:
            time.sleep(pause)
    try:
        return fetch(url)
    except RetryableError as error:
        tries = str(len(_PAUSES) + 1)
        raise RefusedError(name, "not_fetched", detail=tries) from error


@dataclass(frozen=True)
class UrlListSource:
    """The URLs of a text file; empty lines and lines that begin with # are comments."""

    path: Path
    fetch: Fetch

    @property
    def name(self) -> str:
        return source_name(self.path.stem, otherwise="urls")

    def count(self) -> int:
        return sum(1 for _ in self._urls())

    def entries(self) -> Iterator[Entry]:
        seen: dict[str, int] = {}
        for number, url in self._urls():
            where = f"{self.path.name} row {number}"
            if not is_url(url):
                yield Refused(where, RefusedError(where, "bad_line", detail=url))
            elif url in seen:
                repeated = RefusedError(where, "duplicate_row", detail=str(seen[url]))
                yield Refused(where, repeated)
            else:
                seen[url] = number
                facts = PostFacts(url=url)
                yield url_candidate(url, name=where, fetch=self.fetch, facts=facts)

    def _urls(self) -> Iterator[tuple[int, str]]:
        for number, line in enumerate(read_lines(self.path), start=1):
            url = line.strip()
            if url and not url.startswith("#"):
                yield number, url


@dataclass(frozen=True)
class UrlSource:
    """A single URL."""

    url: str
    fetch: Fetch

    @property
    def name(self) -> str:
        return source_name(_host(self.url), otherwise="url")

    def count(self) -> int:
        return 1

    def entries(self) -> Iterator[Entry]:
        facts = PostFacts(url=self.url)
        yield url_candidate(self.url, name=quotable(self.url), fetch=self.fetch, facts=facts)


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:  # fetching will say what is wrong with it
        return ""
