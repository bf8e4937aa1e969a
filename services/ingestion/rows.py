"""What a manifest's row may say, pure: every field is checked before anything is fetched."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from services.ingestion.domain import EARLIEST, PostFacts
from services.ingestion.refusals import RefusedError

COLUMNS: Final = (
    "url", "path", "posted_at", "author", "hashtags", "likes", "source", "licence"
)  # fmt: skip
LONGEST: Final = {"url": 4096, "path": 4096, "author": 200, "source": 64, "licence": 120}
MAX_HASHTAGS: Final = 100
MAX_LIKES: Final = 2**31 - 1

_NUMBERED_DATE: Final = re.compile(r"(\d{4})\s*[./]\s*(\d{1,2})\s*[./]\s*(\d{1,2})\.?(.*)")
_CLOCKS_DIFFER: Final = timedelta(minutes=5)
_EARLIEST_ZONE: Final = timedelta(hours=14)
"""Where a date has no zone, its writer may be this far ahead of UTC."""


@dataclass(frozen=True, slots=True)
class Row:
    """One post of a manifest, and where its photo is."""

    facts: PostFacts
    path: str | None
    """Relative to the manifest; where it is None, the photo is at ``facts.url``."""

    def identity(self) -> tuple[object, ...]:
        """Return what two rows of one manifest may not share."""
        facts = self.facts
        place = self.path or facts.url
        return place, facts.url, facts.source, facts.author, facts.posted_at


def check_spelling(names: Iterable[str], *, where: str) -> None:
    """Raise RefusedError where a column is a misspelt name of ours.

    Other columns are not read; but a misspelt ``posted_at`` would lose every date unseen.
    """
    present = [name for name in names if name]
    for name in present:
        meant = difflib.get_close_matches(name, COLUMNS, n=1, cutoff=0.8)
        if meant and name not in COLUMNS and meant[0] not in present:
            raise RefusedError(where, "misspelt_column", detail=f"{name} → {meant[0]}")


def check_columns(names: Iterable[str], *, where: str) -> None:
    """Raise RefusedError where a manifest's columns are misspelt or none names a photo."""
    present = [name for name in names if name]
    check_spelling(present, where=where)
    if not {"url", "path"} & set(present):
        raise RefusedError(where, "missing_column", detail=", ".join(present) or "–")


def read_row(fields: Mapping[str, object], *, where: str, now: datetime) -> Row:
    """Return the row, or raise RefusedError for the first field that cannot be."""
    texts = {
        name: _text(fields.get(name), name=name, where=where)
        for name in COLUMNS
        if name != "hashtags"
    }
    if not (texts["url"] or texts["path"]):
        raise RefusedError(where, "no_photo_named")
    facts = PostFacts(
        posted_at=_date(texts["posted_at"], where=where, now=now),
        source=texts["source"] or None,
        author=texts["author"] or None,
        url=texts["url"] or None,
        hashtags=_hashtags(fields.get("hashtags"), where=where),
        likes=_likes(texts["likes"], where=where),
        licence=texts["licence"] or None,
    )
    return Row(facts=facts, path=texts["path"] or None)


def _text(value: object, *, name: str, where: str) -> str:
    if value is None:
        return ""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise RefusedError(where, "bad_row", detail=f"{name}: {type(value).__name__}")
    text = unicodedata.normalize("NFC", str(value)).strip() if name != "path" else str(value)
    # Control characters and lone surrogates: no database takes them all.
    if any(unicodedata.category(sign) in ("Cc", "Cs") for sign in text):
        raise RefusedError(where, "bad_row", detail=f"{name}: {text[:60]}")
    limit = LONGEST.get(name)
    if limit is not None and len(text) > limit:
        raise RefusedError(where, "too_long", detail=f"{name}: {limit}")
    return text


def _date(text: str, *, where: str, now: datetime) -> datetime | None:
    """Read ISO 8601, or 2026. 3. 1. and 2026/3/1; without a zone it is UTC."""
    if not text:
        return None
    if numbered := _NUMBERED_DATE.fullmatch(text):
        year, month, day, time = numbered.groups()
        text = f"{year}-{month:0>2}-{day:0>2}{time}"
    try:
        date = datetime.fromisoformat(text)
        zoned = date if date.tzinfo else date.replace(tzinfo=UTC)
        too_early = zoned < EARLIEST
        too_late = zoned > now + (_CLOCKS_DIFFER if date.tzinfo else _EARLIEST_ZONE)
    except (ValueError, OverflowError):
        raise RefusedError(where, "bad_date", detail=text) from None
    if too_early:
        raise RefusedError(where, "bad_date", detail=text)
    if too_late:
        raise RefusedError(where, "future_date", detail=text)
    return min(zoned, now).astimezone(UTC)


def _likes(text: str, *, where: str) -> int | None:
    if not text:
        return None
    digits = text.replace(",", "")
    if not (digits.isdecimal() and len(digits) <= 10 and int(digits) <= MAX_LIKES):
        raise RefusedError(where, "bad_likes", detail=text)
    return int(digits)


def _hashtags(value: object, *, where: str) -> tuple[str, ...]:
    """Read a list, or words between spaces, commas and # signs."""
    words = value if isinstance(value, list) else re.split(r"[\s,#]+", _joined(value))
    tags = (_text(word, name="hashtags", where=where).removeprefix("#") for word in words)
    return tuple(dict.fromkeys(tag[:100] for tag in tags if tag))[:MAX_HASHTAGS]


def _joined(value: object) -> str:
    return "" if value is None else str(value)
