"""A shop's items on both databases: written, seen, read as a catalogue, and claimed by one."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import select, update

from services.gateway.catalog.reading import CatalogReader
from services.ingestion.settings import IngestionSettings
from services.ingestion.shop import rounds
from services.ingestion.shop.seeing import see_items
from services.ingestion.shop.syncing import FeedFile, sync
from shared.records import Database
from shared.records.ingestion import Photo
from shared.records.items import ShopFeed, ShopItem
from shared.records.shop_book import FeedSpec, add_feed, grow_version
from shared.records.trends import Settlement
from shared.storage.folder import FolderStore
from tests.samples import wardrobe

pytestmark = pytest.mark.integration
NOW = datetime.now(UTC)
SPEC = FeedSpec(name="shop", url="https://shop.example/feed.jsonl")


def write(path: Path, count: int) -> FeedFile:
    offers = [
        {
            "id": f"A{n}", "title": f"슬림 팬츠 {n}", "link": "https://s.example/1",
            "image_link": f"https://s.example/{n}.jpg", "price": "39000 KRW",
            "availability": "in_stock",
        }
        for n in range(count)
    ]  # fmt: skip
    path.write_text("".join(json.dumps(offer) + "\n" for offer in offers))
    return FeedFile(path, "feed", None, local=False)


def play_pipeline(database: Database, storage: Any, count: int) -> None:
    """Give every item a photo, and most photos an analysis; one is no fashion."""
    told = wardrobe.analysis(b"x")
    with database.transaction() as session:
        for n in range(count):
            photo_id, key = f"{n:064x}", f"results/color/1/{n}.json"
            session.add(
                Photo(
                    photo_id=photo_id, key="k", width=9, height=9, perceptual_hash=n,
                    fine_hash=bytes(32), look_id=photo_id, posted_at=NOW, source="shop:shop",
                    received_at=NOW, attempts=1, catalogued=True,
                )
            )  # fmt: skip
            analysis = told.model_copy(update={"photo_id": photo_id})
            storage.put(key, analysis.model_dump_json().encode(), content_type="x")
            outcome = "analyzed" if n else "not_fashion"
            session.add(
                Settlement(
                    photo_id=photo_id, outcome=outcome, stage="color", models={},
                    analysis_key=key if n else None, settled_at=NOW, catalogued=True,
                )
            )  # fmt: skip
            session.execute(
                update(ShopItem)
                .where(ShopItem.offer_id == f"A{n}")
                .values(photo_id=photo_id, photo_state="taken")
            )


def test_items_are_written_seen_and_read(database: Database, tmp_path: Path) -> None:
    with database.transaction() as session:
        add_feed(session, SPEC, now=NOW)
    file = write(tmp_path / "feed", 300)
    reading = sync(database, "shop", file, now=NOW, even_if_mostly_gone=False)
    assert reading.outcomes["added"] == 300
    storage = FolderStore(tmp_path / "objects")
    play_pipeline(database, storage, 300)
    assert see_items(database, storage) == 300
    assert see_items(database, storage) == 0
    catalog = CatalogReader().current(database)
    assert len(catalog.items) == 300
    assert sum(item.garment == 1 for item in catalog.items) == 299
    assert {item.category for item in catalog.items} == {"trousers"}
    reading = sync(database, "shop", write(tmp_path / "feed", 200), now=NOW,
                   even_if_mostly_gone=False)  # fmt: skip
    assert reading.outcomes["gone"] == 100
    fresh = CatalogReader().current(database)
    assert sum(item.available for item in fresh.items) == 200


def test_of_many_processes_one_reads_a_feed(database: Database) -> None:
    with database.transaction() as session:
        add_feed(session, SPEC, now=NOW)
    run = SimpleNamespace(database=database, settings=IngestionSettings())
    desk: Any = SimpleNamespace(run=run)
    with ThreadPoolExecutor(6) as pool:
        claimed = list(pool.map(lambda _: rounds.claim(desk, now=datetime.now(UTC)), range(6)))
    assert sum(feed is not None for feed in claimed) == 1


def test_changes_at_once_get_versions_of_their_own(database: Database) -> None:
    with database.transaction() as session:
        add_feed(session, SPEC, now=NOW)

    def grow(_: int) -> int:
        with database.transaction() as session:
            return grow_version(session, "shop")

    with ThreadPoolExecutor(6) as pool:
        assert sorted(pool.map(grow, range(24))) == list(range(1, 25))
    with database.reading() as session:
        assert session.scalar(select(ShopFeed.version)) == 24
