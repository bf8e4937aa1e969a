"""The Parquet files hold what the facts hold, whatever came in between."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from arro3.io import read_parquet
from sqlalchemy import select

from services.trends.parquet import export_facts
from services.trends.rollup import count_photos, forget_photos
from shared.records import Database
from shared.records.trends import Fact
from shared.storage.base import ObjectStore
from shared.storage.folder import FolderStore
from shared.storage.keys import facts_key
from tests.samples.looks import MONDAY, analyzed, photo, weeks_later

WEEK = MONDAY.date()


@pytest.fixture
def store(tmp_path: Path) -> ObjectStore:
    return FolderStore(tmp_path / "objects")


def in_file(store: ObjectStore, weeks: int = 0) -> list[tuple[Any, ...]]:
    data = store.get(facts_key(WEEK + timedelta(weeks=weeks)))
    table = read_parquet(BytesIO(data)).read_all()
    names = ("photo_id", "week", "item", "color", "pattern", "author", "score", "counted")
    return list(zip(*(table[name].to_pylist() for name in names), strict=True))


def in_database(database: Database, weeks: int = 0) -> list[tuple[Any, ...]]:
    with database.reading() as session:
        rows = session.execute(
            select(Fact.photo_id, Fact.week, Fact.item, Fact.color, Fact.pattern, Fact.author,
                   Fact.score, Fact.counted)
            .where(Fact.week == WEEK + timedelta(weeks=weeks))
            .order_by(Fact.photo_id, Fact.fact_id)
        )  # fmt: skip
        return [tuple(row) for row in rows]


def count(database: Database, *names: str, weeks: int = 0, model: str = "1") -> None:
    items = [
        analyzed(
            photo(name, author="kim", posted_at=weeks_later(weeks)),
            [("vest", "red", "striped"), ("skirt", "black")]
            if model == "1"
            else [("sling", "red")],
            model=model,
        )
        for name in names
    ]
    count_photos(database, items, author_cap=3)


def test_each_week_has_a_file_of_its_facts(database: Database, store: ObjectStore) -> None:
    count(database, "a", "b", "c", "d")
    count(database, "e", weeks=1)
    assert export_facts(database, store) == 2
    for weeks in (0, 1):
        assert in_file(store, weeks) == in_database(database, weeks)
    assert len(in_file(store)) == 8


def test_a_week_that_has_not_changed_is_left_alone(database: Database, store: ObjectStore) -> None:
    count(database, "a")
    export_facts(database, store)
    count(database, "a")  # the same message again
    assert export_facts(database, store) == 0
    count(database, "b", weeks=1)
    assert export_facts(database, store) == 1


def test_a_deletion_and_an_analysis_anew_change_the_file(
    database: Database, store: ObjectStore
) -> None:
    count(database, "a", "b")
    export_facts(database, store)
    count(database, "a", model="2")
    with database.transaction() as session:
        forget_photos(database, session, [photo("b").photo_id], author_cap=3)
    export_facts(database, store)
    assert in_file(store) == in_database(database)
    assert [row[2] for row in in_file(store)] == ["sling"]


def test_a_week_without_facts_has_no_file(database: Database, store: ObjectStore) -> None:
    count(database, "a")
    export_facts(database, store)
    with database.transaction() as session:
        forget_photos(database, session, [photo("a").photo_id], author_cap=3)
    export_facts(database, store)
    assert not store.exists(facts_key(WEEK))


def test_what_could_not_be_stored_is_due_again(
    database: Database, store: ObjectStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    count(database, "a")
    with monkeypatch.context() as patch:
        patch.setattr(FolderStore, "put", full)
        with pytest.raises(ZeroDivisionError):
            export_facts(database, store)
    assert export_facts(database, store) == 1
