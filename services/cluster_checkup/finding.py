"""Saying in two languages how a thing is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from services.checkup import Finding
from shared.errors import MapsiError


@dataclass(frozen=True)
class Said:
    """One sentence, English and Korean."""

    en: str
    ko: str


def well(name: str, found: Said) -> Finding:
    """Return the finding of a thing that is as it should be."""
    return Finding(name, "ok", found.en, found.ko)


def unwell(name: str, found: Said, fix: Said, *, required: bool = True) -> Finding:
    """Return the finding of a thing that is not, and what to do about it."""
    return Finding(name, "broken", found.en, found.ko, fix.en, fix.ko, required)


def told(name: str, look: Callable[[], Iterator[Finding]]) -> Iterator[Finding]:
    """Yield what ``look`` finds; where it cannot look, say under ``name`` why."""
    try:
        yield from list(look())
    except MapsiError as error:
        what, _, fix = error.text.partition("; ")
        yield Finding(name, "broken", what, error.text_ko, fix)
    except ImportError as error:
        fix = "pip install 'mapsi[trends]'"
        yield Finding(name, "missing", str(error), str(error), fix, fix)
