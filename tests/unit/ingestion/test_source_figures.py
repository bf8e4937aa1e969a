"""What an operator's monitoring knows of scheduled sources."""

from __future__ import annotations

import shutil
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

from services.ingestion.schedule.figures import show_sources
from shared import metrics
from shared.records import open_database
from shared.records.source_book import add_source, pause_source
from shared.records.sources import HashtagSlot
from shared.source_kinds import SourceSpec

NOW = datetime(2026, 11, 2, 9, tzinfo=UTC)


def test_what_is_left_of_a_quota_and_what_is_paused_is_told(
    tmp_path: Path, empty_database: Path
) -> None:
    shutil.copy(empty_database, tmp_path / "mapsi.db")
    with closing(open_database(f"sqlite:///{tmp_path}/mapsi.db")) as database:
        with database.transaction() as session:
            add_source(session, SourceSpec(name="insta", kind="instagram", user_id="17"), now=NOW)
            feed = SourceSpec(name="blog", kind="feed", url="https://blog.example/feed")
            add_source(session, feed, now=NOW)
            session.add_all(
                HashtagSlot(account=account, hashtag=tag, opened_at=NOW - timedelta(days=days))
                for account, tag, days in (("17", "ootd", 6), ("17", "old", 8), ("18", "else", 1))
            )
        with database.transaction() as session:
            pause_source(session, "blog", now=NOW, reason="token")
        show_sources(database, now=NOW)
    told = {
        sample.labels["source"]: sample.value
        for family in metrics.SOURCE_QUOTA_REMAINING.collect()
        for sample in family.samples
    }
    assert told["insta"] == 29
    assert "blog" not in told
    assert metrics.SOURCE_PAUSED.labels("blog")._value.get() == 1
    assert metrics.SOURCE_PAUSED.labels("insta")._value.get() == 0
