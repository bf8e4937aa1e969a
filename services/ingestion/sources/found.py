"""What a platform's page of posts says, in one form for all platforms."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, Literal, Protocol

from pydantic import ValidationError

from services.ingestion.domain import PostFacts
from services.ingestion.refusals import RefusedError
from services.ingestion.rows import LONGEST, MAX_LIKES, read_row
from services.ingestion.sources.base import Refused
from services.ingestion.sources.trouble import ChangedError
from shared.source_calls import Allowance

Order = Literal["newest_first", "none"]

_HASHTAG: Final = re.compile(r"#(\w{1,100})")


@dataclass(frozen=True, slots=True)
class FoundPhoto:
    """One photo of a post. ``key`` tells it from the post's others, and stays when it is edited."""

    key: str
    url: str


@dataclass(frozen=True, slots=True)
class FoundPost:
    """One post: its photos are taken in, its videos are counted."""

    post_id: str
    """The platform's own."""
    facts: PostFacts
    photos: tuple[FoundPhoto, ...]
    videos: tuple[str, ...] = ()
    """Their keys."""
    withheld: bool = False
    """Its author or the platform asks not to show it: it is counted and not taken in."""


@dataclass(frozen=True, slots=True)
class Page:
    """One answer of a platform."""

    posts: tuple[FoundPost, ...]
    refused: tuple[Refused, ...] = ()
    """Posts that lack something."""
    next: str | None = None
    """Where to go on, as the connector understands it; None: this was the last page."""
    newest: datetime | None = None
    """When the newest post of the page was posted."""
    rest: float = 0.0
    """Seconds that the platform asks us to rest now."""
    allowance: Allowance | None = None
    """What the platform told of the calls that are left."""
    memory: str | None = None
    """What the connector wants to be told at the next page or look."""


@dataclass(frozen=True, slots=True)
class Question:
    """Which page is asked for."""

    hashtag: str
    at: str | None
    """``next`` of the page before; None: the first."""
    memory: str | None


class Connector(Protocol):
    """A platform as we read it."""

    @property
    def order(self) -> Order:
        """Whether a page has only older posts than the one before it."""
        ...

    @property
    def resumable(self) -> bool:
        """Whether ``next`` can be asked for twice; if not, a broken walk begins again."""
        ...

    def page(self, question: Question) -> Page:
        """Return one page. Raises the errors of ``trouble``."""
        ...


def read_posts(
    raw: Sequence[Any], read: Callable[[Any], FoundPost], *, source: str
) -> tuple[tuple[FoundPost, ...], tuple[Refused, ...]]:
    """Read each post; one that lacks something is refused alone.

    Where all of them do, the platform has changed: ChangedError, and nothing is marked as read.
    """
    posts: list[FoundPost] = []
    refused: list[Refused] = []
    for number, one in enumerate(raw):
        try:
            posts.append(read(one))
        except ValidationError as error:
            name = f"{source}/{_id_of(one) or f'?{number}'}"
            refused.append(Refused(name, RefusedError(name, "bad_post", detail=_first(error))))
        except RefusedError as error:
            refused.append(Refused(f"{source}/{_id_of(one) or f'?{number}'}", error))
    if refused and not posts:
        raise ChangedError(source, f"{len(refused)} of {len(raw)} posts: {refused[0].error.text}")
    return tuple(posts), tuple(refused)


def facts_of(
    where: str,
    *,
    url: str,
    posted_at: datetime,
    author: str | None,
    hashtags: Iterable[str],
    licence: str,
    likes: int | None = None,
) -> PostFacts:
    """Return the facts as a manifest's row would give them; RefusedError where they cannot be.

    A server whose clock is ahead of ours posts in the future: that is now.
    """
    now = datetime.now(UTC)
    zoned = posted_at if posted_at.tzinfo else posted_at.replace(tzinfo=UTC)
    fields = {
        "url": url,
        "posted_at": min(zoned, now).isoformat(),
        "author": _clean(author or "")[: LONGEST["author"]],
        "hashtags": [_clean(tag) for tag in hashtags],
        "likes": None if likes is None else min(max(likes, 0), MAX_LIKES),
        "licence": _clean(licence)[: LONGEST["licence"]],
    }
    return read_row(fields, where=where, now=now).facts


def hashtags_in(text: str | None) -> tuple[str, ...]:
    """Return the hashtags of a caption in their order."""
    return tuple(_HASHTAG.findall(unicodedata.normalize("NFC", text or "")))


def newest(posts: Iterable[FoundPost]) -> datetime | None:
    """Return when the newest of the posts was posted."""
    return max((p.facts.posted_at for p in posts if p.facts.posted_at), default=None)


def _clean(text: str) -> str:
    return "".join(sign for sign in text if unicodedata.category(sign) not in ("Cc", "Cs"))


def _id_of(raw: Any) -> str:
    """Return what the platform calls a post, to name it in an error."""
    known = raw if isinstance(raw, dict) else {}
    names = ("permalink", "url", "post_url", "link", "uri", "id")
    return next((str(known[name]) for name in names if known.get(name)), "")


def _first(error: ValidationError) -> str:
    first = error.errors()[0]
    return f"{'.'.join(str(part) for part in first['loc'])}: {first['msg']}"
