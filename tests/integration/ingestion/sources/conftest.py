"""One installation, and platforms on loopback that it looks at."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from services.ingestion.schedule.rounds import claim, make_due, work_on
from services.ingestion.settings import IngestionSettings
from shared.errors import MapsiError
from shared.records import Database, open_database, upgrade
from shared.records.ingestion import Photo, Post, Refusal
from shared.records.source_book import add_source
from shared.records.sources import FoundItem, ScheduledSource, SourceCursor
from shared.settings import Settings
from shared.source_kinds import SourceSpec
from tests.servers.platforms.bluesky import Bluesky
from tests.servers.platforms.feed import Feed
from tests.servers.platforms.instagram import ACCOUNT, Instagram
from tests.servers.platforms.look import desk_for
from tests.servers.platforms.mastodon import Mastodon, Pixelfed
from tests.servers.platforms.platform import GOOD_TOKEN, Platform
from tests.servers.platforms.tumblr import Tumblr
from tests.servers.serving import serving

PLATFORMS: tuple[type[Platform], ...] = (Instagram, Mastodon, Pixelfed, Bluesky, Tumblr, Feed)
WITH_HASHTAGS = PLATFORMS[:-1]


@dataclass
class House:
    """What a test looks at."""

    settings: Settings
    database: Database
    own: dict[str, Any] = field(default_factory=dict)
    """Settings of ingestion."""

    def add(self, platform: Platform, **more: Any) -> str:
        """Add the platform as a source, named after its kind."""
        spec: dict[str, Any] = {"name": platform.kind, "kind": platform.kind, "url": platform.url}
        if platform.kind == "feed":
            spec["url"] += "/feed.xml"
        else:
            spec["hashtags"] = ("ootd", "코디")
        if platform.kind == "instagram":
            spec["user_id"] = ACCOUNT
        with self.database.transaction() as session:
            add_source(session, SourceSpec(**{**spec, **more}), now=datetime.now(UTC))
        if platform.kind in ("instagram", "pixelfed", "tumblr"):
            self.own.setdefault("tokens", {})[platform.kind] = GOOD_TOKEN
        return str({**spec, **more}["name"])

    def look(self, name: str, **own: Any) -> MapsiError | None:
        """Look at a source now, as a new process would; return its trouble."""
        desk = desk_for(self.settings, self.database, IngestionSettings(**{**self.own, **own}))
        make_due(self.database, name, now=datetime.now(UTC))
        deadline = time.monotonic() + 2  # a dead process' lease has an end
        while (source := claim(desk, name=name, now=datetime.now(UTC))) is None:
            assert time.monotonic() < deadline, "the source is paused or held"
            time.sleep(0.01)
        return work_on(desk, source, until=lambda: False)

    def posts(self) -> list[tuple[str | None, str]]:
        """Return permalink and photo of every post, sorted."""
        with self.database.reading() as session:
            return sorted(tuple(row) for row in session.execute(select(Post.url, Post.photo_id)))

    def rows(self, table: type[Any]) -> list[Any]:
        """Return all rows of a table."""
        with self.database.reading() as session:
            return list(session.scalars(select(table)))

    def source(self, name: str) -> ScheduledSource:
        """Return a source's row."""
        with self.database.reading() as session:
            return session.get_one(ScheduledSource, name)

    def late_photos_are_due(self) -> None:
        """Let the time pass after which photos whose server did not answer are tried again."""
        with self.database.transaction() as session:
            past = datetime.now(UTC) - timedelta(seconds=1)
            session.execute(update(FoundItem).values(due_at=past))


__all__ = ["FoundItem", "Photo", "Refusal", "SourceCursor"]


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """Return a SQLite file with all tables."""
    path = tmp_path_factory.mktemp("database") / "mapsi.db"
    upgrade(f"sqlite:///{path}")
    return path.read_bytes()


@pytest.fixture
def house(tmp_path: Path, empty_database: bytes) -> Iterator[House]:
    """An installation without sources."""
    settings = Settings(data_dir=tmp_path / "data", lang="en")
    settings.data_dir.mkdir()
    (settings.data_dir / "mapsi.db").write_bytes(empty_database)
    with closing(open_database(settings.database)) as database:
        yield House(settings, database)


@pytest.fixture
def house_on_postgres(tmp_path: Path, postgres_database_url: str) -> Iterator[House]:
    """An installation without sources, on PostgreSQL."""
    settings = Settings(data_dir=tmp_path / "data", database_url=postgres_database_url, lang="en")
    settings.data_dir.mkdir()
    upgrade(settings.database)
    with closing(open_database(settings.database)) as database:
        yield House(settings, database)


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    """Close what a test opens."""
    with ExitStack() as opened:
        yield opened


@pytest.fixture(params=PLATFORMS, ids=lambda platform: platform.kind)
def platform(request: pytest.FixtureRequest, stack: ExitStack) -> Platform:
    """Each platform."""
    return stack.enter_context(serving(request.param))


@pytest.fixture(params=WITH_HASHTAGS, ids=lambda platform: platform.kind)
def tagged(request: pytest.FixtureRequest, stack: ExitStack) -> Platform:
    """Each platform with hashtags."""
    return stack.enter_context(serving(request.param))
