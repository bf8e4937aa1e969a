"""What a source of photos promises, whichever kind it is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from services.ingestion.domain import PostFacts
from shared.errors import MapsiError
from shared.quoting import quotable


@dataclass(frozen=True, slots=True)
class Candidate:
    """Something that may be a photo. Nothing is read before ``read`` is called."""

    name: str
    """For people: the file, or the manifest and its row."""
    read: Callable[[], bytes]
    """Returns the bytes; raises MapsiError. Safe in any thread while the source is open."""
    facts: PostFacts = field(default_factory=PostFacts)
    modified_at: datetime | None = None
    """When the file was last modified, where there is a file."""


@dataclass(frozen=True, slots=True)
class Refused:
    """Something that is not taken in, and why."""

    name: str
    error: MapsiError


@dataclass(frozen=True, slots=True)
class Passed:
    """A file that no person put there as a photo: hidden, or an operating system's litter."""

    name: str


Entry = Candidate | Refused | Passed


class Source(Protocol):
    """A place that photos come from."""

    @property
    def name(self) -> str:
        """What its posts are said to come from, unless they say otherwise; see ``source_name``."""
        ...

    def count(self) -> int:
        """Return how many entries there will be."""
        ...

    def entries(self) -> Iterator[Entry]:
        """Yield one entry after the other; what is wrong with one harms no other."""
        ...


def source_name(text: str, *, otherwise: str) -> str:
    """Return ``text`` as the name of a source: 1 to 64 printable characters."""
    return quotable(text, limit=64) or otherwise
