"""What is lost is announced again, what is slow is not, what never works is buried."""

from __future__ import annotations

import pytest

from services.ingestion import tasks
from shared.contracts.clock import Tick
from shared.contracts.failures import PhotosFailed
from shared.records.ingestion import Photo
from shared.records.photo_ledger import BURIED, FAILED, dig_up
from tests.hostile.sources import photo_bytes

BUSY = {"segmentation": 1000}


@pytest.fixture
def under_way(installation):
    """Five announced photos, oldest first."""
    for number in range(5):
        (installation.folder / f"{number}.jpg").write_bytes(photo_bytes(number * 40))
    installation.ingest(installation.folder)
    installation.broker.sent.clear()
    return installation


def ids(installation) -> list[str]:
    photos = sorted(installation.rows(Photo), key=lambda photo: photo.received_at)
    return [photo.photo_id for photo in photos]


def tick(installation) -> list[tuple[str, ...]]:
    messages = tasks.republish_overdue(Tick(), installation.context)
    return [tuple(photo.photo_id for photo in message.photos) for message in messages]


def test_photos_that_were_just_announced_are_left_alone(under_way):
    under_way.age(100)
    assert tick(under_way) == []


def test_lost_photos_are_announced_again_each_alone(under_way):
    under_way.age(130)
    assert sorted(tick(under_way)) == sorted((photo_id,) for photo_id in ids(under_way))
    assert {photo.attempts for photo in under_way.rows(Photo)} == {2}
    assert tick(under_way) == []


def test_a_queue_of_hours_is_not_taken_for_a_loss(under_way):
    under_way.broker.lengths = BUSY
    under_way.age(10_000)
    assert tick(under_way) == []


def test_in_a_long_queue_only_what_was_overtaken_is_lost(under_way):
    under_way.broker.lengths = BUSY
    under_way.age(10_000)
    first, second, third, fourth, fifth = ids(under_way)
    for earlier, photo_id in zip((400, 300, 200, 100, 0), ids(under_way), strict=True):
        under_way.age(earlier, photo_id)
    under_way.settle(second, fourth)
    assert tick(under_way) == [(first,)]  # 300 s before the newest settled; the third 100 s
    assert under_way.photo(third).attempts == under_way.photo(fifth).attempts == 1


@pytest.mark.parametrize("outcome", ["not_fashion", "failed"])
def test_a_photo_that_ended_early_overtook_nobody(under_way, outcome):
    under_way.broker.lengths = BUSY
    *earlier, last = ids(under_way)
    under_way.age(10_000, *earlier)
    under_way.settle(last, outcome=outcome)
    assert tick(under_way) == []


def test_settled_photos_are_closed_and_never_announced_again(under_way):
    *ended, lost = ids(under_way)
    under_way.settle(*ended[:2], outcome="not_fashion")
    under_way.settle(*ended[2:], outcome="failed")
    under_way.age(130, lost)
    assert tick(under_way) == [(lost,)]
    assert all(under_way.photo(photo_id).closed_at for photo_id in ended)
    assert under_way.photo(lost).closed_at is None


def test_after_three_attempts_a_photo_is_buried_with_its_last_error(under_way):
    poison, other = ids(under_way)[:2]
    under_way.settle(*ids(under_way)[1:])
    failed = PhotosFailed(photo_ids=(poison,), task="color.name_colors", reason="ValueError: x")
    for _ in range(2):
        under_way.age(130, poison)
        assert tick(under_way) == [(poison,)]
        tasks.note_failures(failed, under_way.context)
    under_way.age(130, poison)
    assert tick(under_way) == []
    buried = under_way.photo(poison)
    assert buried.buried_at is not None and buried.attempts == 3
    assert buried.buried_reason == "color.name_colors: ValueError: x"
    assert under_way.photo(other).buried_at is None
    under_way.age(1000, poison)
    assert tick(under_way) == []


def test_a_photo_nobody_ever_answered_for_is_buried_with_a_reason_too(under_way):
    for _ in range(3):
        under_way.age(130)
        tick(under_way)
    assert {photo.buried_reason for photo in under_way.rows(Photo)} == {
        "no worker finished it in 3 tries; see the workers' logs"
    }


def test_photos_saved_but_never_announced_go_out_together(installation):
    for number in range(40):
        (installation.folder / f"{number}.jpg").write_bytes(photo_bytes(number * 5))
    installation.broker.is_away = True
    installation.ingest(installation.folder)
    installation.broker.is_away = False
    assert tick(installation) == []  # their run may just be about to announce them
    installation.age(130)
    installation.broker.lengths = BUSY
    assert [len(batch) for batch in tick(installation)] == [32, 8]
    assert tick(installation) == []


def test_a_tick_does_a_bounded_share_of_the_work(under_way, monkeypatch):
    bounded = under_way.settings.model_copy(update={"republish_limit": 2})
    monkeypatch.setattr(tasks, "_settings", lambda: bounded)
    under_way.age(130)
    assert [len(tick(under_way)) for _ in range(4)] == [2, 2, 1, 0]


def test_while_the_broker_is_away_nobody_is_blamed(under_way):
    under_way.age(130)
    under_way.broker.is_away = True
    with pytest.raises(Exception, match="broker"):
        tick(under_way)
    assert {photo.attempts for photo in under_way.rows(Photo)} == {1}


def dug_up(installation, which) -> list[str]:
    messages = dig_up(installation.database, which)
    return [photo.photo_id for message in messages for photo in message.photos]


def test_failed_photos_are_put_back_and_waited_for_again(under_way):
    failed, analyzed, *others = ids(under_way)
    under_way.settle(failed, outcome="failed")
    under_way.settle(analyzed, *others)
    tick(under_way)
    assert dug_up(under_way, FAILED) == [failed]
    assert dug_up(under_way, FAILED) == []  # it is under way
    tick(under_way)
    assert under_way.photo(failed).closed_at is None
    under_way.settle(failed)
    tick(under_way)
    assert under_way.photo(failed).closed_at is not None


def test_buried_photos_are_put_back_with_all_their_attempts(under_way):
    for _ in range(3):
        under_way.age(130)
        tick(under_way)
    under_way.settle(ids(under_way)[0])  # it came through after all
    assert sorted(dug_up(under_way, BURIED)) == sorted(ids(under_way)[1:])
    photo = under_way.photo(ids(under_way)[1])
    assert (photo.attempts, photo.buried_at, photo.buried_reason) == (1, None, None)
    under_way.age(130)
    assert sorted(tick(under_way)) == sorted((photo_id,) for photo_id in ids(under_way)[1:])
