"""An installation with counted looks, a person and objects, to be backed up."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select

from services.backup.making import Source
from services.trends.rollup import count_photos
from shared.records import open_database, upgrade
from shared.records.every import TABLES
from shared.records.gateway import ApiKey
from shared.records.ingestion import Refusal
from shared.storage import open_url
from tests.samples.looks import analyzed, photo, weeks_later

Opens = Callable[[str, str], Source]
AUTHORS = (None, "kim", "lee")
Rows = dict[str, list[tuple[object, ...]]]


@pytest.fixture
def opens(tmp_path: Path) -> Iterator[Opens]:
    """Opens an installation: a database's URL, and the name of its folder of objects."""
    with ExitStack() as held:

        def source(url: str, name: str) -> Source:
            database = open_database(url)
            held.callback(database.close)
            store = open_url((tmp_path / name / "objects").as_uri())
            return Source(database, store, tmp_path / name / "author.key")

        yield source


@pytest.fixture
def lived_in(opens: Opens, sqlite_database_url: str) -> Source:
    """An installation on one machine that has worked for three weeks."""
    return live(opens(sqlite_database_url, "before"))


def live(source: Source) -> Source:
    """Fill an empty installation with looks, a person, a refusal, and objects."""
    upgrade(source.database.engine.url.render_as_string(hide_password=False))
    dice = random.Random(5)
    looks = [
        analyzed(
            photo(
                str(index), author=dice.choice([None, "kim", "lee"]), posted_at=weeks_later(week)
            ),
            [(dice.choice(("vest", "skirt")), dice.choice(("red", "black")))],
        )
        for week in range(3)
        for index in range(week * 40, week * 40 + 40)
    ]
    count_photos(source.database, looks, author_cap=3)
    with source.database.transaction() as session:
        session.add(
            ApiKey(key_id="k1", secret_hash="00ff", name="옷장 지기", role="admin",
                   created_at=datetime(2026, 3, 1, 9, 30, tzinfo=UTC))
        )  # fmt: skip
        session.add(
            Refusal(name="a.jpg", source="street", reason="truncated", text="cut off",
                    text_ko="잘린 사진", refused_at=datetime(2026, 3, 1, tzinfo=UTC))
        )  # fmt: skip
    for index in range(30):
        key = f"photos/ab/cd/{index:064x}.jpg"
        source.storage.put(key, dice.randbytes(2000), content_type="image/jpeg")
    page = "<p>주간</p>".encode()
    source.storage.put("reports/2026-03-02/ko.html", page, content_type="text/html")
    source.author_key.parent.mkdir(parents=True, exist_ok=True)
    source.author_key.write_text("5ec7e7")
    return source


def rows_of(source: Source) -> Rows:
    """Return every row of every table."""
    with source.database.reading() as session:
        return {
            table.name: [
                tuple(row)
                for row in session.execute(select(table).order_by(*table.primary_key.columns))
            ]
            for table in TABLES
        }


def objects_of(source: Source) -> dict[str, bytes]:
    """Return every object."""
    return {key: source.storage.get(key) for key in source.storage.list()}


def in_silence(what: str, done: int, of: int) -> None:
    """Hear progress and say nothing."""
