"""Generation's tasks: one draws and knows no database, one records what it hears."""

from __future__ import annotations

from functools import cache, partial

from services.generation import records
from services.generation.lookbook import job
from services.generation.settings import GenerationSettings
from shared.bus import Context, deliver, task
from shared.contracts.generation import LookProgressed, LookRequested
from shared.contracts.message import Message
from shared.records import Database, open_database
from shared.settings import read


@task("generation.draw_look")
def draw_look(message: LookRequested, context: Context) -> list[Message]:
    """Draw a wished look."""
    report = partial(deliver, context=context)
    return [job.draw(job.Job(message, context.storage, _settings(), report))]


@task("generation.record_progress")
def record_progress(message: LookProgressed, context: Context) -> list[Message]:
    """Write down how far a job is."""
    records.record(message, _database(context.settings.database))
    return []


@cache
def _settings() -> GenerationSettings:
    return read(GenerationSettings)


@cache
def _database(url: str) -> Database:
    return open_database(url)
