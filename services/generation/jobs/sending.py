"""The book of this process, and orders on their way out."""

from __future__ import annotations

from functools import cache

from services.generation.jobs.book import Book
from services.generation.jobs.dispatching import dispatch
from services.generation.settings import GenerationSettings
from shared.bus import Context, publish
from shared.records import Database, open_database
from shared.settings import read


def open_book(context: Context) -> Book:
    """Return the book of this process's installation."""
    settings = context.settings
    database = _database(settings.database)
    return Book(database, context.storage, read_settings(), settings.drawer)


def send_orders(context: Context) -> None:
    """Send what is next. Never run here, even where this process also draws: drawing takes long.

    Raises RetryableError where the database, the store or the broker is away.
    """
    for message in dispatch(open_book(context)):
        publish(message, context)


@cache
def read_settings() -> GenerationSettings:
    """Return generation's settings, read once."""
    return read(GenerationSettings)


@cache
def _database(url: str) -> Database:
    return open_database(url)
