"""A photo's way in: bytes → identity → safe pixels → store → rows. Every step can be repeated."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Final, Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.ingestion.deletion.tombstones import Buried, buried_among, facts_hashes, post_hashes
from services.ingestion.domain import (
    Fingerprint,
    Limits,
    NearDuplicates,
    PostRecord,
    Witness,
    record_post,
)
from services.ingestion.exif import taken_at
from services.ingestion.refusals import RefusedError
from services.ingestion.settings import IngestionSettings
from services.ingestion.sources import Candidate
from shared import metrics
from shared.imaging import decode, perceptual_hash, strip_and_encode
from shared.records import Database
from shared.records.ingestion import Photo, Post
from shared.storage import ObjectStore
from shared.storage.keys import photo_key

Outcome = Literal["new", "near_duplicate", "known", "reposted", "deleted"]
"""``reposted``: the photo is known, this post of it is new. ``deleted``: while it was taken in."""

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Picture:
    """What is known of a photo once it is decoded and stored."""

    width: int
    height: int
    fingerprint: Fingerprint


@dataclass(frozen=True, slots=True)
class Arrival:
    """A post whose photo is in the store, ready to become rows."""

    name: str
    photo_id: str
    post: PostRecord
    picture: Picture | None
    """None: the photo has its row already."""
    catalogued: bool = False
    """An item's photo of a shop: it gets no post, and is no look until somebody posts it."""


class Intake:
    """Takes photos in for one process; ``prepare`` may run in many threads, ``save`` in one."""

    def __init__(
        self, database: Database, storage: ObjectStore, settings: IngestionSettings, *, key: bytes
    ) -> None:
        self._database = database
        self._storage = storage
        self._key = key
        self._looks = Looks(settings)

    def knows(self, photo_id: str) -> bool:
        """Tell whether the photo has its row."""
        with self._database.reading() as session:
            return session.get(Photo, photo_id) is not None

    def prepare(self, candidate: Candidate, *, source: str) -> Arrival:
        """Read, check and store one photo; one that is known is not decoded again.

        Raises PermanentError where the candidate is to blame, RetryableError where the store or
        the database is.
        """
        self._refuse_deleted(candidate, facts_hashes(candidate.facts, source=source, key=self._key))
        data = candidate.read()
        photo_id = hashlib.sha256(data).hexdigest()
        if self.knows(photo_id):
            return self.known_arrival(candidate, photo_id, source=source)
        self._refuse_deleted(candidate, {("photo", photo_id)})
        photo = decode(data, name=candidate.name)
        self._storage.put(photo_key(photo_id), strip_and_encode(photo), content_type="image/jpeg")
        fingerprint = Fingerprint(
            coarse=perceptual_hash(photo.pixels), fine=perceptual_hash(photo.pixels, side=16)
        )
        witness = Witness(taken=taken_at(data), modified=candidate.modified_at)
        return Arrival(
            name=candidate.name,
            photo_id=photo_id,
            post=self._post(candidate, photo_id, source=source, witness=witness),
            picture=Picture(photo.width, photo.height, fingerprint),
        )

    def known_arrival(self, candidate: Candidate, photo_id: str, *, source: str) -> Arrival:
        """Return another post of a photo that has its row."""
        witness = Witness(modified=candidate.modified_at)
        post = self._post(candidate, photo_id, source=source, witness=witness)
        self._refuse_deleted(candidate, {("post", post.post_id)})
        return Arrival(name=candidate.name, photo_id=photo_id, post=post, picture=None)

    def prepare_item(self, candidate: Candidate, *, feed: str) -> Arrival:
        """Read, check and store an item's photo of a shop's feed; raises as ``prepare`` does."""
        return replace(self.prepare(candidate, source=feed), catalogued=True)

    def save(
        self, arrivals: Sequence[Arrival], *, also: Callable[[Session], None] | None = None
    ) -> list[Outcome]:
        """Write the rows of photos and posts that are new, and say what each arrival was.

        A photo that repeats an earlier one gets that one's ``look_id``. Processes that do this
        at once do it one after the other, and agree. ``also`` writes in the same transaction.
        """
        if arrivals:
            with self._database.reading() as session:
                self._looks.catch_up(session)  # the long way at first, so not while others wait
        with self._database.transaction() as session:
            outcomes = self._write(session, arrivals) if arrivals else []
            if also is not None:
                also(session)
        for arrival, outcome in zip(arrivals, outcomes, strict=True):
            if outcome == "deleted" and not self.knows(arrival.photo_id):
                self._storage.delete(photo_key(arrival.photo_id))
            done = "done" if outcome in ("new", "near_duplicate") else "skipped"
            metrics.PHOTOS.labels("ingestion", done).inc()
        return outcomes

    def _write(self, session: Session, arrivals: Sequence[Arrival]) -> list[Outcome]:
        self._database.alone(session, "looks")
        self._looks.catch_up(session)
        batch = _Batch(session, self._looks, arrivals)
        return [batch.add(arrival) for arrival in arrivals]

    def _refuse_deleted(self, candidate: Candidate, hashes: set[Buried]) -> None:
        """Raise RefusedError where one of ``hashes`` was deleted."""
        with self._database.reading() as session:
            if buried_among(session, hashes):
                raise RefusedError(candidate.name, "deleted")

    def _post(
        self, candidate: Candidate, photo_id: str, *, source: str, witness: Witness
    ) -> PostRecord:
        return record_post(
            photo_id,
            candidate.facts,
            source=source,
            key=self._key,
            witness=witness,
            now=datetime.now(UTC),
        )


class Looks:
    """The index of fingerprints, kept up with the table of photos."""

    def __init__(self, settings: IngestionSettings) -> None:
        self.limits = Limits(settings.near_distance, settings.near_fine_distance)
        self._index = NearDuplicates(self.limits)

    @property
    def newest(self) -> datetime:
        """When the last photo was received that the index knows."""
        return _EPOCH + self._index.newest * _MICROSECOND

    def catch_up(self, session: Session) -> None:
        """Read the photos that were received since the last time."""
        rows = session.execute(
            select(Photo.received_at, Photo.perceptual_hash, Photo.fine_hash)
            .where(Photo.received_at > self.newest, Photo.catalogued.is_(False))
            .order_by(Photo.received_at)
            .execution_options(yield_per=10_000)
        )
        for part in rows.partitions():
            arrivals, coarse, fine = zip(*part, strict=True)
            self._index.extend(
                [(received - _EPOCH) // _MICROSECOND for received in arrivals],
                [signed % 2**64 for signed in coarse],
                b"".join(fine),
            )

    def look_of(self, session: Session, fingerprint: Fingerprint) -> str | None:
        """Return the look of the earliest near-duplicate in the table, or None."""
        while (arrival := self._index.earliest(fingerprint)) is not None:
            received_at = _EPOCH + arrival * _MICROSECOND
            known = select(Photo.look_id).where(
                Photo.received_at == received_at, Photo.catalogued.is_(False)
            )
            look = session.scalar(known)
            if look is not None:
                return look
            self._index.forget(arrival)  # the photo was deleted since
        return None


class _Batch:
    """The rows of one transaction."""

    def __init__(self, session: Session, looks: Looks, arrivals: Sequence[Arrival]) -> None:
        self._session = session
        self._looks = looks
        self._fresh: list[tuple[Fingerprint, str]] = []
        self._received_at = looks.newest
        photo_ids = [arrival.photo_id for arrival in arrivals]
        post_ids = [arrival.post.post_id for arrival in arrivals]
        known = select(Photo).where(Photo.photo_id.in_(photo_ids))
        posted = select(Post.post_id).where(Post.post_id.in_(post_ids))
        self._photos = {photo.photo_id: photo for photo in session.scalars(known)}
        self._posts = set(session.scalars(posted))
        hashes = {
            one for arrival in arrivals for one in post_hashes(arrival.photo_id, arrival.post)
        }
        self._buried = buried_among(session, hashes)

    def add(self, arrival: Arrival) -> Outcome:
        if self._buried & post_hashes(arrival.photo_id, arrival.post):
            return "deleted"
        outcome: Outcome = "known"
        known = self._photos.get(arrival.photo_id)
        if known is None and arrival.picture is not None:
            outcome = self._add_photo(arrival, arrival.picture)
        elif known is not None and known.catalogued and not arrival.catalogued:
            outcome = self._make_look(known, arrival.post)
        if not arrival.catalogued and arrival.post.post_id not in self._posts:
            self._posts.add(arrival.post.post_id)
            self._session.add(_post_row(arrival))
            outcome = "reposted" if outcome == "known" else outcome
        return outcome

    def _add_photo(self, arrival: Arrival, picture: Picture) -> Outcome:
        # What nobody has posted repeats no look and is none that others could repeat.
        look = None if arrival.catalogued else self._look_of(picture.fingerprint)
        row = _photo_row(arrival, picture, look_id=look, received_at=self._next_moment())
        self._photos[arrival.photo_id] = row
        self._session.add(row)
        if not arrival.catalogued:
            self._fresh.append((picture.fingerprint, row.look_id))
        return "near_duplicate" if look else "new"

    def _make_look(self, photo: Photo, post: PostRecord) -> Outcome:
        """Let an item's photo that somebody posts go its way again, now to be counted."""
        fingerprint = Fingerprint(
            coarse=photo.perceptual_hash % 2**64, fine=int.from_bytes(photo.fine_hash, "big")
        )
        look = self._look_of(fingerprint)
        photo.catalogued, photo.received_at = False, self._next_moment()
        photo.look_id = look or photo.photo_id
        photo.posted_at, photo.source, photo.author = post.posted_at, post.source, post.author
        photo.generation += 1
        photo.published_at = photo.closed_at = photo.buried_at = None
        photo.buried_reason = photo.last_error = None
        photo.attempts = 0
        self._fresh.append((fingerprint, photo.look_id))
        return "near_duplicate" if look else "new"

    def _next_moment(self) -> datetime:
        # The index counts on it that no photo is received before one that is in the table.
        self._received_at = max(datetime.now(UTC), self._received_at + _MICROSECOND)
        return self._received_at

    def _look_of(self, fingerprint: Fingerprint) -> str | None:
        look = self._looks.look_of(self._session, fingerprint)
        if look is not None:
            return look
        limits = self._looks.limits
        fresh = (look for other, look in self._fresh if fingerprint.is_near(other, limits))
        return next(fresh, None)


def _photo_row(
    arrival: Arrival, picture: Picture, *, look_id: str | None, received_at: datetime
) -> Photo:
    coarse = picture.fingerprint.coarse
    return Photo(
        photo_id=arrival.photo_id,
        key=photo_key(arrival.photo_id),
        width=picture.width,
        height=picture.height,
        perceptual_hash=coarse - 2**64 if coarse >= 2**63 else coarse,
        fine_hash=picture.fingerprint.fine_bytes(),
        look_id=look_id or arrival.photo_id,
        posted_at=arrival.post.posted_at,
        source=arrival.post.source,
        author=arrival.post.author,
        received_at=received_at,
        attempts=0,
        generation=0,
        catalogued=arrival.catalogued,
    )


def _post_row(arrival: Arrival) -> Post:
    post = arrival.post
    return Post(
        post_id=post.post_id,
        photo_id=arrival.photo_id,
        source=post.source,
        url=post.url,
        author=post.author,
        posted_at=post.posted_at,
        hashtags=list(post.hashtags),
        likes=post.likes,
        licence=post.licence,
        credit=post.credit,
    )
