"""Reading feeds: one by command, and those on a schedule, each by one process at a time."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from sqlalchemy import and_, exists, or_, select

from services.ingestion.runs import Run
from services.ingestion.shop.lines import Form
from services.ingestion.shop.opening import open_feed
from services.ingestion.shop.photos import PhotoPlace, take_photos
from services.ingestion.shop.syncing import FeedFile, Reading, items_of, sync
from services.ingestion.sources.url_list import Fetch, is_url
from shared.errors import MapsiError, PermanentError
from shared.fetch_errors import FetchUnavailableError
from shared.logging import logger
from shared.records.items import ShopFeed, ShopItem
from shared.records.shop_book import new_feed

log = logger(__name__)

_FIRST_PAUSE: Final = timedelta(minutes=1)
_LEASE: Final = timedelta(minutes=10)
"""So long a feed is left to the process that reads it; two at once would only do work twice."""


@dataclass(frozen=True)
class ShopDesk:
    """What the work on feeds needs."""

    run: Run
    fetch_feed: Fetch
    fetch_photo: Fetch
    progress: Callable[[int], None] = lambda photos: None
    """Told how many more photos were asked for."""


@dataclass(frozen=True)
class Place:
    """A feed by name, and where it is."""

    feed: str
    place: str
    form: Form | None = None


def read_by_command(desk: ShopDesk, place: Place, *, even_if_mostly_gone: bool) -> Reading:
    """Read a feed now, and take in all photos that are due; a feed of a new name is added.

    A feed on a schedule keeps it. Raises RetryableError where our own database or store is away.
    """
    with desk.run.database.transaction() as session:
        if session.get(ShopFeed, place.feed) is None:
            here = place.place if is_url(place.place) else str(Path(place.place).resolve())
            new_feed(session, place.feed, place=here, now=datetime.now(UTC))
    return _read(desk, place, until=lambda: False, even_if=even_if_mostly_gone)


def claim(desk: ShopDesk, *, now: datetime, skip: frozenset[str] = frozenset()) -> ShopFeed | None:
    """Take the longest due feed for this process alone, or None.

    Due: its schedule says so, or photos of a feed with an address wait.
    """
    waiting = exists().where(
        ShopItem.feed == ShopFeed.name,
        ShopItem.photo_state == "waiting",
        ShopItem.photo_due_at <= now,
        ShopItem.gone.is_(False),
    )
    paused = and_(ShopFeed.due_at.is_(None), ShopFeed.every_minutes.is_not(None))
    free = or_(ShopFeed.leased_until.is_(None), ShopFeed.leased_until <= now)
    due = or_(ShopFeed.due_at <= now, and_(ShopFeed.place.startswith("https:"), waiting))
    database = desk.run.database
    with database.transaction() as session:
        database.alone(session, "feeds")
        query = select(ShopFeed).where(free, due, ~paused, ShopFeed.name.not_in(skip))
        feed = session.scalar(query.order_by(ShopFeed.due_at).limit(1))
        if feed is not None:
            feed.leased_until = now + _LEASE
        return feed


def work_on(desk: ShopDesk, feed: ShopFeed, *, until: Callable[[], bool]) -> None:
    """Read a claimed feed where its schedule says so, take in photos, and let go of it."""
    place = Place(feed.name, feed.place, feed.form)  # type: ignore[arg-type]
    if feed.due_at is not None and feed.due_at <= datetime.now(UTC):
        _read(desk, place, until=until, even_if=False)
    else:
        place_of = PhotoPlace(desk.fetch_photo)
        take_photos(desk.run, feed.name, place_of, until=until, progress=desk.progress)
    with desk.run.database.transaction() as session:
        row = session.get(ShopFeed, feed.name)
        if row is not None:
            row.leased_until = None


def _read(desk: ShopDesk, place: Place, *, until: Callable[[], bool], even_if: bool) -> Reading:
    reading, digest = Reading(), None
    try:
        with open_feed(
            place.place, place.form, fetch_feed=desk.fetch_feed, fetch_photo=desk.fetch_photo
        ) as (file, photos):
            digest = file.content_hash()
            reading = _compare(desk, place.feed, file, digest, even_if=even_if)
            _note(desk, place.feed, reading, digest)
            take_photos(desk.run, place.feed, photos, until=until, progress=desk.progress)
    except (PermanentError, FetchUnavailableError) as error:
        reading.trouble = error
        _note(desk, place.feed, reading, None)
    if reading.trouble is not None:
        log.warning("feed in trouble", feed=place.feed, reason=reading.trouble.reason)
    return reading


def _compare(desk: ShopDesk, feed: str, file: FeedFile, digest: str, *, even_if: bool) -> Reading:
    database = desk.run.database
    with database.reading() as session:
        known = session.get(ShopFeed, feed)
        same = known is not None and known.content_hash == digest
        items = items_of(session, known) if known is not None and same else 0
    if same and not even_if:
        reading = Reading()
        reading.outcomes["unchanged"] = items
        return reading
    return sync(database, feed, file, now=datetime.now(UTC), even_if_mostly_gone=even_if)


def _note(desk: ShopDesk, feed: str, reading: Reading, digest: str | None) -> None:
    """Write how a reading ended, and when the next is due."""
    now, trouble = datetime.now(UTC), reading.trouble
    with desk.run.database.transaction() as session:
        row = session.get(ShopFeed, feed)
        if row is None:  # removed meanwhile
            return
        row.error, row.error_ko = _texts(trouble)
        row.failures = row.failures + 1 if trouble is not None else 0
        if digest is not None:
            # Refused lines are told by the reading that found them.
            if row.content_hash != digest or trouble is not None:
                row.figures = dict(reading.outcomes)
            row.content_hash = digest if trouble is None else None
            row.read_at = now if trouble is None else row.read_at
        if row.every_minutes is not None and row.due_at is not None:  # not paused meanwhile
            row.due_at = now + _pause(row, trouble)


def _pause(feed: ShopFeed, trouble: MapsiError | None) -> timedelta:
    pace = timedelta(minutes=feed.every_minutes or 0)
    if isinstance(trouble, FetchUnavailableError):  # its server may be back soon
        pace = min(pace, _FIRST_PAUSE * 2 ** min(feed.failures, 10))
    # A little sooner or later each time, so that feeds do not come due all at once.
    return pace * random.uniform(0.95, 1.05)  # noqa: S311


def _texts(error: MapsiError | None) -> tuple[str | None, str | None]:
    return (error.text, error.text_ko) if error is not None else (None, None)
