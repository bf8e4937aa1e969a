"""Photos over HTTP, as a client lives it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from hashlib import sha256
from io import BytesIO

import pytest
from PIL import Image
from sqlalchemy import func, select

from services.gateway import outbox
from shared.records.gateway import Upload
from shared.storage.keys import upload_key
from tests.patience import until
from tests.samples.wardrobe import photo_bytes

pytestmark = pytest.mark.integration
PHOTO = photo_bytes()
PHOTO_ID = sha256(PHOTO).hexdigest()


def send(client, data=PHOTO, name="look.jpg", **fields):
    return client.post("/v1/photos", files={"file": (name, data)}, data=fields)


def test_a_sent_photo_is_kept_and_announced(house):
    response = send(house.client(), posted_at="2026-03-01T18:00:00+09:00")
    assert response.status_code == 202
    assert response.json() == {
        "id": PHOTO_ID,
        "state": "received",
        "links": {"self": f"/v1/photos/{PHOTO_ID}", "picture": None, "overlay": None},
    }
    assert house.context.storage.get(upload_key(PHOTO_ID)) == PHOTO
    (message,) = house.queued("ingestion")
    assert message["photo_id"] == PHOTO_ID
    assert message["key"] == upload_key(PHOTO_ID)
    assert message["posted_at"] == "2026-03-01T09:00:00Z"


def test_the_same_photo_sent_again_keeps_its_id(house):
    client = house.client()
    assert send(client).json() == send(client, name="again.jpg").json()
    with house.database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Upload)) == 1


def test_a_photo_that_has_arrived_is_not_announced_again(house):
    client = house.client()
    send(client)
    house.analyze(PHOTO)
    response = send(client)
    assert response.status_code == 202
    assert response.json()["state"] == "analyzed"
    assert len(house.queued("ingestion")) == 1


def test_a_client_follows_its_photo_to_the_analysis(house):
    client = house.client()
    path = send(client).json()["links"]["self"]
    assert client.get(path).json()["state"] == "received"
    house.ingest(PHOTO)
    assert client.get(path).json()["state"] == "pending"
    house.settle(PHOTO_ID, "not_fashion", reason="fashion probability 0.03")
    seen = client.get(path).json()
    assert (seen["state"], seen["reason"]) == ("not_fashion", "fashion probability 0.03")
    assert seen["analysis"] is None


def test_the_analysis_names_garments_in_the_readers_language(house):
    photo_id = house.analyze(PHOTO)
    admin = house.client("boss", "admin")
    english = admin.get(f"/v1/photos/{photo_id}").json()
    assert [g["label"] for g in english["analysis"]["garments"]] == [
        "long sleeved shirt",
        "trousers",
    ]
    korean = admin.get(f"/v1/photos/{photo_id}", headers={"Accept-Language": "ko-KR,en;q=0.5"})
    assert korean.json()["analysis"]["garments"][1]["label"] == "바지"
    assert korean.headers["Content-Language"] == "ko"
    assert "author" not in korean.text


def test_the_overlay_is_a_picture_and_is_not_drawn_twice_for_the_same_client(house):
    photo_id = house.analyze(PHOTO)
    admin = house.client("boss", "admin")
    first = admin.get(f"/v1/photos/{photo_id}/overlay.png?lang=ko")
    assert first.headers["Content-Type"] == "image/png"
    assert Image.open(BytesIO(first.content)).width > 240
    etag = {"If-None-Match": first.headers["ETag"]}
    assert admin.get(f"/v1/photos/{photo_id}/overlay.png?lang=ko", headers=etag).status_code == 304
    assert admin.get(f"/v1/photos/{photo_id}/overlay.png?lang=en", headers=etag).status_code == 200


def test_a_photo_under_way_has_no_overlay_yet(house):
    client = house.client()
    send(client)
    response = client.get(f"/v1/photos/{PHOTO_ID}/overlay.png")
    assert response.status_code == 404
    assert response.json()["reason"] == "no_overlay"


def test_nobody_sees_a_strangers_photo(house):
    send(house.client("one"))
    other = house.client("two")
    assert other.get(f"/v1/photos/{PHOTO_ID}").status_code == 404
    assert other.get(f"/v1/photos/{PHOTO_ID}/overlay.png").status_code == 404
    assert other.get("/v1/photos").json()["photos"] == []
    assert house.client("boss", "admin").get(f"/v1/photos/{PHOTO_ID}").status_code == 200


def test_a_photo_of_the_house_is_for_admins_until_a_user_sends_it_too(house):
    house.analyze(PHOTO)
    user = house.client()
    assert user.get(f"/v1/photos/{PHOTO_ID}").status_code == 404
    send(user)
    assert user.get(f"/v1/photos/{PHOTO_ID}").json()["state"] == "analyzed"


def test_every_photo_is_on_exactly_one_page(house):
    client = house.client()
    sent = [send(client, photo_bytes(shade=shade)).json()["id"] for shade in range(5)]
    pages, cursor = [], None
    while True:
        query = {"limit": 2} | ({"cursor": cursor} if cursor else {})
        page = client.get("/v1/photos", params=query).json()
        pages.append([photo["id"] for photo in page["photos"]])
        if (cursor := page["next"]) is None:
            break
    assert [len(page) for page in pages] == [2, 2, 1]
    assert [photo for page in pages for photo in page] == sent[::-1]


def test_the_list_can_be_cut_to_one_state(house):
    admin = house.client("boss", "admin")
    done = house.analyze(photo_bytes(shade=1))
    waiting = house.ingest(photo_bytes(shade=2))
    send(house.client())
    states = {
        state: [p["id"] for p in admin.get("/v1/photos", params={"state": state}).json()["photos"]]
        for state in ("received", "pending", "analyzed", "not_fashion", "failed", "buried")
    }
    assert states == {
        "received": [PHOTO_ID],
        "pending": [waiting],
        "analyzed": [done],
        "not_fashion": [],
        "failed": [],
        "buried": [],
    }


@pytest.mark.parametrize(
    ("data", "status", "reason"),
    [
        (b"", 422, "empty"),
        (b"not a picture", 415, "not_an_image"),
        (b"GIF89a" + bytes(100), 415, "unsupported_format"),
        (PHOTO[:2000], 422, "damaged"),
        (bytes(25_000_001), 413, "too_large"),
    ],
)
def test_what_is_no_photo_is_refused_and_nothing_is_kept(house, data, status, reason):
    response = send(house.client(), data)
    assert (response.status_code, response.json()["reason"]) == (status, reason)
    assert response.headers["Content-Type"] == "application/problem+json"
    assert list(house.context.storage.list()) == []
    assert house.queued("ingestion") == []


def test_a_body_far_too_large_is_cut_off_while_it_is_read(house):
    def endless():
        yield b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.jpg"\r\n\r\n'
        for _ in range(30):
            yield bytes(1_000_000)

    headers = {"Content-Type": "multipart/form-data; boundary=x"}
    response = house.client().post("/v1/photos", content=endless(), headers=headers)
    assert (response.status_code, response.json()["reason"]) == (413, "body_too_large")


@pytest.mark.parametrize("posted_at", ["yesterday", "2026-03-01T18:00:00", "2999-01-01T00:00:00Z"])
def test_a_time_that_cannot_be_is_refused(house, posted_at):
    response = send(house.client(), posted_at=posted_at)
    assert (response.status_code, response.json()["reason"]) == (422, "bad_posted_at")


def test_a_form_without_a_file_says_so(house):
    client = house.client()
    assert client.post("/v1/photos", json={}).status_code == 415
    response = client.post("/v1/photos", files={"photo": PHOTO})
    assert (response.status_code, response.json()["reason"]) == (422, "file_missing")


def test_an_upload_survives_a_broker_that_is_away(open_house):
    house = open_house(patience_seconds=1)
    house.valkey.kill()
    assert send(house.client()).status_code == 202
    house.valkey.start()
    until(lambda: PHOTO_ID in {m["photo_id"] for m in house.queued("ingestion")})


def test_an_upload_whose_message_was_lost_is_announced_again(open_house):
    house = open_house(patience_seconds=1)
    send(house.client())
    house.lose("ingestion")
    until(lambda: PHOTO_ID in {m["photo_id"] for m in house.queued("ingestion")})


def test_an_upload_that_arrived_is_not_announced_again(open_house):
    house = open_house()
    send(house.client())
    house.ingest(PHOTO)
    house.lose("ingestion")
    assert outbox.announce_overdue(house.gateway, now=datetime.now(UTC) + timedelta(hours=1)) == 0
