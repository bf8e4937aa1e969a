"""Deletions over HTTP: for admins, counted first, carried out by ingestion and trends."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from services.gateway.forgetting import forget_deleted
from services.ingestion.deletion.messages import step
from services.trends.forgetting import forget_withdrawn
from shared.contracts.generation import Edit, LookWish
from shared.records.deletion import Deletion, Tombstone
from shared.records.gateway import Upload, Wish
from shared.records.ingestion import Post
from shared.storage.keys import generation_key
from tests.samples import wardrobe

pytestmark = pytest.mark.integration
KEY = b"a key of at least sixteen bytes"
SINCE = datetime(2020, 1, 1, tzinfo=UTC)


def photo(house, shade=0):
    photo_id = house.analyze(wardrobe.photo_bytes(shade=shade))
    with house.database.transaction() as session:
        session.add(
            Post(
                post_id=f"{shade:064x}", photo_id=photo_id, source="street",
                url=f"https://photos.example/{shade}", author=None,
                posted_at=datetime.now(UTC), hashtags=[], likes=None, licence=None,
            )
        )  # fmt: skip
    return photo_id


def work(house):
    """Play ingestion and trends for the orders that wait."""
    for message in house.queued("ingestion"):
        after = step(house.database, house.context.storage, message["deletion_id"], key=KEY)
        for withdrawn in after:
            ids = withdrawn.photo_ids
            forget_withdrawn(house.database, house.context.storage, ids, author_cap=3)
        if after:
            step(house.database, house.context.storage, message["deletion_id"], key=KEY)
    house.lose("ingestion")


def test_order_is_counted_then_started_then_done(house):
    photo(house), photo(house, 1)
    boss = house.client("boss", "admin")
    asked = boss.post("/v1/deletions", json={"kind": "source", "target": "street"})
    assert asked.status_code == 202
    order = asked.json()
    assert (order["state"], order["posts_found"], order["links"]["start"]) == ("asked", None, None)
    assert boss.post(f"/v1/deletions/{order['id']}/start").status_code == 409
    work(house)
    counted = boss.get(order["links"]["self"]).json()
    assert (counted["state"], counted["posts_found"], counted["photos_found"]) == ("counted", 2, 2)
    assert len(boss.get("/v1/photos").json()["photos"]) == 2
    assert boss.post(counted["links"]["start"]).json()["state"] == "running"
    work(house)
    done = boss.get(order["links"]["self"]).json()
    assert (done["state"], done["posts"], done["photos"]) == ("done", 2, 2)
    assert done["done_at"] is not None
    assert boss.get("/v1/photos").json()["photos"] == []
    assert list(house.context.storage.list("photos/")) == []


def test_order_may_begin_at_once_and_a_repeated_request_is_one_order(house):
    photo_id = photo(house)
    boss = house.client("boss", "admin", **{"Idempotency-Key": "once"})
    wish = {"kind": "post", "target": "https://photos.example/0", "start": True}
    first, second = (boss.post("/v1/deletions", json=wish) for _ in range(2))
    assert first.json() == second.json()
    work(house)
    assert boss.get(first.json()["links"]["self"]).json()["state"] == "done"
    assert boss.get(f"/v1/photos/{photo_id}").status_code == 404
    with house.database.reading() as session:
        assert session.query(Deletion).count() == 1
        assert session.query(Tombstone).filter_by(kind="photo").count() == 1


def test_name_of_an_author_is_not_kept_once_it_is_counted(house):
    boss = house.client("boss", "admin")
    order = boss.post("/v1/deletions", json={"kind": "author", "target": "@minji"}).json()
    work(house)
    with house.database.reading() as session:
        assert session.get_one(Deletion, order["id"]).target not in ("@minji", "minji")
    assert "minji" not in boss.get(order["links"]["self"]).text


def test_deleted_photo_cannot_be_uploaded_again(house):
    photo_id = photo(house)
    boss, client = house.client("boss", "admin"), house.client(**{"Accept-Language": "ko"})
    boss.post("/v1/deletions", json={"kind": "post", "target": photo_id, "start": True})
    work(house)
    again = client.post("/v1/photos", files={"file": ("me.jpg", wardrobe.photo_bytes())})
    assert (again.status_code, again.json()["reason"]) == (410, "deleted")
    assert "삭제" in again.json()["detail"] and again.json()["title"] == "삭제되었습니다"
    assert list(house.context.storage.list("uploads/")) == []


def test_only_admins_delete(house):
    user = house.client()
    wish = {"kind": "source", "target": "street"}
    response = user.post("/v1/deletions", json=wish, headers={"Accept-Language": "ko"})
    assert (response.status_code, response.json()["reason"]) == (403, "admin_needed")
    assert "관리자" in response.json()["detail"]
    assert user.get(f"/v1/deletions/{'0' * 32}").status_code == 403
    assert house.stranger().post("/v1/deletions", json=wish).status_code == 401


def test_unknown_order_and_unknown_kind_are_told(house):
    boss = house.client("boss", "admin")
    assert boss.get(f"/v1/deletions/{'0' * 32}").json()["reason"] == "unknown_deletion"
    assert boss.post("/v1/deletions", json={"kind": "all", "target": "x"}).status_code == 422


def test_order_is_taken_even_while_the_broker_is_away(house):
    boss = house.client("boss", "admin")
    house.valkey.kill()
    assert boss.post("/v1/deletions", json={"kind": "source", "target": "s"}).status_code == 202
    with house.database.reading() as session:
        assert session.query(Deletion).one().state == "asked"
    house.valkey.start()


def test_uploads_and_boards_of_deleted_photos_go_too(house):
    client = house.client()
    data = wardrobe.photo_bytes()
    client.post("/v1/photos", files={"file": ("look.jpg", data)})
    photo_id, other = photo(house), photo(house, 7)
    boss = house.client("boss", "admin")
    jobs = []
    for piece in (photo_id, other):
        wish = {"pieces": [{"photo_id": piece, "garment": 0}]}
        jobs.append(boss.post("/v1/generations", json=wish).json()["id"])
        for name in ("picture.png", "manifest.json"):
            house.context.storage.put(generation_key(jobs[-1], name), b"x", content_type="x/y")
    house.lose("ingestion")
    boss.post("/v1/deletions", json={"kind": "post", "target": photo_id, "start": True})
    work(house)
    forget_deleted(house.database, house.context.storage, since=SINCE)
    with house.database.reading() as session:
        assert [wish.job_id for wish in session.query(Wish)] == [jobs[1]]
        assert session.query(Upload).count() == 0
    left = sorted(key.split("/")[2:] for key in house.context.storage.list("generations/"))
    of_other = [[jobs[1], "manifest.json"], [jobs[1], "picture.png"]]
    assert left == sorted([[jobs[0], "cancelled"], *of_other])
    assert client.get(f"/v1/photos/{photo_id}").status_code == 404
    assert forget_deleted(house.database, house.context.storage, since=SINCE) == 0
    later = datetime.now(UTC) + timedelta(minutes=1)
    assert forget_deleted(house.database, house.context.storage, since=later) == 0


def test_what_was_made_from_a_picture_of_a_deleted_photo_goes_too(house):
    photo_id = photo(house)
    boss = house.client("boss", "admin")
    wish = {"pieces": [{"photo_id": photo_id, "garment": 0}]}
    board = boss.post("/v1/generations", json=wish).json()["id"]
    child, other = "c" * 32, "d" * 32
    with house.database.transaction() as session:
        row = session.get_one(Wish, board)
        for job_id, parent in ((child, board), (other, "e" * 32)):
            look = LookWish(backend="sdxl", words="wider", edit=Edit(of=parent))
            made = {**row_of(row), "job_id": job_id, "wish": look.model_dump(mode="json")}
            session.add(Wish(**made))
    house.context.storage.put(generation_key(child, "1.png"), b"x", content_type="x/y")
    boss.post("/v1/deletions", json={"kind": "post", "target": photo_id, "start": True})
    work(house)
    assert forget_deleted(house.database, house.context.storage, since=SINCE) == 2
    with house.database.reading() as session:
        assert [wish.job_id for wish in session.query(Wish)] == [other]
    assert not house.context.storage.exists(generation_key(child, "1.png"))


def row_of(row):
    return {column.key: getattr(row, column.key) for column in row.__table__.columns}
