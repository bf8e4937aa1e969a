"""Saved first, announced after: a run may break anywhere and be repeated."""

from __future__ import annotations

import pytest

from services.ingestion import ledger, runs
from shared.contracts.message import MAX_PHOTOS
from shared.records.ingestion import Photo, Post, Refusal
from tests.hostile.photos import odd_photos, refused_photos
from tests.hostile.sources import photo_bytes, write_zip


@pytest.fixture
def many(installation):
    """40 different photos, an installation without them."""
    for number in range(40):
        (installation.folder / f"{number:02}.jpg").write_bytes(photo_bytes(number * 5))
    return installation


def test_photos_are_announced_in_batches_and_once(many):
    many.ingest(many.folder)
    assert [len(batch) for batch in many.announced()] == [MAX_PHOTOS, 40 - MAX_PHOTOS]
    many.ingest(many.folder)
    assert len(many.announced()) == 2
    assert {photo.attempts for photo in many.rows(Photo)} == {1}
    assert all(photo.published_at for photo in many.rows(Photo))


def test_a_setting_makes_batches_smaller(many):
    many.ingest(many.folder, batch_size=15)
    assert [len(batch) for batch in many.announced()] == [15, 15, 10]


def test_every_bad_file_is_refused_for_its_reason_and_every_odd_one_gets_in(installation):
    bad, odd = refused_photos(), odd_photos()
    for photo in (*bad, *odd):
        path = installation.folder / type(photo).__name__ / photo.name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(photo.data)
    report = installation.ingest(installation.folder)
    expected = {f"photos/Refused/{photo.name}": photo.reason for photo in bad}
    assert {entry.name: entry.error.reason for entry in report.refused} == expected
    written = {refusal.name: refusal.reason for refusal in installation.rows(Refusal)}
    assert written == expected
    assert report.taken == len(odd)
    assert len(installation.rows(Photo)) == len({photo.data for photo in odd})


def test_a_refusal_is_said_once_and_forgotten_when_the_file_is_mended(installation):
    path = installation.folder / "a.jpg"
    path.write_bytes(b"no photo")
    installation.ingest(installation.folder)
    installation.ingest(installation.folder)
    (refusal,) = installation.rows(Refusal)
    assert refusal.name == "photos/a.jpg" and refusal.source == "photos"
    assert refusal.text_ko != refusal.text
    path.write_bytes(photo_bytes())
    installation.ingest(installation.folder)
    assert installation.rows(Refusal) == []


def test_a_source_that_cannot_be_opened_leaves_the_others_unharmed(many, tmp_path):
    report = many.ingest(tmp_path / "gone.zip", many.folder)
    assert report.outcomes.total() == 40
    assert [entry.error.reason for entry in report.refused] == ["not_found"]


def test_a_zip_is_taken_in_like_its_folder(many, tmp_path):
    photos = {path.name: path.read_bytes() for path in many.folder.iterdir()}
    write_zip(tmp_path / "photos.zip", photos)
    many.ingest(many.folder)
    report = many.ingest(tmp_path / "photos.zip")
    assert report.outcomes == {"known": 40}


def test_without_a_broker_photos_are_stored_and_announced_by_the_next_run(many):
    many.broker.is_away = True
    report = many.ingest(many.folder)
    assert len(many.warnings) == 1 and "broker" in many.warnings[0]
    assert report.unannounced is not None
    assert len(many.rows(Photo)) == 40
    assert not any(photo.published_at for photo in many.rows(Photo))
    many.broker.is_away = False
    many.ingest(many.folder)
    assert sum(map(len, many.announced())) == 40


def test_when_the_broker_goes_away_midway_it_is_said_once_and_nothing_is_lost(many):
    many.broker.accepts = 1
    many.ingest(many.folder, batch_size=10)
    assert len(many.warnings) == 1
    many.broker.accepts = 100
    many.ingest(many.folder, batch_size=10)
    announced = [photo for batch in many.announced() for photo in batch]
    assert sorted(announced) == sorted(photo.photo_id for photo in many.rows(Photo))


class Killed(BaseException):
    """What a killed process never gets to handle."""


@pytest.mark.parametrize(
    ("module", "function"),
    [(ledger, "write_refusals"), (ledger, "under_way"), (runs, "publish"),
     (ledger, "mark_announced")],
)  # fmt: skip
def test_a_run_that_dies_anywhere_is_made_good_by_the_same_command(
    many, monkeypatch, module, function
):
    works, calls = getattr(module, function), []

    def dies(*args, **kwargs):
        calls.append(args)
        if len(calls) == 2:
            raise Killed
        return works(*args, **kwargs)

    with monkeypatch.context() as patched:
        patched.setattr(module, function, dies)
        with pytest.raises(Killed):
            many.ingest(many.folder, batch_size=10)
    many.ingest(many.folder, batch_size=10)
    photos = many.rows(Photo)
    assert len(photos) == len(many.rows(Post)) == 40
    assert {photo.photo_id for photo in photos} == {p for batch in many.announced() for p in batch}
    assert {photo.attempts for photo in photos} == {1}


def test_photos_that_ended_are_not_announced_again(many):
    many.broker.is_away = True
    report = many.ingest(many.folder)
    first, *others = report.photo_ids
    many.settle(first)
    many.broker.is_away = False
    many.ingest(many.folder)
    assert sorted(p for batch in many.announced() for p in batch) == sorted(others)
