"""Processes that take photos in at the same time agree, on SQLite and on PostgreSQL."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from sqlalchemy import select, update

from services.ingestion import reconciler
from services.ingestion.intake import Intake
from services.ingestion.ledger import mark_announced, write_refusals
from services.ingestion.refusals import RefusedError
from services.ingestion.settings import IngestionSettings
from services.ingestion.sources import Candidate, Refused
from services.ingestion.waiting import wait_until_ended
from shared.records import Database
from shared.records.ingestion import Photo, Post, Refusal
from shared.records.photo_ledger import FAILED, dig_up
from shared.records.trends import Settlement
from shared.storage import ObjectStore, open_url
from tests.hostile.photos import encoded
from tests.hostile.sources import photo_bytes
from tests.together import run_together

pytestmark = pytest.mark.integration

SETTINGS = IngestionSettings()
KEY = b"a key of at least sixteen bytes"


@pytest.fixture
def storage(tmp_path: Path) -> ObjectStore:
    """A store in a folder."""
    return open_url(f"file://{tmp_path}/objects")


def take(database: Database, storage: ObjectStore, photos: list[bytes]) -> list[str]:
    """Take photos in as a process of its own does."""
    intake = Intake(database, storage, SETTINGS, key=KEY)
    candidates = [
        Candidate(name=f"{n}.jpg", read=lambda data=data: data) for n, data in enumerate(photos)
    ]
    arrivals = [intake.prepare(candidate, source="street") for candidate in candidates]
    return [*intake.save(arrivals)]


def rows(database: Database, table: Any) -> list[Any]:
    with database.reading() as session:
        return list(session.scalars(select(table)))


def lossy(data: bytes, quality: int) -> bytes:
    """Return the same picture in another file: a near-duplicate."""
    return encoded(Image.open(BytesIO(data)), "JPEG", quality=quality)


def test_the_same_photos_from_four_processes_are_stored_once(database, storage):
    photos = [photo_bytes(shade) for shade in range(0, 100, 10)]
    run_together(*[lambda: take(database, storage, photos)] * 4)
    assert len(rows(database, Photo)) == len(rows(database, Post)) == 10


def test_near_duplicates_from_four_processes_are_one_look(database, storage):
    original = photo_bytes()
    reposts = [[lossy(original, quality)] for quality in (90, 80, 70, 60)]
    run_together(*[lambda photos=photos: take(database, storage, photos) for photos in reposts])
    photos = sorted(rows(database, Photo), key=lambda photo: photo.received_at)
    assert len(photos) == 4
    assert {photo.look_id for photo in photos} == {photos[0].photo_id}
    assert len({photo.received_at for photo in photos}) == 4


def test_two_reconcilers_announce_a_lost_photo_once(database, storage):
    take(database, storage, [photo_bytes(shade) for shade in range(0, 100, 10)])
    long_ago = datetime.now(UTC) - timedelta(hours=1)
    with database.transaction() as session:
        session.execute(update(Photo).values(published_at=long_ago, attempts=1))
    announced: list[str] = []

    def tick() -> None:
        messages = reconciler.reconcile(database, SETTINGS, {}).messages
        announced.extend(photo.photo_id for message in messages for photo in message.photos)

    run_together(tick, tick, tick)
    assert len(announced) == len(set(announced)) == 10
    assert {photo.attempts for photo in rows(database, Photo)} == {2}


def test_the_ledger_is_read_alike_on_both_databases(database, storage):
    take(database, storage, [photo_bytes(shade) for shade in range(0, 50, 10)])
    photo_ids = [photo.photo_id for photo in rows(database, Photo)]
    with database.transaction() as session:
        mark_announced(session, photo_ids, at=datetime.now(UTC))
        for photo_id, outcome in zip(photo_ids, ("analyzed", "failed", "not_fashion")):  # noqa: B905
            session.add(
                Settlement(
                    photo_id=photo_id, outcome=outcome, stage="color", models={},
                    settled_at=datetime.now(UTC),
                )
            )  # fmt: skip
        buried = update(Photo).where(Photo.photo_id.in_(photo_ids[3:]))
        session.execute(buried.values(buried_at=datetime.now(UTC)))
    reconciler.close_ended(database, now=datetime.now(UTC))
    assert sum(photo.closed_at is not None for photo in rows(database, Photo)) == 3
    ended = wait_until_ended(database, photo_ids, progress=lambda count: None)
    assert ended == {"analyzed": 1, "failed": 1, "not_fashion": 1, "buried": 2}
    assert len(dig_up(database, FAILED)) == 3


def test_a_refusal_is_kept_once(database):
    refused = [Refused("a.jpg", RefusedError("a.jpg", "not_found"))]
    for _ in range(2):
        with database.transaction() as session:
            write_refusals(session, refused, taken=["b.jpg"], source="street")
    assert [refusal.reason for refusal in rows(database, Refusal)] == ["not_found"]
