"""A shop's feed becomes items: once, incrementally, and never a look of the street."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sqlalchemy import func, select, update

from services.ingestion import tasks
from services.ingestion.intake import Intake
from services.ingestion.runs import Run
from services.ingestion.shop import rounds
from services.ingestion.shop.command import check_shop
from services.ingestion.shop.rounds import Place, ShopDesk, read_by_command
from services.ingestion.shop.seeing import see_items
from services.ingestion.shop.syncing import Reading
from services.trends.rollup import count_photos
from shared.contracts.clock import Tick
from shared.contracts.garments import Analysis
from shared.contracts.photos import AnalyzedPhoto, GarmentFact, PhotoRef
from shared.embeddings import pack
from shared.errors import UsageError
from shared.fetch_errors import FetchUnavailableError
from shared.records.ingestion import Photo, Post, Refusal
from shared.records.items import ShopFeed, ShopItem
from shared.records.shop_book import FeedSpec, add_feed, remove_feed
from shared.records.trends import Cell, Fact, Settlement
from tests.hostile.sources import photo_bytes
from tests.samples import wardrobe

URL = "https://shop.example/feed.jsonl"


@dataclass
class Shop:
    """A shop in a folder, its feed as one JSON object a line."""

    installation: Any
    folder: Path
    web: dict[str, bytes]

    def offer(self, number: int, **said: object) -> dict[str, object]:
        name = f"{number}.jpg"
        (self.folder / name).write_bytes(photo_bytes(number))
        return {
            "id": f"A{number}", "title": f"셔츠 {number}", "link": f"https://s.example/{number}",
            "image_link": name, "price": "39000 KRW", "availability": "in_stock", **said,
        }  # fmt: skip

    def desk(self) -> ShopDesk:
        house = self.installation
        key = b"a key of at least sixteen bytes"
        intake = Intake(house.database, house.context.storage, house.settings, key=key)
        run = Run(house.context, house.database, intake, house.settings, warn=lambda error: None)
        self.fetched: list[str] = []
        return ShopDesk(run, self._fetch, self._fetch)

    def _fetch(self, url: str) -> bytes:
        self.fetched.append(url)
        if url not in self.web:
            raise FetchUnavailableError(url, "no_answer")
        return self.web[url]

    def read(self, *offers: dict[str, object], everything: bool = False) -> Reading:
        (self.folder / "feed.jsonl").write_text("".join(json.dumps(o) + "\n" for o in offers))
        place = Place("shop", str(self.folder))
        return read_by_command(self.desk(), place, even_if_mostly_gone=everything)

    def items(self) -> dict[str, ShopItem]:
        return {item.offer_id: item for item in self.installation.rows(ShopItem)}

    def analyse(self, photo: Photo) -> Analysis:
        """Play the stages and trends: the photo is the wardrobe's outfit."""
        told = wardrobe.analysis(b"x")
        garments = tuple(
            g.model_copy(update={"embedding": pack(np.arange(96, dtype=np.float32))})
            for g in told.garments
        )
        analysis = told.model_copy(update={"photo_id": photo.photo_id, "garments": garments})
        key = f"results/color/1/{photo.photo_id}-{photo.generation}.json"
        house = self.installation
        house.context.storage.put(key, analysis.model_dump_json().encode(), content_type="x")
        facts = tuple(
            GarmentFact(category=g.category, score=g.score, color=g.colors[0].name,
                        basic=g.colors[0].basic, hex=g.colors[0].hex, pattern="solid")
            for g in garments
        )  # fmt: skip
        ref = PhotoRef(
            photo_id=photo.photo_id, key=photo.key, width=photo.width, height=photo.height,
            posted_at=photo.posted_at, source=photo.source, author=photo.author,
            look_id=photo.look_id, generation=photo.generation, catalogued=photo.catalogued,
        )  # fmt: skip
        item = AnalyzedPhoto(photo=ref, fashion=0.9, styles=analysis.styles, garments=facts,
                             analysis_key=key, models=analysis.models)  # fmt: skip
        count_photos(house.database, [item], author_cap=3)
        return analysis

    def see(self) -> int:
        house = self.installation
        return see_items(house.database, house.context.storage)


def test_a_command_names_one_feed_and_a_plain_shop():
    check_shop(("feed.tsv",), "my-shop.kr")
    for places, name in (((), "shop"), (("a", "b"), "shop"), (("a",), "../x"), (("a",), "Shop")):
        with pytest.raises(UsageError) as error:
            check_shop(places, name)
        assert error.value.text != error.value.text_ko


@pytest.fixture
def shop(installation, tmp_path):
    folder = tmp_path / "shop"
    folder.mkdir()
    return Shop(installation, folder, {})


def figures(reading: Reading) -> dict[str, int]:
    return {name: count for name, count in reading.outcomes.items() if count}


def test_items_come_in_with_their_photos_announced_once(shop):
    reading = shop.read(shop.offer(1), shop.offer(2))
    assert figures(reading) == {"added": 2}
    assert {item.photo_state for item in shop.items().values()} == {"taken"}
    (announced,) = shop.installation.announced()
    assert len(announced) == 2
    assert all(photo.catalogued for photo in shop.installation.rows(Photo))
    assert shop.installation.rows(Post) == []


def test_the_same_feed_again_costs_nothing(shop):
    offers = [shop.offer(n) for n in range(3)]
    shop.read(*offers)
    before = {k: (i.version, i.changed_at) for k, i in shop.items().items()}
    for path in shop.folder.glob("*.jpg"):
        path.unlink()  # whoever would look for a photo again would fail
    assert figures(shop.read(*offers)) == {"unchanged": 3}
    assert {k: (i.version, i.changed_at) for k, i in shop.items().items()} == before
    assert len(shop.installation.announced()) == 1


def test_only_what_changed_is_written_and_a_price_asks_for_no_photo(shop):
    offers = [shop.offer(n) for n in range(3)]
    shop.read(*offers)
    for path in shop.folder.glob("*.jpg"):
        path.unlink()
    cheaper = {**offers[1], "price": "29000 KRW"}
    assert figures(shop.read(offers[0], cheaper, offers[2])) == {"unchanged": 2, "changed": 1}
    assert shop.items()["A1"].offer["price"] == 29000
    assert shop.items()["A1"].photo_state == "taken"


def test_another_photo_address_fetches_that_photo(shop):
    shop.read(shop.offer(1))
    first = shop.items()["A1"].photo_id
    other = shop.offer(77) | {"id": "A1"}
    shop.read(other)
    assert shop.items()["A1"].photo_id not in (None, first)


def test_items_that_the_feed_lists_no_more_are_gone_and_come_back(shop):
    offers = [shop.offer(n) for n in range(5)]
    shop.read(*offers)
    assert figures(shop.read(*offers[:3])) == {"unchanged": 3, "gone": 2}
    assert {k for k, i in shop.items().items() if i.gone} == {"A3", "A4"}
    assert figures(shop.read(*offers)) == {"unchanged": 3, "changed": 2}
    assert not any(item.gone for item in shop.items().values())


def test_a_feed_that_is_cut_short_takes_nothing_away(shop):
    offers = [shop.offer(n) for n in range(5)]
    shop.read(*offers)
    reading = shop.read(offers[0])
    assert reading.trouble is not None
    assert "--all" in reading.trouble.text
    assert not any(item.gone for item in shop.items().values())
    assert shop.installation.rows(ShopFeed)[0].error == reading.trouble.text
    assert figures(shop.read(offers[0], everything=True)) == {"unchanged": 1, "gone": 4}
    assert shop.installation.rows(ShopFeed)[0].error is None


def test_a_wrong_line_fails_alone_and_its_item_is_not_gone(shop):
    offers = [shop.offer(n) for n in range(3)]
    shop.read(*offers)
    reading = shop.read(offers[0], {**offers[1], "price": "39 USD"}, offers[2])
    assert figures(reading) == {"unchanged": 2, "refused": 1}
    (refusal,) = shop.installation.rows(Refusal)
    assert "line 2" in refusal.text and "KRW" in refusal.text
    assert not shop.items()["A1"].gone
    shop.read(*offers)
    assert shop.installation.rows(Refusal) == []


def test_an_id_that_is_given_twice_counts_once(shop):
    reading = shop.read(shop.offer(1), {**shop.offer(2), "id": "A1"})
    assert figures(reading) == {"added": 1, "refused": 1}


def test_a_photo_that_is_none_is_refused_with_its_item_named(shop):
    bad = shop.offer(1)
    (shop.folder / "1.jpg").write_bytes(b"no photo")
    shop.read(bad, shop.offer(2), shop.offer(3) | {"image_link": "../secret.jpg"})
    items = shop.items()
    assert [items[k].photo_state for k in ("A1", "A2", "A3")] == ["refused", "taken", "refused"]
    assert "A1" in items["A1"].photo_error
    assert "leads out" in items["A3"].photo_error


def test_sizes_of_an_article_share_one_photo(shop):
    shop.web = {"https://s.example/p.jpg": photo_bytes(5)}
    sizes = [shop.offer(n) | {"image_link": "https://s.example/p.jpg"} for n in range(40)]
    shop.read(*sizes)
    assert shop.fetched == ["https://s.example/p.jpg"]
    assert len({item.photo_id for item in shop.items().values()}) == 1


def test_a_server_that_stumbles_is_asked_again_later_and_then_given_up(shop):
    shop.installation.settings = shop.installation.settings.model_copy(
        update={"source_attempts": 2}
    )
    offer = shop.offer(1) | {"image_link": "https://s.example/p.jpg"}
    shop.read(offer)
    assert shop.items()["A1"].photo_state == "waiting"
    with shop.installation.database.transaction() as session:
        session.execute(update(ShopItem).values(photo_due_at=datetime.now(UTC)))
    shop.read(offer)
    assert shop.items()["A1"].photo_state == "refused"


def test_what_is_seen_on_the_photo_becomes_the_item(shop):
    shop.read(shop.offer(1, title="슬림 팬츠"))
    assert shop.see() == 0
    shop.analyse(shop.installation.rows(Photo)[0])
    assert shop.see() == 1
    item = shop.items()["A1"]
    assert (item.category, item.garment) == ("trousers", 1)
    assert item.looks["colors"][0]["basic"] == "black"
    assert len(item.embedding) == 96
    assert shop.see() == 0


def test_a_photo_that_is_no_fashion_leaves_the_word_to_the_feed(shop):
    shop.read(shop.offer(1, title="와이드 슬랙스", color="네이비"), shop.offer(2, title="신상"))
    photos = [photo.photo_id for photo in shop.installation.rows(Photo)]
    shop.installation.settle(*photos, outcome="not_fashion")
    shop.see()
    items = shop.items()
    assert (items["A1"].category, items["A1"].garment) == ("trousers", None)
    assert items["A1"].looks["colors"][0]["basic"] == "navy"
    assert items["A2"].category is None


def test_a_new_title_is_judged_anew_without_the_photo(shop):
    shop.read(shop.offer(1, title="슬림 팬츠"))
    shop.analyse(shop.installation.rows(Photo)[0])
    shop.see()
    (shop.folder / "1.jpg").unlink()
    shop.read({**shop.offer(1), "title": "옥스퍼드 셔츠"})
    shop.see()
    assert shop.items()["A1"].category == "long_sleeved_shirt"


def test_a_catalogue_is_no_street(shop):
    shop.read(shop.offer(1))
    shop.analyse(shop.installation.rows(Photo)[0])
    assert shop.installation.rows(Fact) == []
    assert shop.installation.rows(Cell) == []
    (mark,) = shop.installation.rows(Settlement)
    assert (mark.outcome, mark.catalogued) == ("analyzed", True)


def test_an_items_photo_that_somebody_posts_is_a_look_from_then_on(shop):
    shop.read(shop.offer(1))
    shop.analyse(shop.installation.rows(Photo)[0])
    shop.see()
    street = shop.installation.folder / "street.jpg"
    street.write_bytes(photo_bytes(1))
    shop.installation.ingest(shop.installation.folder, source="street")
    (photo,) = shop.installation.rows(Photo)
    assert (photo.catalogued, photo.source, photo.generation) == (False, "street", 1)
    assert len(shop.installation.announced()) == 2
    shop.analyse(photo)
    assert {fact.source for fact in shop.installation.rows(Fact)} == {"street"}
    assert shop.see() == 1
    assert shop.items()["A1"].category == "long_sleeved_shirt"
    shop.read(shop.offer(1, title="다른 셔츠"))
    assert not shop.installation.rows(Photo)[0].catalogued


def test_a_look_of_the_street_repeats_no_items_photo(shop):
    shop.read(shop.offer(1))
    (shop.installation.folder / "a.jpg").write_bytes(photo_bytes(1) + b"trailing: another file")
    shop.installation.ingest(shop.installation.folder, source="street")
    post = next(p for p in shop.installation.rows(Photo) if not p.catalogued)
    assert post.look_id == post.photo_id


def test_an_items_photo_that_is_posted_already_stays_a_look(shop):
    (shop.installation.folder / "a.jpg").write_bytes(photo_bytes(1))
    shop.installation.ingest(shop.installation.folder, source="street")
    shop.read(shop.offer(1))
    (photo,) = shop.installation.rows(Photo)
    assert (photo.catalogued, photo.generation) == (False, 0)
    assert shop.items()["A1"].photo_id == photo.photo_id


def test_an_item_whose_photo_was_deleted_on_request_lets_go_of_it(shop):
    shop.read(shop.offer(1))
    shop.analyse(shop.installation.rows(Photo)[0])
    shop.see()
    with shop.installation.database.transaction() as session:
        session.delete(session.scalar(select(Photo)))
    shop.see()
    assert shop.items()["A1"].photo_id is None


def scheduled(shop, **said):
    shop.web[URL] = (json.dumps(shop.offer(1) | {"image_link": "https://s.example/1.jpg"})).encode()
    shop.web["https://s.example/1.jpg"] = photo_bytes(1)
    spec = FeedSpec(name="shop", url=URL, **said)
    with shop.installation.database.transaction() as session:
        add_feed(session, spec, now=datetime.now(UTC))


def test_a_scheduled_feed_is_read_when_it_is_due_and_a_repeated_tick_does_no_harm(
    shop, monkeypatch
):
    scheduled(shop, every_minutes=60)
    monkeypatch.setattr(tasks, "_shop_desk", lambda context: shop.desk())
    context = shop.installation.context
    tasks.read_feeds(Tick(), context)
    assert shop.fetched == [URL, "https://s.example/1.jpg"]
    (feed,) = shop.installation.rows(ShopFeed)
    assert (feed.error, feed.leased_until) == (None, None)
    assert timedelta(minutes=50) < feed.due_at - datetime.now(UTC) < timedelta(minutes=70)
    tasks.read_feeds(Tick(), context)
    assert shop.fetched == []
    assert tasks.see_items(Tick(), context) == []
    assert len(shop.items()) == 1


def test_a_feed_whose_server_is_away_is_asked_again_soon_and_says_so(shop, monkeypatch):
    scheduled(shop)
    del shop.web[URL]
    monkeypatch.setattr(tasks, "_shop_desk", lambda context: shop.desk())
    tasks.read_feeds(Tick(), shop.installation.context)
    (feed,) = shop.installation.rows(ShopFeed)
    assert feed.failures == 1 and feed.error and feed.error_ko
    assert feed.due_at < datetime.now(UTC) + timedelta(minutes=5)


def test_a_feed_from_an_address_reads_no_file_of_ours(shop, monkeypatch):
    scheduled(shop)
    shop.web[URL] = json.dumps(shop.offer(1) | {"image_link": "/etc/passwd"}).encode()
    monkeypatch.setattr(tasks, "_shop_desk", lambda context: shop.desk())
    tasks.read_feeds(Tick(), shop.installation.context)
    assert shop.items() == {}
    assert "https address" in shop.installation.rows(Refusal)[0].text


def test_one_process_at_a_time_works_on_a_feed(shop):
    scheduled(shop)
    now = datetime.now(UTC)
    assert rounds.claim(shop.desk(), now=now) is not None
    assert rounds.claim(shop.desk(), now=now) is None
    assert rounds.claim(shop.desk(), now=now + timedelta(hours=1)) is not None


def test_a_removed_feed_takes_its_items_along(shop):
    shop.read(shop.offer(1))
    with shop.installation.database.transaction() as session:
        remove_feed(session, session.get_one(ShopFeed, "shop"))
    with shop.installation.database.reading() as session:
        assert session.scalar(select(func.count()).select_from(ShopItem)) == 0
