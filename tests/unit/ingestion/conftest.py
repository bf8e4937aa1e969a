"""One installation in a temporary folder: real SQLite and a real folder, a broker in memory."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import pytest
from kombu.exceptions import OperationalError
from sqlalchemy import select, update

from services.ingestion import tasks
from services.ingestion.intake import Intake
from services.ingestion.runs import Report, Run, ingest_all
from services.ingestion.settings import IngestionSettings
from shared.broker import broker_away
from shared.bus import Context, decode
from shared.contracts.message import Message
from shared.contracts.photos import PhotosStored
from shared.records import Database, open_database, upgrade
from shared.records.base import Base
from shared.records.ingestion import Photo
from shared.records.trends import Settlement
from shared.settings import Settings
from shared.storage import open_storage

KEY = b"a key of at least sixteen bytes"
Row = TypeVar("Row", bound=Base)


@dataclass(eq=False)
class FakeBroker:
    """The broker as ``Broker`` and the Celery app show it."""

    lengths: dict[str, int] = field(default_factory=dict)
    sent: list[tuple[str, Message]] = field(default_factory=list)
    is_away: bool = False
    accepts: int = 10**9
    """Messages that it takes before it goes away."""

    def ping(self) -> None:
        if self.is_away:
            raise broker_away("redis://test", OSError("refused"))

    def queue_lengths(self) -> dict[str, int]:
        self.ping()
        return self.lengths

    def send_task(
        self, name: str, *, kwargs: dict[str, Any], queue: str, headers: dict[str, Any]
    ) -> None:
        if self.is_away or len(self.sent) >= self.accepts:
            raise OperationalError("refused")
        self.sent.append((name, decode(kwargs)))


@dataclass
class Installation:
    """What a test looks at."""

    context: Context
    database: Database
    settings: IngestionSettings
    broker: FakeBroker
    folder: Path

    def ingest(self, *places: object, source: str | None = None, **changes: Any) -> Report:
        """Run ``mapsi ingest`` as a new process would."""
        own = self.settings.model_copy(update=changes)
        intake = Intake(self.database, self.context.storage, own, key=KEY)
        self.warnings: list[str] = []
        warn = lambda error: self.warnings.append(str(error))  # noqa: E731
        run = Run(self.context, self.database, intake, own, warn=warn)
        run.check_broker()
        names = [str(place) for place in places]
        ingest_all(names, run, source=source, counted=_ignore, progress=_ignore)
        return run.report

    def rows(self, table: type[Row]) -> list[Row]:
        """Return all rows of a table."""
        with self.database.reading() as session:
            return list(session.scalars(select(table)))

    def photo(self, photo_id: str) -> Photo:
        """Return one photo's row."""
        with self.database.reading() as session:
            return session.get_one(Photo, photo_id)

    def announced(self) -> list[tuple[str, ...]]:
        """Return the photos of each message that was sent."""
        return [
            tuple(photo.photo_id for photo in message.photos)
            for _, message in self.broker.sent
            if isinstance(message, PhotosStored)
        ]

    def settle(self, *photo_ids: str, outcome: str = "analyzed") -> None:
        """Write what trends writes when photos have ended."""
        with self.database.transaction() as session:
            for photo_id in photo_ids:
                session.merge(
                    Settlement(
                        photo_id=photo_id, outcome=outcome, stage="color", models={},
                        settled_at=datetime.now(UTC),
                    )
                )  # fmt: skip

    def age(self, seconds: float, *photo_ids: str) -> None:
        """Let it be ``seconds`` since photos (all, unless some are named) came and were sent."""
        with self.database.transaction() as session:
            for photo in session.scalars(select(Photo).order_by(Photo.received_at)):
                if photo_ids and photo.photo_id not in photo_ids:
                    continue
                photo.received_at -= timedelta(seconds=seconds)
                if photo.published_at:
                    photo.published_at -= timedelta(seconds=seconds)

    def change(self, photo_id: str, **values: object) -> None:
        """Change one photo's row."""
        with self.database.transaction() as session:
            session.execute(update(Photo).where(Photo.photo_id == photo_id).values(**values))


def _ignore(count: int) -> None:
    pass


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with all tables; migrating once is quicker than once a test."""
    path = tmp_path_factory.mktemp("database") / "mapsi.db"
    upgrade(f"sqlite:///{path}")
    return path


@pytest.fixture
def installation(
    tmp_path: Path, empty_database: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Installation]:
    """A new installation in ``data``, and a folder ``photos`` beside it."""
    settings = Settings(data_dir=tmp_path / "data")
    settings.data_dir.mkdir()
    shutil.copy(empty_database, settings.data_dir / "mapsi.db")
    folder = tmp_path / "photos"
    folder.mkdir()
    own, broker = IngestionSettings(), FakeBroker()
    context: Any = Context(settings, open_storage(settings), broker, broker)  # type: ignore[arg-type]
    with closing(open_database(settings.database)) as database:
        monkeypatch.setattr(tasks, "_database", lambda url: database)
        monkeypatch.setattr(tasks, "_settings", lambda: own)
        tasks._intake.cache_clear()
        yield Installation(context, database, own, broker, folder)
