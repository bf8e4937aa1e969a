"""Items' photos on their way into the store: fetched once, saved as no looks, then announced."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, Final

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from services.ingestion.intake import Arrival
from services.ingestion.runs import Run
from services.ingestion.shop.refusals import FeedError
from services.ingestion.sources import Candidate, Refused
from services.ingestion.sources.url_list import Fetch, is_url
from shared.errors import PermanentError
from shared.fetch_errors import FetchUnavailableError
from shared.photo_checks import MAX_BYTES
from shared.records import Database
from shared.records.items import ShopItem
from shared.records.shop_book import grow_version, source_of

_FIRST_PAUSE: Final = 60.0
_LONGEST_PAUSE: Final = 6 * 3600.0


@dataclass(frozen=True)
class Wish:
    """One photo that items of a feed wait for: sizes of an article share theirs."""

    image: str
    offers: tuple[str, ...]
    attempts: int


@dataclass(frozen=True)
class Late:
    """A photo whose server did not answer now."""

    wish: Wish


Fetched = Arrival | Refused | Late


@dataclass(frozen=True)
class PhotoPlace:
    """Where a feed's photos are."""

    fetch: Fetch
    folder: Path | None = None
    """Beside the feed; None: the photos have addresses."""

    def read(self, image: str, *, where: str) -> bytes:
        """Return a photo's bytes; FeedError where its path is none, else as ``fetch`` raises."""
        if self.folder is None or is_url(image):
            return self.fetch(image)
        root = self.folder.resolve()
        path = (root / image).resolve()
        if Path(image).is_absolute() or not path.is_relative_to(root):
            raise FeedError(where, "outside", field="image_link", detail=image)
        try:
            with path.open("rb") as file:
                return file.read(MAX_BYTES + 1)
        except OSError as error:
            raise FeedError(where, "no_photo", field="image_link", detail=image) from error


def take_photos(
    run: Run,
    feed: str,
    place: PhotoPlace,
    *,
    until: Callable[[], bool],
    progress: Callable[[int], None],
) -> None:
    """Take in the photos of a feed that are due, batch by batch, until ``until`` says so.

    ``progress`` is told how many more were asked for. Raises RetryableError where our own store
    or database is away.
    """
    while not until():
        now = datetime.now(UTC)
        wishes = _share_known(run.database, feed, _due(run.database, feed, run, now=now))
        if wishes is None:
            return
        if wishes:
            _take(run, feed, wishes, place)
            progress(len(wishes))


def _due(database: Database, feed: str, run: Run, *, now: datetime) -> list[Wish]:
    query = (
        select(ShopItem.image, ShopItem.offer_id, ShopItem.photo_attempts)
        .where(
            ShopItem.feed == feed,
            ShopItem.photo_state == "waiting",
            ShopItem.photo_due_at <= now,
            ShopItem.gone.is_(False),
        )
        .order_by(ShopItem.photo_due_at, ShopItem.image)
        .limit(run.settings.batch_size)
    )
    found: dict[str, tuple[list[str], int]] = {}
    with database.reading() as session:
        for image, offer_id, attempts in session.execute(query):
            found.setdefault(image, ([], attempts))[0].append(offer_id)
    return [Wish(image, tuple(offers), tried) for image, (offers, tried) in found.items()]


def _share_known(database: Database, feed: str, wishes: Sequence[Wish]) -> list[Wish] | None:
    """Give items the photo that another item of the feed has; return what must be fetched.

    None: nothing is due any more.
    """
    if not wishes:
        return None
    images = [wish.image for wish in wishes]
    query = select(ShopItem.image, ShopItem.photo_id).where(
        ShopItem.feed == feed, ShopItem.photo_state == "taken", ShopItem.image.in_(images)
    )
    with database.transaction() as session:
        known = {image: photo_id for image, photo_id in session.execute(query) if photo_id}
        if known:
            version = grow_version(session, feed)
            for wish in wishes:
                if wish.image in known:
                    _note(session, feed, wish, _taken(known[wish.image]), version=version)
    return [wish for wish in wishes if wish.image not in known]


def _take(run: Run, feed: str, wishes: Sequence[Wish], place: PhotoPlace) -> None:
    attempts = run.settings.source_attempts
    with ThreadPoolExecutor(run.settings.threads, thread_name_prefix="fetch") as pool:
        fetched = list(pool.map(partial(_fetched, run=run, feed=feed, place=place), wishes))
    done = [_given_up(one, feed, attempts) if isinstance(one, Late) else one for one in fetched]
    run.take(
        [one for one in done if isinstance(one, Arrival)],
        [one for one in done if isinstance(one, Refused)],
        source=source_of(feed),
        also=partial(_note_all, feed=feed, outcomes=dict(zip(wishes, done, strict=True))),
    )


def _fetched(wish: Wish, *, run: Run, feed: str, place: PhotoPlace) -> Fetched:
    name = _name(feed, wish)
    candidate = Candidate(name, partial(place.read, wish.image, where=name))
    try:
        return run.intake.prepare_item(candidate, feed=source_of(feed))
    except FetchUnavailableError:
        return Late(wish)
    except PermanentError as error:
        return Refused(name, error)


def _given_up(late: Late, feed: str, attempts: int) -> Refused | Late:
    if late.wish.attempts + 1 < attempts:
        return late
    name = _name(feed, late.wish)
    error = FeedError(name, "not_fetched", field="image_link", detail=str(attempts))
    return Refused(name, error)


def _name(feed: str, wish: Wish) -> str:
    return f"{feed} id {wish.offers[0]}"


def _note_all(session: Session, *, feed: str, outcomes: Mapping[Wish, Fetched]) -> None:
    now, version = datetime.now(UTC), grow_version(session, feed)
    for wish, outcome in outcomes.items():
        if isinstance(outcome, Arrival):
            values = _taken(outcome.photo_id)
        elif isinstance(outcome, Refused):
            values = {
                "photo_state": "refused",
                "photo_due_at": None,
                "photo_error": outcome.error.text,
                "photo_error_ko": outcome.error.text_ko,
            }
        else:
            pause = min(_LONGEST_PAUSE, _FIRST_PAUSE * 4**wish.attempts)
            pause *= random.uniform(0.5, 1.0)  # noqa: S311 - so that all do not come back at once
            due = now + timedelta(seconds=pause)
            values = {"photo_attempts": wish.attempts + 1, "photo_due_at": due}
        _note(session, feed, wish, values, version=version)


def _taken(photo_id: str) -> dict[str, Any]:
    return {
        "photo_state": "taken",
        "photo_id": photo_id,
        "photo_due_at": None,
        "photo_error": None,
        "photo_error_ko": None,
        "seen": None,
    }


def _note(session: Session, feed: str, wish: Wish, values: dict[str, Any], *, version: int) -> None:
    session.execute(
        update(ShopItem)
        .where(
            ShopItem.feed == feed,
            ShopItem.offer_id.in_(wish.offers),
            ShopItem.image == wish.image,  # else the feed named another one meanwhile
            ShopItem.photo_state == "waiting",
        )
        .values(version=version, **values)
        .execution_options(synchronize_session=False)
    )
