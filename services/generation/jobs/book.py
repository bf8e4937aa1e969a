"""What the database side works with: the tables, the store, the settings."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy.orm import Session

from services.generation.domain import FINAL_STATES
from services.generation.files import JobFiles
from services.generation.settings import GenerationSettings
from shared.records import Database
from shared.records.generation import Job
from shared.storage import ObjectStore


@dataclass(frozen=True)
class Book:
    """All jobs of an installation."""

    database: Database
    storage: ObjectStore
    settings: GenerationSettings
    drawer: str
    """The backend that draws here; ``lookbook``: none does."""

    def files(self, job_id: str) -> JobFiles:
        """Return a job's files."""
        return JobFiles(job_id, self.storage)

    def lease(self) -> datetime:
        """Return until when a job that gives a sign of life now is left alone."""
        return datetime.now(UTC) + timedelta(seconds=self.settings.lease_seconds)

    @contextmanager
    def under_way(self, job_id: str) -> Iterator[tuple[Session, Job | None]]:
        """Hold a job for a transaction; None where it is unknown or has ended."""
        with self.database.transaction() as session:
            job = session.get(Job, job_id, with_for_update=True)
            yield session, None if job is None or job.state in FINAL_STATES else job

    def tidy(self, job_id: str) -> None:
        """Remove what came after a job's end: of a worker that was slow, and thought to be dead.

        Of a job whose owner was erased meanwhile, that is everything but the gateway's marker.
        """
        with self.database.reading() as session:
            job = session.get(Job, job_id)
        files = self.files(job_id)
        if job is None and files.is_called_off():
            files.remove()
        elif job is not None and job.state in FINAL_STATES:
            files.clear()
