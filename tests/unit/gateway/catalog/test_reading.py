"""The catalogue in memory follows the shops' items: changes, sales, and what is gone."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from services.gateway.catalog import reading
from services.gateway.catalog.reading import CatalogReader
from services.ingestion.shop.offers import Offer
from shared.embeddings import to_bytes
from shared.errors import RetryableError
from shared.records import Database, open_database, upgrade
from shared.records.items import ShopFeed, ShopItem
from shared.records.shop_book import grow_version, new_feed, remove_feed

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
NAVY = {"name": "navy", "name_ko": "남색", "basic": "navy", "hex": "#1e2a4a", "share": 0.9}


class Shop:
    """A database with one feed, and a reader that looks each time."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.reader = CatalogReader()
        with database.transaction() as session:
            new_feed(session, "shop", place="x", now=NOW)

    def put(self, number: int, *, gone: bool = False, seen: bool = True, **said: Any) -> str:
        fields: dict[str, Any] = {
            "id": str(number), "title": f"item {number}", "link": "https://s.example/1",
            "image_link": "https://s.example/1.jpg", "price": 1000 + number,
            "availability": "in_stock", **said,
        }  # fmt: skip
        offer = Offer(**fields)
        item_id = f"{number:024}"
        with self.database.transaction() as session:
            version = grow_version(session, "shop")
            session.merge(
                ShopItem(
                    item_id=item_id, feed="shop", offer_id=offer.id, gone=gone,
                    fingerprint=offer.fingerprint, offer=offer.model_dump(mode="json"),
                    image=offer.image_link, photo_state="taken", photo_attempts=0,
                    photo_id=f"{number:064}" if not offer.item_group_id else "a" * 64,
                    seen="x" if seen else None, category="trousers" if seen else None,
                    garment=1, looks={"colors": [NAVY], "pattern": "solid", "styles": {}},
                    embedding=to_bytes(np.ones(96, np.float32)), version=version,
                    first_seen_at=NOW, changed_at=NOW,
                )
            )  # fmt: skip
        return item_id

    def now(self, moment: datetime = NOW) -> dict[str, Any]:
        self.reader._looked_at = float("-inf")
        return dict(self.reader.current(self.database, now=moment).by_id)


@pytest.fixture(scope="module")
def empty_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database that was upgraded once; tests take copies."""
    path = tmp_path_factory.mktemp("records") / "mapsi.db"
    upgrade(f"sqlite:///{path}")
    return path


@pytest.fixture
def shop(tmp_path: Path, empty_file: Path) -> Iterator[Shop]:
    shutil.copy(empty_file, tmp_path / "mapsi.db")
    with closing(open_database(f"sqlite:///{tmp_path}/mapsi.db")) as database:
        yield Shop(database)


def test_an_item_is_there_as_soon_as_its_photo_was_seen(shop):
    item_id = shop.put(1, seen=False)
    assert shop.now() == {}
    shop.put(1)
    item = shop.now()[item_id]
    assert (item.category, item.garment, item.price) == ("trousers", 1, 1001)
    assert item.colors[0].basic == "navy"
    assert np.linalg.norm(item.embedding) == pytest.approx(1)


def test_only_what_changed_is_read_again(shop):
    first = shop.put(1)
    second = shop.put(2)
    before = shop.now()
    version = shop.reader.current(shop.database).version
    assert shop.now()[first] is not None
    shop.put(2, price=5)
    after = shop.now()
    assert after[second].price == 5
    assert after[first].embedding is before[first].embedding
    assert shop.reader.current(shop.database).version != version


def test_nothing_changed_is_the_very_same_catalogue(shop):
    shop.put(1)
    shop.now()
    first = shop.reader.current(shop.database)
    shop.reader._looked_at = float("-inf")
    assert shop.reader.current(shop.database, now=NOW) is first


def test_a_sale_begins_and_ends_by_the_clock(shop):
    item_id = shop.put(
        1, price=1000, sale_price=700, sale_from=NOW + timedelta(hours=1),
        sale_until=NOW + timedelta(hours=2),
    )  # fmt: skip

    def told(hours: float) -> tuple[int, int | None]:
        item = shop.now(NOW + timedelta(hours=hours))[item_id]
        return item.price, item.full_price

    assert [told(0), told(1.5), told(3)] == [(1000, None), (700, 1000), (1000, None)]


def test_what_is_gone_out_of_stock_or_expired_is_not_available(shop):
    there, gone = shop.put(1), shop.put(2, gone=True)
    out, old = shop.put(3, availability="out_of_stock"), shop.put(4, expires=NOW)
    items = shop.now()
    assert [items[i].available for i in (there, gone, out, old)] == [True, False, False, False]


def test_what_was_gone_a_month_ago_is_forgotten(shop):
    item_id = shop.put(1, gone=True)
    assert item_id not in shop.now(NOW + timedelta(days=31))


def test_sizes_of_an_article_are_one_item_the_cheapest_in_stock(shop):
    shop.put(1, item_group_id="g", availability="out_of_stock")
    cheap = shop.put(2, item_group_id="g")
    shop.put(3, item_group_id="g")
    assert list(shop.now()) == [cheap]


def test_a_removed_feed_is_gone_and_added_again_is_another(shop):
    shop.put(1)
    assert len(shop.now()) == 1
    with shop.database.transaction() as session:
        remove_feed(session, session.get_one(ShopFeed, "shop"))
    assert shop.now() == {}
    with shop.database.transaction() as session:
        new_feed(session, "shop", place="x", now=NOW + timedelta(minutes=1))
    item_id = shop.put(7)
    assert list(shop.now()) == [item_id]


def test_within_some_seconds_the_database_is_not_asked_again(shop, monkeypatch):
    shop.put(1)
    first = shop.reader.current(shop.database, now=NOW)
    monkeypatch.setattr(reading, "FRESH", 3600.0)
    shop.put(2)
    assert shop.reader.current(shop.database, now=NOW) is first


def test_while_the_database_is_away_the_catalogue_of_before_is_shown(shop, monkeypatch):
    shop.put(1)
    first = shop.reader.current(shop.database, now=NOW)

    def away(*_: object) -> None:
        raise RetryableError("away")

    monkeypatch.setattr(shop.reader, "_refresh", away)
    shop.reader._looked_at = float("-inf")
    assert shop.reader.current(shop.database, now=NOW) is first
    monkeypatch.setattr(CatalogReader, "_refresh", away)
    with pytest.raises(RetryableError):
        CatalogReader().current(shop.database)
