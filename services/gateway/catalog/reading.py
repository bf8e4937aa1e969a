"""The catalogue in memory: read from the shops' items, and kept up with them.

A look at the feeds' versions, at most every few seconds, tells whether anything changed; then only
the items that did are read. Prices and availability that change by the clock (sales, expiry) are
taken over at their moment.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import Row, or_, select
from sqlalchemy.orm import Session

from services.gateway.catalog.domain import Catalog, Item
from shared.contracts.garments import Color
from shared.embeddings import from_bytes
from shared.errors import RetryableError
from shared.logging import logger
from shared.records import Database
from shared.records.items import ShopFeed, ShopItem

if TYPE_CHECKING:
    from services.gateway.access import Gateway

log = logger(__name__)

FRESH: Final = 3.0
"""Seconds within which the versions are not looked at again."""
_REMEMBERED: Final = timedelta(days=30)
"""So long an item that is gone can still be found, as not available."""

_COLUMNS: Final = (
    ShopItem.item_id, ShopItem.feed, ShopItem.offer, ShopItem.gone, ShopItem.category,
    ShopItem.garment, ShopItem.looks, ShopItem.embedding, ShopItem.photo_id, ShopItem.changed_at,
)  # fmt: skip
_Stamp = tuple[str, int]
"""When a feed was added, and its version: one that is removed and added again is another."""


@dataclass(frozen=True)
class _Offered:
    """An item as it is once seen, and the parts of its offer that the clock changes."""

    item: Item
    group: str | None
    price: int
    sale: int | None
    sale_from: datetime | None
    sale_until: datetime | None
    in_stock: bool
    expires: datetime | None

    def at(self, now: datetime) -> Item:
        """Return the item as it is offered at a moment."""
        begun = self.sale_from is None or self.sale_from <= now
        on_sale = self.sale is not None and begun and not _is_past(self.sale_until, now)
        return replace(
            self.item,
            price=self.sale if on_sale and self.sale is not None else self.price,
            full_price=self.price if on_sale else None,
            available=self.in_stock and not _is_past(self.expires, now),
        )

    def moments(self, now: datetime) -> Iterable[datetime]:
        """Yield when it will be offered otherwise."""
        dates = (self.sale_from, self.sale_until, self.expires)
        return (date for date in dates if date is not None and date > now)


class CatalogReader:
    """The catalogue of one process; safe in any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._looked_at = float("-inf")
        self._stamps: dict[str, _Stamp] = {}
        self._offered: dict[str, _Offered] = {}
        self._until: datetime | None = None
        self._catalog: Catalog | None = None

    def recall(self) -> Catalog | None:
        """Return the catalogue without a look at the database, if there was one lately."""
        is_fresh = time.monotonic() - self._looked_at < FRESH
        return self._catalog if is_fresh else None

    def current(self, database: Database, *, now: datetime | None = None) -> Catalog:
        """Return the catalogue as it is now, or was up to ``FRESH`` seconds ago.

        While it is read anew by one thread, the others get the one before. Raises RetryableError
        where the database is away and the catalogue was never read.
        """
        known = self._catalog
        if known is not None and time.monotonic() - self._looked_at < FRESH:
            return known
        if not self._lock.acquire(blocking=known is None):
            return known or Catalog((), "")
        try:
            self._refresh(database, now or datetime.now(UTC))
        except RetryableError as error:
            if self._catalog is None:
                raise
            log.warning("catalogue not read, the one before is shown", reason=str(error))
            self._looked_at = time.monotonic()
        finally:
            self._lock.release()
        return self._catalog or Catalog((), "")

    def _refresh(self, database: Database, now: datetime) -> None:
        with database.reading() as session:
            feeds = select(ShopFeed.name, ShopFeed.created_at, ShopFeed.version)
            rows = session.execute(feeds).all()
            stamps = {name: (made.isoformat(), version) for name, made, version in rows}
            changed = stamps != self._stamps
            if changed:
                self._read(session, stamps, now)
        due = self._until is not None and self._until <= now
        if changed or due or self._catalog is None:
            self._stamps = stamps
            moments = (m for one in self._offered.values() for m in one.moments(now))
            self._until = min(moments, default=None)
            self._catalog = _catalog(self._offered.values(), stamps, now)
        self._looked_at = time.monotonic()

    def _read(self, session: Session, stamps: Mapping[str, _Stamp], now: datetime) -> None:
        known = {
            name: stamp[1]
            for name, stamp in self._stamps.items()
            if name in stamps and stamps[name][0] == stamp[0]
        }
        self._offered = {k: o for k, o in self._offered.items() if o.item.feed in known}
        for name, (_, version) in stamps.items():
            if known.get(name) == version:
                continue
            query = select(*_COLUMNS).where(
                ShopItem.feed == name,
                ShopItem.version > known.get(name, -1),
                or_(ShopItem.gone.is_(False), ShopItem.changed_at > now - _REMEMBERED),
            )
            for row in session.execute(query.execution_options(yield_per=2000)):
                self._put(row)

    def _put(self, row: Row[Any]) -> None:
        if row.category is None or row.photo_id is None:  # not seen yet
            self._offered.pop(row.item_id, None)
        else:
            self._offered[row.item_id] = _offered(row)


def open_catalog(gateway: Gateway) -> Catalog:
    """Return the catalogue of all shops as it is now; cheap to call for each request."""
    return gateway.catalog.current(gateway.database)


def _catalog(offered: Iterable[_Offered], stamps: Mapping[str, _Stamp], now: datetime) -> Catalog:
    chosen: dict[tuple[str, str], Item] = {}
    for one in offered:
        item = one.at(now)
        # Sizes of one article are offers of their own, with one photo: one of them is shown.
        key = (one.group, item.photo_id) if one.group else ("", item.item_id)
        other = chosen.get(key)
        if other is None or _rank(item) < _rank(other):
            chosen[key] = item
    items = tuple(sorted(chosen.values(), key=lambda item: item.item_id))
    told = repr((sorted(stamps.items()), [(i.price, i.available) for i in items]))
    return Catalog(items, version=sha256(told.encode()).hexdigest()[:16])


def _rank(item: Item) -> tuple[bool, int, str]:
    return not item.available, item.price, item.item_id


def _offered(row: Row[Any]) -> _Offered:
    offer, looks = row.offer, row.looks
    item = Item(
        item_id=row.item_id,
        feed=row.feed,
        title=offer["title"],
        brand=offer["brand"],
        link=offer["link"],
        category=row.category,
        colors=tuple(Color.model_validate(color) for color in looks.get("colors", ())),
        pattern=looks.get("pattern"),
        styles=looks.get("styles", {}),
        gender=offer["gender"],
        price=offer["price"],
        available=False,
        photo_id=row.photo_id,
        garment=row.garment if row.garment is not None else -1,
        embedding=from_bytes(row.embedding) if row.embedding else None,
        updated_at=_date(offer["updated"]) or row.changed_at,
    )
    return _Offered(
        item=item,
        group=offer["item_group_id"],
        price=offer["price"],
        sale=offer["sale_price"],
        sale_from=_date(offer["sale_from"]),
        sale_until=_date(offer["sale_until"]),
        in_stock=not row.gone and offer["availability"] == "in_stock",
        expires=_date(offer["expires"]),
    )


def _date(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _is_past(moment: datetime | None, now: datetime) -> bool:
    return moment is not None and moment <= now
