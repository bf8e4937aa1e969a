"""The rules of ingestion, pure: pseudonyms, identities, dates, near-duplicates, what is overdue."""

from __future__ import annotations

import hashlib
import hmac
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from shared import flow
from shared.contracts.photos import (
    PhotosAnalyzed,
    PhotosClassified,
    PhotosSegmented,
    PhotosSettled,
    PhotosStored,
)

Number = TypeVar("Number", np.int64, np.uint64)

EARLIEST: Final = datetime(1990, 1, 1, tzinfo=UTC)
"""No post and no digital photo is older: cameras whose clock was never set write 1970 or 1980."""


@dataclass(frozen=True, slots=True)
class PostFacts:
    """What a source says of one post; None or empty where it says nothing."""

    posted_at: datetime | None = None
    source: str | None = None
    author: str | None = None
    """As the source writes it, or its pseudonym; only the pseudonym is ever stored."""
    url: str | None = None
    hashtags: tuple[str, ...] = ()
    likes: int | None = None
    licence: str | None = None
    credit: str | None = None
    """The author's name where the licence asks for it; unset: ``credit_of`` decides."""


class Pseudonym(str):
    """An author whose name is not known any more: it is not hashed again."""

    __slots__ = ()


def pseudonym(author: str, *, key: bytes) -> str:
    """Return 32 hex digits of HMAC-SHA256: the same author, the same digits, under one key.

    ``@Name``, ``name`` and ``NAME`` are one author. Without the key nobody can tell whether a
    guessed name is behind a pseudonym, as one could with a plain hash.
    """
    if isinstance(author, Pseudonym):
        return str(author)
    plain = unicodedata.normalize("NFKC", author).strip().removeprefix("@").casefold()
    return hmac.new(key, plain.encode(), hashlib.sha256).hexdigest()[:32]


_ASKS_FOR_A_NAME: Final = re.compile(
    r"\bcc[ _-]?by\b|creativecommons\.org/licenses/by|\bcreative commons attribution\b",
    re.IGNORECASE,
)


def credit_of(author: str | None, licence: str | None) -> str | None:
    """Return the name that must stand beside a photo, or None where no name needs to be kept.

    Creative Commons' BY licences ask for the author's name (section 3(a)(1)); every other post
    is credited by its address, source and licence, and the name is not kept.
    """
    if author is None or isinstance(author, Pseudonym):
        return None
    asked = _ASKS_FOR_A_NAME.search(licence or "")
    return unicodedata.normalize("NFC", author).strip()[:200] or None if asked else None


@dataclass(frozen=True, slots=True)
class Witness:
    """Who else can say when a photo was posted."""

    taken: datetime | None = None
    """By its camera."""
    modified: datetime | None = None
    """By the file system."""


@dataclass(frozen=True, slots=True)
class PostRecord:
    """One post of a photo with everything filled in; ``author`` is the pseudonym."""

    post_id: str
    posted_at: datetime
    source: str
    author: str | None
    url: str | None
    hashtags: tuple[str, ...]
    likes: int | None
    licence: str | None
    credit: str | None = None


def record_post(
    photo_id: str, facts: PostFacts, *, source: str, key: bytes, witness: Witness, now: datetime
) -> PostRecord:
    """Fill in what a source left out: its name, the date, and a pseudonym for the author.

    A post is the same as another when photo, source, URL, author and stated date are. A date
    that is only guessed from the file is no part of that: copying a file changes it.
    """
    origin = facts.source or source
    author = pseudonym(facts.author, key=key) if facts.author else None
    stated = facts.posted_at.astimezone(UTC).isoformat() if facts.posted_at else ""
    identity = "\0".join((photo_id, origin, facts.url or "", author or "", stated))
    return PostRecord(
        post_id=hashlib.sha256(identity.encode()).hexdigest(),
        posted_at=posting_date(facts.posted_at, witness, now=now),
        source=origin,
        author=author,
        url=facts.url,
        hashtags=facts.hashtags,
        likes=facts.likes,
        licence=facts.licence,
        credit=facts.credit or credit_of(facts.author, facts.licence),
    )


def posting_date(stated: datetime | None, witness: Witness, *, now: datetime) -> datetime:
    """Return when a photo was posted, by the best witness.

    What the source states; else when the camera says it was taken; else when the file was last
    modified; else now. A camera or a file that claims 1970 or next year is not believed.
    """
    if stated is not None:
        return stated
    believed = (d for d in (witness.taken, witness.modified) if d and EARLIEST <= d <= now)
    return next(believed, now)


class Limits(NamedTuple):
    """In how many bits the hashes of near-duplicates may differ."""

    coarse: int
    fine: int


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """The two perceptual hashes of a photo."""

    coarse: int
    """64 bits."""
    fine: int
    """256 bits."""

    def fine_bytes(self) -> bytes:
        """Return the fine hash as 32 bytes, the first bit first."""
        return self.fine.to_bytes(32, "big")

    def is_near(self, other: Fingerprint, limits: Limits) -> bool:
        """Tell whether no more bits differ than near-duplicates may."""
        coarse = (self.coarse ^ other.coarse).bit_count()
        return coarse <= limits.coarse and (self.fine ^ other.fine).bit_count() <= limits.fine


class NearDuplicates:
    """The fingerprints of all photos in the order in which they came, in 48 bytes a photo.

    A search compares the coarse hash with every photo's, and the fine one with the few that
    remain: the coarse hash alone would link strangers once there are many photos.
    """

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._size = 0
        self._gone: set[int] = set()
        self._arrivals: NDArray[np.int64] = np.empty(0, np.int64)
        self._coarse: NDArray[np.uint64] = np.empty(0, np.uint64)
        self._fine: NDArray[np.uint64] = np.empty((0, 4), np.uint64)

    def __len__(self) -> int:
        return self._size

    @property
    def newest(self) -> int:
        """The arrival of the last photo; 0 when there is none."""
        return int(self._arrivals[self._size - 1]) if self._size else 0

    def extend(self, arrivals: Sequence[int], coarse: Sequence[int], fine: bytes) -> None:
        """Add photos: when each came, its 64-bit hash, and all their 256-bit hashes in a row.

        ``arrivals`` are of any clock of integers; each must be later than all before.
        """
        size = self._size + len(arrivals)
        if size > len(self._arrivals):
            self._grow(size)
        self._arrivals[self._size : size] = arrivals
        self._coarse[self._size : size] = coarse
        self._fine[self._size : size] = np.frombuffer(fine, ">u8").reshape(-1, 4)
        if np.any(np.diff(self._arrivals[max(0, self._size - 1) : size]) <= 0):
            raise ValueError("an arrival is not later than the one before")
        self._size = size

    def earliest(self, fingerprint: Fingerprint) -> int | None:
        """Return the arrival of the first photo that is a near-duplicate, or None."""
        differing = np.bitwise_count(self._coarse[: self._size] ^ np.uint64(fingerprint.coarse))
        near = np.flatnonzero(differing <= self._limits.coarse)
        wanted = np.frombuffer(fingerprint.fine_bytes(), ">u8").astype(np.uint64)
        bits = np.bitwise_count(self._fine[near] ^ wanted).sum(axis=1)
        found = (int(at) for at in near[bits <= self._limits.fine] if int(at) not in self._gone)
        first = next(found, None)
        return None if first is None else int(self._arrivals[first])

    def forget(self, arrival: int) -> None:
        """Take a deleted photo out; its place stays empty, so that arrivals stay in order."""
        at = int(np.searchsorted(self._arrivals[: self._size], arrival))
        if at < self._size and self._arrivals[at] == arrival:
            self._gone.add(at)

    def _grow(self, size: int) -> None:
        room = max(1024, size, 2 * self._size)
        self._arrivals = _longer(self._arrivals, room)
        self._coarse = _longer(self._coarse, room)
        self._fine = _longer(self._fine, room)


def _longer(array: NDArray[Number], room: int) -> NDArray[Number]:
    longer = np.zeros((room, *array.shape[1:]), array.dtype)
    longer[: len(array)] = array
    return longer


PIPELINE: Final = frozenset(
    flow.queue_of(task)
    for message in (PhotosStored, PhotosClassified, PhotosSegmented, PhotosAnalyzed, PhotosSettled)
    for task in flow.ROUTE[message]
)
"""The queues that a photo passes between its announcement and its settlement."""


def lost_before(
    queue_lengths: Mapping[str, int],
    *,
    now: datetime,
    newest_analyzed: datetime | None,
    overdue_after: timedelta,
) -> datetime | None:
    """Return the time such that unsettled photos announced before it are lost; None: none is.

    A long queue is no loss. While anything waits or is in a worker's hands, a photo counts as
    lost only when one announced ``overdue_after`` later has overtaken it on the whole way:
    ``newest_analyzed`` is the latest announcement of a photo that is analysed.
    ``queue_lengths`` are the broker's; the reconciler's own message may be one of ``unacked``.
    """
    waiting = sum(queue_lengths.get(queue, 0) for queue in PIPELINE)
    idle = waiting == 0 and queue_lengths.get("unacked", 0) <= 1
    until = now if idle else newest_analyzed
    return until - overdue_after if until else None
