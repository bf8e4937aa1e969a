"""Generation's tasks beside the database: boards, and all of a drawing but the drawing itself."""

from __future__ import annotations

from functools import cache, partial

from services.generation import reviewing
from services.generation.jobs.accepting import accept
from services.generation.jobs.attempts import take
from services.generation.jobs.book import Book
from services.generation.jobs.dispatching import dispatch
from services.generation.jobs.ending import note
from services.generation.lookbook import job as board
from services.generation.review.sight import look
from services.generation.settings import GenerationSettings
from services.registry import Eyes, open_eyes
from shared.bus import Context, deliver, publish, task
from shared.contracts.clock import Tick
from shared.contracts.generation import BoardOrdered, LookDrawn, LookProgressed, LookRequested
from shared.contracts.message import Message
from shared.faces import open_finder
from shared.records import Database, open_database
from shared.settings import Settings, read


@task("generation.accept_look")
def accept_look(message: LookRequested, context: Context) -> list[Message]:
    """Write a wish down, and see whose turn it is."""
    following = accept(message, _book(context))
    _dispatch(context)
    return following


@task("generation.draw_look")
def draw_look(message: BoardOrdered, context: Context) -> list[Message]:
    """Draw a board."""
    report = partial(deliver, context=context)
    return [board.draw(board.Job(message.order, context.storage, _settings(), report))]


@task("generation.review_look")
def review_look(message: LookDrawn, context: Context) -> list[Message]:
    """Look at what was drawn; the GPU need not wait for that."""
    book = _book(context)
    job = take(message, book)
    _dispatch(context)
    if job is not None:
        eyes, finder = _eyes(context.settings), open_finder()
        reviewing.review(message, job, book, partial(look, eyes=eyes, finder=finder))
        _dispatch(context)
    return []


@task("generation.record_progress")
def record_progress(message: LookProgressed, context: Context) -> list[Message]:
    """Write down how far a job is."""
    if note(message, _book(context)):
        _dispatch(context)
    return []


@task("generation.dispatch_looks")
def dispatch_looks(message: Tick, context: Context) -> list[Message]:
    """See what was lost, and whose turn it is."""
    _dispatch(context)
    return []


def _dispatch(context: Context) -> None:
    """Send what is next. Never run here, even where this process also draws: drawing takes long."""
    for message in dispatch(_book(context)):
        publish(message, context)


def _book(context: Context) -> Book:
    settings = context.settings
    return Book(_database(settings.database), context.storage, _settings(), settings.drawer)


@cache
def _settings() -> GenerationSettings:
    return read(GenerationSettings)


@cache
def _database(url: str) -> Database:
    return open_database(url)


@cache
def _eyes(settings: Settings) -> Eyes:
    return open_eyes(settings)
