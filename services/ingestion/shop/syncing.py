"""A feed's file against the items that are known: new, changed, back and gone ones.

An item that says what it said before costs nothing. Items are written some hundred at a time, so
that a reading that is cut off is only taken up again. Lines that are wrong fail alone.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Final

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from services.ingestion import ledger
from services.ingestion.shop.lines import Form, Line, feed_lines
from services.ingestion.shop.offers import ChildrensError, Offer, id_of, read_offer
from services.ingestion.shop.refusals import FeedError
from services.ingestion.sources import Refused
from shared.errors import MapsiError, PermanentError
from shared.records import Database
from shared.records.ingestion import Refusal
from shared.records.items import ShopFeed, ShopItem
from shared.records.shop_book import grow_version, source_of

TOGETHER: Final = 250
"""Lines that are compared and written in one transaction."""
MOST_GONE: Final = 0.5
"""A feed that lists fewer of the items of before is taken for cut short."""


@dataclass
class Reading:
    """What one reading of a feed found."""

    outcomes: Counter[str] = field(default_factory=Counter)
    """added, changed, unchanged, gone, childrens, refused: items or lines."""
    refused: list[Refused] = field(default_factory=list)
    trouble: MapsiError | None = None
    """Why the reading is not whole; nothing was marked as gone then."""


@dataclass(frozen=True)
class FeedFile:
    """A feed's file as it is read."""

    path: Path
    name: str
    """For people: its file name or address."""
    form: Form | None
    local: bool
    """Its photos may be paths beside it."""

    def content_hash(self) -> str:
        """Return the SHA-256 of the file."""
        with self.path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()


def sync(
    database: Database, feed: str, file: FeedFile, *, now: datetime, even_if_mostly_gone: bool
) -> Reading:
    """Bring a feed's items up to its file. Raises RetryableError where the database is away."""
    reading = Reading()
    listed: set[str] = set()
    try:
        offers = _offers(file, reading, listed)
        while some := list(islice(offers, TOGETHER)):
            with database.transaction() as session:
                _write(session, feed, some, reading, now=now)
        _mark_gone(database, feed, listed, reading, now=now, even_if=even_if_mostly_gone)
    except PermanentError as error:
        reading.trouble = error
    _note_refusals(database, feed, reading)
    return reading


def item_id_of(feed: str, offer_id: str) -> str:
    """Return an item's own id: stable, and of no meaning."""
    return hashlib.sha256(f"{feed}\0{offer_id}".encode()).hexdigest()[:24]


def _offers(file: FeedFile, reading: Reading, listed: set[str]) -> Iterator[Offer]:
    """Yield what can be taken; ``listed`` gets the ids of all lines that have one."""
    for line in feed_lines(file.path, name=file.name, form=file.form):
        where = f"{file.name} line {line.number}"
        try:
            yield _offer(line, listed, where=where, local=file.local)
        except ChildrensError:
            reading.outcomes["childrens"] += 1
        except FeedError as error:
            reading.outcomes["refused"] += 1
            reading.refused.append(Refused(where, error))


def _offer(line: Line, listed: set[str], *, where: str, local: bool) -> Offer:
    if isinstance(line.fields, FeedError):
        raise line.fields
    offer_id = id_of(line.fields)
    if offer_id is not None:
        if offer_id in listed:
            raise FeedError(where, "repeated", detail=offer_id)
        listed.add(offer_id)  # whatever else is wrong: it is not gone
    return read_offer(line.fields, where=where, local=local)


def _write(
    session: Session, feed: str, offers: Iterable[Offer], reading: Reading, *, now: datetime
) -> None:
    wanted = {offer.id: offer for offer in offers}
    known = _known(session, feed, wanted)
    fresh = [
        offer
        for offer_id, offer in wanted.items()
        if offer_id not in known
        or known[offer_id].fingerprint != offer.fingerprint
        or known[offer_id].gone
    ]
    reading.outcomes["unchanged"] += len(wanted) - len(fresh)
    if not fresh:
        return
    version = grow_version(session, feed)
    for offer in fresh:
        item = known.get(offer.id)
        reading.outcomes["added" if item is None else "changed"] += 1
        if item is None:
            session.add(_new(feed, offer, version=version, now=now))
        else:
            _renew(item, offer, version=version, now=now)


def _known(session: Session, feed: str, wanted: Mapping[str, Offer]) -> dict[str, ShopItem]:
    rows = select(ShopItem).where(ShopItem.feed == feed, ShopItem.offer_id.in_(wanted))
    return {item.offer_id: item for item in session.scalars(rows)}


def _new(feed: str, offer: Offer, *, version: int, now: datetime) -> ShopItem:
    return ShopItem(
        item_id=item_id_of(feed, offer.id),
        feed=feed,
        offer_id=offer.id,
        fingerprint=offer.fingerprint,
        offer=offer.model_dump(mode="json"),
        gone=False,
        image=offer.image_link,
        photo_state="waiting",
        photo_attempts=0,
        photo_due_at=now,
        looks={},
        version=version,
        first_seen_at=now,
        changed_at=now,
    )


def _renew(item: ShopItem, offer: Offer, *, version: int, now: datetime) -> None:
    """Take over what changed; the photo is asked for again only where its address is another."""
    if Offer.model_validate(item.offer).declared != offer.declared:
        item.seen = None  # its category may be another
    if item.image != offer.image_link or item.photo_state == "refused":
        item.photo_state, item.photo_attempts, item.photo_due_at = "waiting", 0, now
        item.photo_error = item.photo_error_ko = None
    item.image, item.offer = offer.image_link, offer.model_dump(mode="json")
    item.fingerprint, item.gone = offer.fingerprint, False
    item.version, item.changed_at = version, now


def _mark_gone(
    database: Database,
    feed: str,
    listed: set[str],
    reading: Reading,
    *,
    now: datetime,
    even_if: bool,
) -> None:
    """Mark items that the whole feed lists no more; FeedError where they are suspiciously many."""
    here = (ShopItem.feed == feed, ShopItem.gone.is_(False))
    with database.reading() as session:
        known = session.scalars(select(ShopItem.offer_id).where(*here)).all()
    gone = [offer_id for offer_id in known if offer_id not in listed]
    if len(gone) > MOST_GONE * len(known) and not even_if:
        raise FeedError(feed, "mostly_gone", detail=f"{len(gone):,} / {len(known):,}")
    for start in range(0, len(gone), TOGETHER):
        some = gone[start : start + TOGETHER]
        with database.transaction() as session:
            version = grow_version(session, feed)
            session.execute(
                update(ShopItem)
                .where(ShopItem.feed == feed, ShopItem.offer_id.in_(some))
                .values(gone=True, version=version, changed_at=now)
            )
    reading.outcomes["gone"] += len(gone)


def _note_refusals(database: Database, feed: str, reading: Reading) -> None:
    """Keep the last reading's refusals, and no older ones: lines move."""
    source = source_of(feed)
    with database.transaction() as session:
        session.execute(delete(Refusal).where(Refusal.source == source))
        ledger.write_refusals(session, reading.refused, taken=(), source=source)


def items_of(session: Session, feed: ShopFeed) -> int:
    """Count the items that a feed lists."""
    query = select(func.count()).select_from(ShopItem)
    return session.scalar(query.where(ShopItem.feed == feed.name, ShopItem.gone.is_(False))) or 0
