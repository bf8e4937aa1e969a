"""A shop's feed in, items out: by the command line and by HTTP."""

from __future__ import annotations

import shutil

import pytest

from tests.system.installation import Installation, until
from tests.system.photos import sample_photos

pytestmark = pytest.mark.system

TITLES = ("슬림 데님 팬츠", "와이드 슬랙스", "Slim trousers", "Straight jeans")
COLUMNS = "id\ttitle\tlink\timage_link\tprice\tavailability"


@pytest.fixture(scope="module")
def feed(running: Installation, tmp_path_factory: pytest.TempPathFactory):
    """A folder with a feed of four trousers, each on a photo of a whole outfit."""
    folder = tmp_path_factory.mktemp("shop") / "상점"
    folder.mkdir()
    rows = [COLUMNS]
    photos = sample_photos("amateur_posture.jpg")[4:8]
    for number, (title, photo) in enumerate(zip(TITLES, photos, strict=True)):
        shutil.copyfile(photo, folder / f"{number}.jpg")
        link = f"https://shop.example/{number}"
        rows.append(f"T{number}\t{title}\t{link}\t{number}.jpg\t{39000 + number} KRW\tin_stock")
    rows.append("T9\twrong\thttps://shop.example/9\t9.jpg\t39 USD\tin_stock")
    (folder / "feed.tsv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    first = running.json("ingest", str(folder), "--shop", "trousers", "--wait", timeout=200)
    return folder, first


def test_items_are_taken_in_and_a_wrong_line_is_named(feed):
    _, first = feed
    assert (first["added"], first["refused"], first["photos"]) == (4, 1, 4)
    (wrong,) = first["wrong"]
    assert "line 6" in wrong["text"] and "KRW" in wrong["text"]


def test_the_same_feed_again_changes_nothing(running: Installation, feed):
    folder, _ = feed
    again = running.json("ingest", str(folder), "--shop", "trousers")
    assert (again["unchanged"], again["added"], again["photos"]) == (4, 0, 0)


def test_items_are_served_with_what_was_seen_and_count_in_no_trend(running: Installation, feed):
    with running.http() as client:
        items = client.get("/v1/items", params={"feed": "trousers"}).json()["items"]
        assert {item["title"] for item in items} == {*TITLES}
        assert {item["category"] for item in items} == {"trousers"}
        assert all(item["colors"] and item["available"] for item in items)
        assert client.get(items[0]["picture"]).content.startswith(b"\xff\xd8")
        sources = client.get("/v1/trends", params={"source": "shop:trousers"}).json()["rows"]
        assert sources == []


def test_an_own_photo_finds_items_like_its_garments(running: Installation, feed):
    photo = sample_photos("amateur_posture.jpg")[8]
    with running.http() as client:
        files = {"file": ("look.jpg", photo.read_bytes(), "image/jpeg")}
        sent = client.post("/v1/photos", files=files).json()
        until(lambda: client.get(sent["links"]["self"]).json()["state"] == "analyzed")
        found = client.post("/v1/similar", json={"photo_id": sent["id"]}).json()["garments"]
    by_category = {garment["category"]: garment["items"] for garment in found}
    if "trousers" in by_category:  # what is seen is the segmenter's business
        assert len(by_category["trousers"]) == 4
        assert all(0 <= one["likeness"] <= 1 for one in by_category["trousers"])
