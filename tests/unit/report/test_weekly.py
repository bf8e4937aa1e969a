"""Beat's report: once a week, whole, and none where there is nothing to tell."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from services.trends.report import weekly
from services.trends.report.digest import EMPTY
from services.trends.report.weekly import write_weekly
from shared.records import Database, open_database, upgrade
from shared.settings import Settings
from shared.storage import ObjectStore, open_storage
from tests.samples.seasons import fill

TUESDAY = datetime(2026, 2, 24, 12, tzinfo=UTC)
FILES = {f"reports/2026-02-16/{name}" for name in ("en.html", "en.md", "ko.html", "ko.md")}


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    url = f"sqlite:///{tmp_path}/mapsi.db"
    upgrade(url)
    with closing(open_database(url)) as opened:
        with opened.transaction() as session:
            fill(session, weeks=20)
        yield opened


@pytest.fixture
def storage(tmp_path: Path) -> ObjectStore:
    return open_storage(Settings(data_dir=tmp_path))


def test_the_week_that_ended_is_reported_once(database: Database, storage: ObjectStore) -> None:
    assert write_weekly(database, storage, now=TUESDAY)
    assert set(storage.list("reports/")) == FILES
    assert "베이지 바지" in storage.get("reports/2026-02-16/ko.html").decode()
    assert not write_weekly(database, storage, now=TUESDAY)


def test_a_report_cut_off_is_written_whole_the_next_time(
    database: Database, storage: ObjectStore
) -> None:
    storage.put("reports/2026-02-16/en.html", b"half", content_type="text/html")
    assert write_weekly(database, storage, now=TUESDAY)
    assert storage.get("reports/2026-02-16/en.html") != b"half"


def test_the_last_photos_of_a_week_are_waited_for(
    database: Database, storage: ObjectStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(weekly, "gather", lambda *_, **__: EMPTY)
    assert not write_weekly(database, storage, now=datetime(2026, 2, 23, 5, 59, tzinfo=UTC))
    write_weekly(database, storage, now=TUESDAY)
    assert not list(storage.list("reports/"))


def test_a_week_without_looks_has_no_report(database: Database, storage: ObjectStore) -> None:
    assert not write_weekly(database, storage, now=datetime(2026, 3, 10, tzinfo=UTC))
    assert not list(storage.list("reports/"))
