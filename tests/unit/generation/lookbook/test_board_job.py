"""A job comes to one end, and stays there, however often it is delivered."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import pytest

from services.generation.lookbook import job as board_job
from services.generation.lookbook.job import Job, _worn, draw
from services.generation.settings import GenerationSettings
from shared.contracts.generation import LookPiece, LookProgressed, LookWish, Order
from shared.errors import RetryableError
from shared.storage import ObjectStore, StorageUnavailableError, open_url
from shared.storage.keys import photo_key, result_key
from tests.samples import wardrobe

DATA = wardrobe.photo_bytes()
PHOTO_ID = sha256(DATA).hexdigest()
KEY, RESULT = photo_key(PHOTO_ID), result_key("color", "1", PHOTO_ID)
JOB_ID = "0123456789abcdef" * 2


@pytest.fixture
def store(tmp_path: Path) -> ObjectStore:
    opened = open_url(tmp_path.as_uri())
    opened.put(KEY, DATA, content_type="image/jpeg")
    body = wardrobe.analysis(DATA).model_dump_json().encode()
    opened.put(RESULT, body, content_type="application/json")
    return opened


class Seen(list[LookProgressed]):
    """The news a job told, and what happens at one of its steps."""

    def __init__(self, at: int = -1, happens: Callable[[], None] = lambda: None) -> None:
        super().__init__()
        self._at, self._happens = at, happens

    def __call__(self, news: LookProgressed) -> None:
        self.append(news)
        if news.step == self._at:
            self._happens()


def job(
    store: ObjectStore,
    seen: Seen | None = None,
    *,
    minutes: float = 5,
    garment: int = 1,
    **wish: str,
) -> Job:
    pieces = tuple(
        LookPiece(photo_id=PHOTO_ID, analysis_key=RESULT, photo_key=KEY, garment=number)
        for number in (0, garment)
    )
    order = Order(
        job_id=JOB_ID,
        wish=LookWish(pieces=pieces, **wish),
        deadline=datetime.now(UTC) + timedelta(minutes=minutes),
    )
    return Job(order, store, GenerationSettings(), seen if seen is not None else Seen())


def test_a_piece_is_what_its_wish_calls_it(store):
    drawn = job(store)
    piece = drawn.order.wish.pieces[0].model_copy(update={"category": "skirt"})
    garments = wardrobe.analysis(DATA).garments
    worn = _worn(piece, store)
    assert worn.garment.category == "skirt" != garments[0].category
    assert worn.garments[1:] == list(garments[1:])


def test_a_job_tells_its_steps_and_ends_with_a_picture_and_its_manifest(store):
    seen = Seen()
    drawn = job(store, seen)
    end = draw(drawn)
    assert [(news.state, news.step) for news in seen] == [("running", n) for n in range(4)]
    assert (end.state, end.step, end.steps) == ("done", 4, 4)
    picture = store.get(end.result_key)
    assert end.manifest["sha256"] == sha256(picture).hexdigest()
    assert drawn.files.end() == end


def test_redelivery_tells_the_end_again_and_draws_nothing(store, monkeypatch):
    first = draw(job(store))
    monkeypatch.setattr(board_job, "Board", None)
    seen = Seen()
    assert draw(job(store, seen)) == first
    assert seen == []


def test_redelivery_after_a_killed_worker_gives_the_same_picture(store):
    def die() -> None:
        raise SystemExit

    with pytest.raises(SystemExit):
        draw(job(store, Seen(3, die)))
    end = draw(job(store))
    assert end.state == "done"
    names = [key.rpartition("/")[2] for key in store.list("generations/")]
    assert names == ["manifest.json", "picture.png"]


@pytest.mark.parametrize("step", range(4))
def test_a_job_stops_at_the_step_after_it_is_called_off(store, step):
    def call_off() -> None:
        store.put(job(store).files.key("cancelled"), b"", content_type="text/plain")

    seen = Seen(step, call_off)
    end = draw(job(store, seen))
    if step < 3:
        assert (end.state, len(seen)) == ("cancelled", step + 1)
        assert not store.exists(job(store).files.key("picture.png"))
    else:  # nothing was left to stop
        assert end.state == "done"


def test_a_job_that_was_called_off_stays_so(store):
    marker = job(store).files.key("cancelled")
    store.put(marker, b"", content_type="text/plain")
    assert draw(job(store)).state == "cancelled"
    store.delete(marker)
    assert draw(job(store)).state == "cancelled"


def test_a_job_that_is_too_late_fails_and_stays_failed(store):
    end = draw(job(store, minutes=-1))
    assert end.state == "failed"
    assert "deadline" in end.reason
    assert draw(job(store, minutes=5)) == end


def test_the_reason_is_told_in_the_wishs_language(store):
    end = draw(job(store, garment=7, language="ko"))
    assert end.state == "failed"
    assert "7번 옷이 없습니다" in end.reason


def test_a_photo_that_is_gone_fails_the_job(store):
    store.delete(KEY)
    assert draw(job(store)).state == "failed"


def test_a_store_that_is_away_ends_nothing(store, monkeypatch):
    def away(key: str) -> bytes:
        raise StorageUnavailableError("s3", detail="no route")

    working = store.get
    monkeypatch.setattr(store, "get", away)
    with pytest.raises(RetryableError):
        draw(job(store))
    monkeypatch.setattr(store, "get", working)
    assert draw(job(store)).state == "done"
