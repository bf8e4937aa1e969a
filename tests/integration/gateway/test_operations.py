"""What an operator sees and does over HTTP: status, queues, photos, jobs, models."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import update

from services.gateway.operations.photos import MOST
from shared.bus import publish
from shared.contracts.photos import PhotosStored
from shared.presence import Alive
from shared.records.gateway import Wish
from shared.records.ingestion import Photo
from shared.records.items import ShopFeed
from shared.records.photo_ledger import reference
from shared.records.sources import HashtagSlot, ScheduledSource
from shared.records.trends import Settlement
from tests.integration.gateway.conftest import House
from tests.samples import wardrobe

pytestmark = pytest.mark.integration

REASON = "color.name_colors: MemoryError: "
WORKERS = ("ingestion", "classification", "segmentation", "color", "trends", "generation")
READS = ("status", "queues", "photos", "photos/troubled", "jobs", "models")


@pytest.fixture
def admin(house):
    return house.client("boss", "admin")


def bury(house: House, *numbers: int, reason: str = REASON) -> list[str]:
    """Ingest photos and give them up."""
    ids = [house.ingest(wardrobe.photo_bytes(shade=20 * number)) for number in numbers]
    with house.database.transaction() as session:
        gone = {"buried_at": datetime.now(UTC), "buried_reason": reason, "attempts": 3}
        session.execute(update(Photo).where(Photo.photo_id.in_(ids)).values(**gone))
    return ids


def give_signs(house: House, *hosts: str, busy_for: timedelta | None = None) -> None:
    """Let processes live, as the broker knows it."""
    now = datetime.now(UTC)
    task = {"task": "color.name_colors", "task_since": now - busy_for} if busy_for else {}
    for host in hosts:
        sign = Alive(hosts=(host,), machine="box", pid=1, since=now, **task)
        house.context.broker.give_sign(f"{host}@box-1", sign.model_dump_json(), seconds=600)


def parts(client, **headers: str) -> dict[str, dict]:
    told = client.get("/v1/operations/status", headers=headers).json()
    return {part["name"]: part for part in told["parts"]} | {"well": told["well"]}


def test_only_an_admin_operates(house):
    user, stranger = house.client(), house.stranger()
    job = "/v1/operations/jobs/" + 32 * "a"
    for path in READS:
        assert user.get(f"/v1/operations/{path}").json()["reason"] == "admin_needed"
        assert stranger.get(f"/v1/operations/{path}").status_code == 401
    for answer in (
        user.post("/v1/operations/photos/retry", json={"state": "buried"}),
        user.delete(job),
        user.patch("/v1/feeds/shop", json={"paused": True}),
    ):
        assert (answer.status_code, answer.json()["reason"]) == (403, "admin_needed")
    korean = user.get("/v1/operations/status", headers={"Accept-Language": "ko"}).json()
    assert "관리자 키" in korean["detail"]


def test_who_does_not_live_is_told_with_the_fix_and_all_alive_is_well(house, admin):
    told = parts(admin)
    assert not told["well"]
    assert (told["broker"]["state"], told["database"]["state"]) == ("ok", "ok")
    assert told["worker:color"]["state"] == told["beat"]["state"] == "away"
    assert "mapsi worker color" in told["worker:color"]["fix"]
    assert "generation.gpu" not in str(told)  # nobody draws here
    give_signs(house, *WORKERS, "beat")
    told = parts(admin, **{"Accept-Language": "ko"})
    assert told["well"], [part for part in told.values() if part is not True]
    assert told["worker:color"]["found"] == "1개 작동 중"
    assert told["worker:color"]["alive"][0]["machine"] == "box"


def test_a_worker_that_is_at_one_task_for_too_long_needs_attention(house, admin):
    give_signs(house, *WORKERS, "beat")
    give_signs(house, "color", busy_for=timedelta(minutes=17))
    part = parts(admin)["worker:color"]
    assert part["state"] == "attention"
    assert "17 min" in part["found"] and "color.name_colors" in part["found"]


def test_without_the_broker_the_rest_is_still_told(house, admin):
    bury(house, 1)
    house.valkey.kill()
    told = parts(admin)
    assert told["broker"]["state"] == "away" and "start it" in told["broker"]["fix"]
    assert told["worker:color"]["found"] == "cannot be told while the broker is away"
    assert told["photos"]["found"] == "given up: 1"
    assert admin.get("/v1/operations/queues").json()["reason"] == "broker_away"
    assert admin.get("/v1/operations/photos").json()["counts"]["buried"] == 1


def test_sources_in_trouble_need_attention_and_rest_when_asked_do_not(house, admin):
    for name in ("town", "village"):
        spec = {"name": name, "kind": "mastodon", "url": f"https://{name}.example"}
        admin.post("/v1/sources", json=spec)
    admin.patch("/v1/sources/town", json={"paused": True})
    assert parts(admin)["sources"]["state"] == "ok"
    with house.database.transaction() as session:
        session.execute(update(ScheduledSource).values(error="away", error_ko="응답 없음"))
    part = parts(admin)["sources"]
    assert (part["state"], part["found"]) == ("attention", "1 of 2 in trouble: village")


def test_queues_tell_length_age_and_who_takes_from_them(house, admin):
    give_signs(house, "color")
    photo_id = house.ingest(wardrobe.photo_bytes(shade=1))
    with house.database.reading() as session:
        message = PhotosStored(photos=(reference(session.get_one(Photo, photo_id)),))
    publish(message, house.context)
    told = admin.get("/v1/operations/queues").json()
    queues = {queue["name"]: queue for queue in told["queues"]}
    assert queues["classification"]["waiting"] == 1
    asked = datetime.fromisoformat(queues["classification"]["oldest_at"])
    assert abs((datetime.now(UTC) - asked).total_seconds()) < 600
    assert queues["color"] == {
        "name": "color", "waiting": 0, "oldest_at": None, "consumers": 1, "needed": True,
    }  # fmt: skip
    assert not queues["generation.gpu"]["needed"]  # nobody draws here
    assert told["in_hand"] == 0


def test_photos_are_counted_by_state_and_reason(house, admin):
    buried = bury(house, 1, 2)
    other = bury(house, 3, reason="no worker finished it in 3 tries; see the workers' logs")
    shades = (45, 55, 65)
    failed, done, under_way = (house.ingest(wardrobe.photo_bytes(shade=one)) for one in shades)
    house.settle(failed, "failed", reason="not an image")
    house.settle(done, "analyzed")
    told = admin.get("/v1/operations/photos").json()
    assert told["counts"] == {
        "pending": 1, "analyzed": 1, "not_fashion": 0, "failed": 1, "buried": 3,
    }  # fmt: skip
    assert told["oldest_pending"]["id"] == under_way
    reasons = [
        (one["state"], one["stage"], one["reason"], one["photos"]) for one in told["reasons"]
    ]
    assert reasons[0] == ("buried", "color", REASON, 2)
    assert ("failed", "classification", "not an image", 1) in reasons
    of_color = admin.get("/v1/operations/photos/troubled", params={"reason": REASON}).json()
    assert sorted(photo["id"] for photo in of_color["photos"]) == sorted(buried)
    assert of_color["photos"][0]["links"]["picture"].endswith("/picture.jpg")
    of_all = admin.get("/v1/operations/photos/troubled", params={"limit": 2}).json()
    rest = admin.get(
        "/v1/operations/photos/troubled", params={"limit": 2, "cursor": of_all["next"]}
    ).json()
    ids = [photo["id"] for photo in (*of_all["photos"], *rest["photos"])]
    assert sorted(ids) == sorted([*buried, *other]) and rest["next"] is None
    of_failed = admin.get("/v1/operations/photos/troubled", params={"state": "failed"}).json()
    assert [(one["id"], one["stage"]) for one in of_failed["photos"]] == [
        (failed, "classification")
    ]


def retry(admin, **wanted) -> dict:
    answer = admin.post("/v1/operations/photos/retry", json=wanted)
    assert answer.status_code == 202, answer.text
    return answer.json()


def test_a_retried_photo_is_announced_alone_and_under_way_again(house, admin):
    one, two = bury(house, 1, 2)
    assert retry(admin, photo_ids=[one]) == {"retried": 1, "announced": 1, "left": 0}
    assert [photo["photo_id"] for photo in house.queued("classification")[0]["photos"]] == [one]
    counts = admin.get("/v1/operations/photos").json()["counts"]
    assert (counts["pending"], counts["buried"]) == (1, 1)
    assert retry(admin, photo_ids=[one])["retried"] == 0  # it is under way
    assert retry(admin, state="buried", reason=REASON)["retried"] == 1
    assert len(house.queued("classification")) == 2
    assert two in str(house.queued("classification")[1])


def test_failed_photos_are_retried_by_reason_and_good_ones_never(house, admin):
    ids = [house.ingest(wardrobe.photo_bytes(shade=20 * number)) for number in range(3)]
    for photo_id, reason in zip(ids, ("not an image", "not an image", "no mask"), strict=True):
        house.settle(photo_id, "failed", reason=reason)
    good = house.ingest(wardrobe.photo_bytes(shade=7))
    house.settle(good, "analyzed")
    with house.database.transaction() as session:  # it ended well after it was given up
        session.execute(
            update(Photo).where(Photo.photo_id == good).values(buried_at=datetime.now(UTC))
        )
    wanted = {"state": "failed", "stage": "classification", "reason": "not an image"}
    assert retry(admin, **wanted)["retried"] == 2
    assert retry(admin, **wanted)["retried"] == 0
    assert retry(admin, state="buried")["retried"] == 0
    assert retry(admin, state="failed")["retried"] == 1


def test_a_large_choice_is_taken_in_parts(house, admin, monkeypatch):
    monkeypatch.setattr("services.gateway.operations.photos.MOST", 2)
    assert MOST == 1000
    bury(house, 1, 2, 3)
    assert retry(admin, state="buried") == {"retried": 2, "announced": 2, "left": 1}
    assert retry(admin, state="buried") == {"retried": 1, "announced": 1, "left": 0}


def test_the_same_retry_sent_twice_has_one_effect(house, admin):
    bury(house, 1)
    once = {"Idempotency-Key": "retry-1"}
    answers = [
        admin.post("/v1/operations/photos/retry", json={"state": "buried"}, headers=once).json()
        for _ in range(2)
    ]
    assert answers == [{"retried": 1, "announced": 1, "left": 0}] * 2
    assert len(house.queued("classification")) == 1


def test_while_the_broker_is_away_nothing_is_changed(house, admin):
    (photo_id,) = bury(house, 1)
    house.valkey.kill()
    answer = admin.post("/v1/operations/photos/retry", json={"photo_ids": [photo_id]})
    assert (answer.status_code, answer.json()["reason"]) == (503, "broker_away")
    with house.database.reading() as session:
        assert session.get_one(Photo, photo_id).buried_at is not None


@pytest.mark.parametrize(
    ("wanted", "status", "reason"),
    [
        ({}, 422, "which_photos"),
        ({"state": "buried", "photo_ids": ["a" * 64]}, 422, "which_photos"),
        ({"photo_ids": ["a" * 64]}, 404, "unknown_photo"),
        ({"photo_ids": ["../etc"]}, 422, "invalid_request"),
        ({"photo_ids": []}, 422, "invalid_request"),
        ({"state": "analyzed"}, 422, "invalid_request"),
        ({"state": "buried", "force": True}, 422, "invalid_request"),
    ],
    ids=str,
)
def test_a_retry_that_makes_no_sense_gets_one_clear_error(admin, wanted, status, reason):
    for language, title in (("en", "a"), ("ko", "가")):
        answer = admin.post(
            "/v1/operations/photos/retry", json=wanted, headers={"Accept-Language": language}
        )
        assert (answer.status_code, answer.json()["reason"]) == (status, reason), title
    assert any("가" <= letter <= "힣" for letter in answer.json()["detail"])


def test_wrong_filters_get_one_clear_error(admin):
    for path in ("photos/troubled?cursor=x", "jobs?cursor=x", "jobs?state=gone", "jobs?limit=0"):
        assert admin.get(f"/v1/operations/{path}").status_code == 422, path
    assert admin.delete("/v1/operations/jobs/x").status_code == 422
    unknown = admin.delete("/v1/operations/jobs/" + 32 * "a")
    assert (unknown.status_code, unknown.json()["reason"]) == (404, "unknown_job")


def wish(house: House, number: int) -> str:
    job_id, now = f"{number:032x}", datetime.now(UTC)
    look = {"backend": "sdxl", "words": "a secret wish", "priority": "batch", "variants": 4}
    with house.database.transaction() as session:
        session.add(
            Wish(
                job_id=job_id,
                key_id="5d0c1b2a39485766",
                wish=look,
                created_at=now,
                deadline=now + timedelta(minutes=10),
                cancelled_at=None,
                published_at=now,
                publications=1,
            )
        )
    return job_id


def test_jobs_are_listed_without_what_they_show_and_can_be_called_off(house, admin):
    job_id = wish(house, 1)
    listed = admin.get("/v1/operations/jobs").json()
    (job,) = listed["jobs"]
    assert (listed["open"], job["state"], job["priority"]) == (1, "queued", "batch")
    assert (job["person"], job["pictures"]) == ("5d0c1b2a39485766", 4)
    assert "secret" not in str(listed)
    cancelled = admin.delete(f"/v1/operations/jobs/{job_id}")
    assert (cancelled.status_code, cancelled.json()["cancel_requested"]) == (202, True)
    assert admin.get(f"/v1/generations/{job_id}").status_code == 404  # its picture stays theirs
    assert admin.get("/v1/operations/jobs", params={"state": "ended"}).json()["jobs"] == []


def test_models_are_told_with_what_the_ledger_has_of_others(house, admin):
    told = admin.get("/v1/operations/models").json()
    by_stage = {model["stage"]: model for model in told["models"]}
    assert set(by_stage) == {
        "classification", "segmentation", "color", "pattern", "style", "faces",
    }  # fmt: skip
    assert by_stage["segmentation"]["license"] and by_stage["segmentation"]["headline"]
    assert len(by_stage["classification"]["sha256"]) == 64
    assert (told["outdated"], told["command"], told["drawer"]) == (0, None, "lookbook")


def test_photos_of_other_models_are_counted_with_the_command_for_them(house, admin):
    photo_id = house.ingest(wardrobe.photo_bytes(shade=1))
    house.settle(photo_id, "analyzed")
    name = admin.get("/v1/operations/models").json()["models"][0]["name"]
    with house.database.transaction() as session:
        session.execute(update(Settlement).values(models={name: "0.1 abcdefabcdef"}))
    house.gateway.operated.models.drop()
    told = admin.get("/v1/operations/models").json()
    assert (told["outdated"], told["command"]) == (1, "mapsi ingest --reanalyze")
    assert told["models"][0]["other_versions"] == [{"version": "0.1 abcdefabcdef", "photos": 1}]


def test_grafana_is_linked_where_it_is_set(open_house):
    plain = open_house().client("boss", "admin").get("/v1/operations/status").json()
    assert plain["links"] == {"metrics": "/metrics"}
    house = open_house(grafana_url="https://grafana.example/d/mapsi")
    links = house.client("boss", "admin").get("/v1/operations/status").json()["links"]
    assert links["grafana"] == "https://grafana.example/d/mapsi"


def test_an_instagram_account_shows_what_is_left_of_its_quota(house, admin):
    spec = {"name": "insta", "kind": "instagram", "user_id": "17841"}
    assert admin.post("/v1/sources", json=spec).json()["quota"] == {
        "limit": 30, "used": 0, "resets_at": None,
    }  # fmt: skip
    now = datetime.now(UTC)
    with house.database.transaction() as session:
        for tag, days in (("ootd", 6), ("코디", 1), ("old", 8)):
            opened = now - timedelta(days=days)
            session.add(HashtagSlot(account="17841", hashtag=tag, opened_at=opened))
    quota = admin.get("/v1/sources/insta").json()["quota"]
    assert quota["used"] == 2
    resets = datetime.fromisoformat(quota["resets_at"]) - now
    assert timedelta(hours=23) < resets < timedelta(hours=25)


def test_a_feed_is_paused_and_goes_on_and_one_of_a_command_cannot(house, admin):
    admin.post("/v1/feeds", json={"name": "shop", "url": "https://shop.example/feed.tsv"})
    paused = admin.patch("/v1/feeds/shop", json={"paused": True}).json()
    assert (paused["state"], paused["due_at"], paused["every_minutes"]) == ("paused", None, 60)
    assert admin.patch("/v1/feeds/shop", json={"paused": False}).json()["state"] == "active"
    with house.database.transaction() as session:
        session.execute(update(ShopFeed).values(every_minutes=None, due_at=None))
    refused = admin.patch("/v1/feeds/shop", json={"paused": True})
    assert (refused.status_code, refused.json()["reason"]) == (422, "feed_without_schedule")
    assert admin.patch("/v1/feeds/none", json={"paused": True}).status_code == 404
