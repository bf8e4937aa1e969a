"""Shops' items and feeds, as clients list them, look for alike ones, and admins look after them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from services.gateway.catalog import reading
from services.ingestion.shop.offers import Offer
from services.ingestion.shop.sample.articles import Article, articles
from services.ingestion.shop.sample.feed import row_of
from shared.embeddings import to_bytes
from shared.records.ingestion import Refusal
from shared.records.items import ShopFeed, ShopItem
from shared.records.shop_book import grow_version, new_feed, source_of
from tests.samples import wardrobe
from tests.samples.shop import item_of

pytestmark = pytest.mark.integration

FEED = {"name": "musinsa", "url": "https://shop.example/feed.xml", "every_minutes": 30}
NOW = datetime.now(UTC)
PHOTO = wardrobe.photo_bytes(shade=7)


@pytest.fixture(autouse=True)
def _always_fresh(monkeypatch):
    monkeypatch.setattr(reading, "FRESH", 0.0)


@pytest.fixture
def admin(house):
    return house.client("boss", "admin")


@pytest.fixture
def shop(house):
    """The sample shop's items as ingestion writes them, with one photo for all."""
    photo_id = house.analyze(PHOTO)
    with house.database.transaction() as session:
        new_feed(session, "sample-shop", place="feed.tsv", now=NOW)
        version = grow_version(session, "sample-shop")
        session.add_all(_row(article, photo_id, version) for article in articles())
    return {article.article_id: item_of(article) for article in articles()}


def _row(article: Article, photo_id: str, version: int) -> ShopItem:
    item, said = item_of(article), row_of(article, language="ko")
    offer = Offer(
        id=article.article_id, title=said["title"], link=said["link"], image_link="p.jpg",
        price=article.price, sale_price=article.sale, availability="in_stock",
        brand="Mapsi", gender=article.gender,
    )  # fmt: skip
    return ShopItem(
        item_id=item.item_id, feed="sample-shop", offer_id=offer.id, gone=False,
        fingerprint=offer.fingerprint, offer=offer.model_dump(mode="json"), image="p.jpg",
        photo_state="taken", photo_attempts=0, photo_id=photo_id, seen="x",
        category=item.category, garment=0,
        looks={
            "colors": [color.model_dump(mode="json") for color in item.colors],
            "pattern": item.pattern, "styles": dict(item.styles),
        },
        embedding=to_bytes(item.embedding), version=version, first_seen_at=NOW, changed_at=NOW,
    )  # fmt: skip


def test_items_are_listed_page_by_page(house, shop):
    client = house.client()
    seen, cursor = [], None
    while True:
        page = client.get(
            "/v1/items", params={"limit": 40, **({"cursor": cursor} if cursor else {})}
        )
        seen += [item["item_id"] for item in page.json()["items"]]
        cursor = page.json()["next"]
        if cursor is None:
            break
    assert len(seen) == len(set(seen)) == len(shop)
    assert seen == sorted(seen)


@pytest.mark.parametrize(
    ("query", "fits"),
    [
        ({"item": "dress"}, lambda i: i["category"].endswith("dress")),
        ({"item": "skirt"}, lambda i: i["category"] == "skirt"),
        ({"item": "bottom"}, lambda i: i["category"] in ("skirt", "shorts", "trousers")),
        ({"color": "navy"}, lambda i: i["colors"][0]["basic"] == "navy"),
        ({"pattern": "striped"}, lambda i: i["pattern"] == "striped"),
        ({"gender": "men"}, lambda i: i["gender"] in ("men", "any")),
        ({"max_price": 20000}, lambda i: i["price"] <= 20000),
        ({"q": "블레이저"}, lambda i: "블레이저" in i["title"]),
        ({"item": "hat"}, lambda i: False),
        ({"available": "false"}, lambda i: False),
    ],
)
def test_items_are_filtered(house, shop, query, fits):
    client = house.client()
    every = client.get("/v1/items", params={"limit": 200}).json()["items"]
    found = client.get("/v1/items", params={"limit": 200, **query}).json()["items"]
    assert [i["item_id"] for i in found] == [i["item_id"] for i in every if fits(i)]


def test_an_item_tells_its_sale_and_shows_its_photo(house, shop):
    client = house.client()
    sale = shop["SHORT-SLEEVED-SHIRT-003"]
    item = client.get(f"/v1/items/{sale.item_id}", headers={"Accept-Language": "ko"}).json()
    assert (item["price"], item["full_price"], item["currency"]) == (19900, 26000, "KRW")
    assert (item["label"], item["pattern_label"]) == ("반소매 상의", "줄무늬")
    picture = client.get(item["picture"], params={"side": 128})
    assert picture.headers["content-type"] == "image/jpeg"
    tag = {"If-None-Match": picture.headers["etag"]}
    assert client.get(item["picture"], params={"side": 128}, headers=tag).status_code == 304
    assert client.get("/v1/items/unknown").json()["reason"] == "unknown_item"
    assert house.stranger().get("/v1/items").status_code == 401


def test_alike_items_of_an_item_are_of_its_kind_and_not_itself(house, shop):
    item = shop["SKIRT-079"]
    answer = house.client().get(f"/v1/items/{item.item_id}/similar", params={"limit": 3}).json()
    found = answer["items"]
    assert len(found) == 3
    assert {one["item"]["category"] for one in found} == {"skirt"}
    assert item.item_id not in [one["item"]["item_id"] for one in found]
    assert [one["likeness"] for one in found] == sorted(
        (one["likeness"] for one in found), reverse=True
    )


def test_items_like_the_garments_of_an_own_photo_are_found(house, shop):
    admin = house.client("boss", "admin")
    photo_id = house.analyze(wardrobe.photo_bytes(shade=3))
    found = admin.post("/v1/similar", json={"photo_id": photo_id}).json()["garments"]
    assert [one["category"] for one in found] == ["long_sleeved_shirt", "trousers"]
    assert len(found[0]["items"]) == 5
    assert {one["item"]["category"] for one in found[1]["items"]} == {"trousers"}
    (only,) = admin.post(
        "/v1/similar", json={"photo_id": photo_id, "garment": 1, "limit": 2}
    ).json()["garments"]
    assert (only["garment"], len(only["items"])) == (1, 2)
    wrong = admin.post("/v1/similar", json={"photo_id": photo_id, "garment": 9})
    assert (wrong.status_code, wrong.json()["reason"]) == (422, "no_such_garment")


def test_nobody_looks_for_items_like_somebody_elses_photo(house, shop):
    photo_id = house.analyze(wardrobe.photo_bytes(shade=4))
    answer = house.client().post("/v1/similar", json={"photo_id": photo_id})
    assert (answer.status_code, answer.json()["reason"]) == (404, "unknown_photo")


def test_a_photo_that_is_not_analysed_yet_is_told(house, shop, admin):
    photo_id = house.ingest(wardrobe.photo_bytes(shade=5))
    answer = admin.post("/v1/similar", json={"photo_id": photo_id})
    assert (answer.status_code, answer.json()["reason"]) == (409, "not_analyzed")


def test_a_feed_is_added_listed_and_removed(house, admin):
    added = admin.post("/v1/feeds", json=FEED)
    assert added.status_code == 201
    assert (added.json()["state"], added.json()["every_minutes"]) == ("active", 30)
    assert admin.post("/v1/feeds", json=FEED).json()["reason"] == "feed_exists"
    assert [feed["name"] for feed in admin.get("/v1/feeds").json()["feeds"]] == ["musinsa"]
    assert admin.get("/v1/feeds/musinsa").json()["place"] == FEED["url"]
    assert admin.delete("/v1/feeds/musinsa").status_code == 204
    assert admin.get("/v1/feeds/musinsa").status_code == 404


def test_the_same_post_of_a_feed_again_is_answered_alike(admin):
    key = {"Idempotency-Key": "feed-1"}
    first = admin.post("/v1/feeds", json=FEED, headers=key)
    assert admin.post("/v1/feeds", json=FEED, headers=key).json() == first.json()


@pytest.mark.parametrize(
    "wrong",
    [
        {"url": "http://shop.example/feed.xml"},
        {"url": "file:///etc/passwd"},
        {"name": "../x"},
        {"every_minutes": 1},
        {"format": "csv"},
    ],
)
def test_a_feed_that_cannot_be_is_refused(admin, wrong):
    assert admin.post("/v1/feeds", json={**FEED, **wrong}).status_code == 422


def test_trouble_and_refused_lines_are_told_in_the_readers_language(house, admin):
    admin.post("/v1/feeds", json=FEED)
    with house.database.transaction() as session:
        feed = session.get_one(ShopFeed, "musinsa")
        feed.error, feed.error_ko = "it is cut short", "피드가 잘렸습니다"
        session.add(
            Refusal(name="line 3", source=source_of("musinsa"), reason="x", text="no price",
                    text_ko="가격 없음", refused_at=NOW)
        )  # fmt: skip
    korean = admin.get("/v1/feeds/musinsa", headers={"Accept-Language": "ko"}).json()
    assert (korean["state"], korean["error"]) == ("failing", "피드가 잘렸습니다")
    assert korean["refused"] == [{"name": "line 3", "text": "가격 없음"}]


def test_where_feed_and_photo_disagree_the_shop_is_told(house, shop, admin):
    with house.database.transaction() as session:
        item = session.get_one(ShopItem, shop["SKIRT-079"].item_id)
        item.note = "feed: skirt; photo: shorts"
    (one,) = admin.get("/v1/feeds/sample-shop").json()["disagreements"]
    assert one == {"id": "SKIRT-079", "note": "feed: skirt; photo: shorts"}


def test_only_an_admin_sees_or_changes_feeds(house, admin):
    admin.post("/v1/feeds", json=FEED)
    user = house.client()
    for answer in (
        user.get("/v1/feeds"),
        user.get("/v1/feeds/musinsa"),
        user.post("/v1/feeds", json=FEED),
        user.delete("/v1/feeds/musinsa"),
    ):
        assert (answer.status_code, answer.json()["reason"]) == (403, "admin_needed")
