"""The facts in ClickHouse give the cells of the database: its SQL runs here in chdb."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import select

from services.trends.cube import CellKey
from services.trends.parquet import export_facts
from services.trends.rollup import count_photos, forget_photos
from shared.records import Database, open_database, upgrade
from shared.records.trends import Cell
from shared.storage.folder import FolderStore
from tests.integration.trends.test_counting_together import CAP, history

chdb = pytest.importorskip("chdb.session", reason="pip install -e '.[bench]' has chdb (180 MB)")
pytestmark = [pytest.mark.integration, pytest.mark.slow]
SCRIPTS = Path(__file__).parents[3] / "deploy" / "clickhouse"


@pytest.fixture
def sqlite_database(sqlite_database_url: str) -> Iterator[Database]:
    upgrade(sqlite_database_url)
    with closing(open_database(sqlite_database_url)) as opened:
        yield opened


def run(session: object, script: str, **values: str) -> None:
    text = (SCRIPTS / script).read_text(encoding="utf-8")
    for name, value in values.items():
        text = text.replace("{" + name + "}", value)
    lines = (line for line in text.splitlines() if not line.startswith("--"))
    for statement in "\n".join(lines).split(";"):
        if statement.strip():
            session.query(statement)


def loaded(session: object) -> dict[CellKey, int]:
    told = session.query(
        "SELECT toString(week), pattern, item, color, style, source, looks FROM cells", "TSV"
    ).bytes()
    rows = (line.split("\t") for line in told.decode().splitlines())
    return {CellKey(*names): int(looks) for *names, looks in rows}


def counted(database: Database) -> dict[CellKey, int]:
    with database.reading() as session:
        columns = (getattr(Cell, name) for name in CellKey._fields)
        rows = session.execute(select(*columns, Cell.looks)).all()
    return {CellKey(str(week), *names): looks for week, *names, looks in rows}


def test_the_cells_are_the_same_also_after_a_deletion(
    sqlite_database: Database, tmp_path: Path
) -> None:
    store, photos = FolderStore(tmp_path / "objects"), history(300)
    source = f"file('{tmp_path}/objects/facts/week=*/facts.parquet', 'Parquet')"
    session = chdb.Session(str(tmp_path / "clickhouse"))
    count_photos(sqlite_database, photos, author_cap=CAP)
    for step in range(2):
        if step:
            gone = [item.photo.photo_id for item in photos[:50]]
            with sqlite_database.transaction() as writing:
                forget_photos(sqlite_database, writing, gone, author_cap=CAP)
        export_facts(sqlite_database, store)
        for script in ("schema.sql", "load.sql", "cells.sql"):
            run(session, script, source=source)
        assert loaded(session) == counted(sqlite_database)
    session.close()
