"""The tasks as the bus calls them: what a message leaves, and that a second one leaves nothing."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import select

from services.trends import tasks
from shared import metrics
from shared.bus import HANDLERS, Context
from shared.contracts.photos import PhotosAnalyzed, PhotosSettled
from shared.journey import arrived
from shared.records import Database
from shared.records.trends import Cell, Settlement
from shared.settings import Settings
from tests.samples.looks import analyzed, photo, settled

UNUSED: Any = None
"""These tasks touch neither objects nor the broker."""


@pytest.fixture
def context(database: Database, tmp_path: Path) -> Iterator[Context]:
    yield Context(
        settings=Settings(data_dir=tmp_path, database_url=None),
        storage=UNUSED,
        broker=UNUSED,
        app=UNUSED,
    )
    tasks._database(f"sqlite:///{tmp_path}/mapsi.db").close()


def noted(outcome: str) -> float:
    return float(metrics.PHOTOS.labels("trends", outcome)._value.get())


def test_a_message_of_looks_is_counted_and_ends_the_way(
    context: Context, database: Database
) -> None:
    message = PhotosAnalyzed(photos=(analyzed(photo("a")), analyzed(photo("b"))))
    assert tasks.count_looks(message, context) == []
    with database.reading() as session:
        assert set(session.scalars(select(Cell.looks))) == {2}


def test_redelivery_of_looks_changes_nothing(context: Context, database: Database) -> None:
    message = PhotosAnalyzed(photos=(analyzed(photo("a")), analyzed(photo("b"))))
    done, skipped = noted("done"), noted("skipped")
    tasks.count_looks(message, context)
    tasks.count_looks(message, context)
    with database.reading() as session:
        assert set(session.scalars(select(Cell.looks))) == {2}
    assert (noted("done") - done, noted("skipped") - skipped) == (2, 2)


def test_redelivery_of_an_end_changes_nothing(context: Context, database: Database) -> None:
    message = PhotosSettled(photos=(settled(photo("a")), settled(photo("b"), "failed", "torn")))
    assert tasks.settle_photos(message, context) == []
    tasks.settle_photos(message, context)
    with database.reading() as session:
        marks = session.scalars(select(Settlement)).all()
    assert {mark.outcome: mark.reason for mark in marks} == {
        "not_fashion": "p=0.02",
        "failed": "torn",
    }


def test_the_way_of_each_new_photo_is_timed_once(context: Context) -> None:
    message = PhotosAnalyzed(photos=(analyzed(photo("a")), analyzed(photo("b"))))
    began_at = time.time() - 90
    before = metrics.PHOTO_SECONDS._sum.get()
    for _ in range(2):
        with arrived(SimpleNamespace(began_at=began_at, stage_at=began_at)):
            tasks.count_looks(message, context)
    assert 180 <= metrics.PHOTO_SECONDS._sum.get() - before < 2 * (time.time() - began_at) + 1


def test_the_tasks_are_those_of_the_route() -> None:
    assert HANDLERS["trends.count_looks"] is tasks.count_looks
    assert HANDLERS["trends.settle_photos"] is tasks.settle_photos
