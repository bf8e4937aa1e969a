"""The one task of the queue ``generation.review``: it looks, with models that take a while."""

from __future__ import annotations

from functools import cache, partial

from services.generation.jobs.attempts import take
from services.generation.jobs.sending import open_book, send_orders
from services.generation.review.sight import look
from services.generation.reviewing import review
from services.registry import Eyes, open_eyes
from shared.bus import Context, task
from shared.contracts.generation import LookDrawn
from shared.contracts.message import Message
from shared.faces import open_finder
from shared.settings import Settings


@task("generation.review.review_look")
def review_look(message: LookDrawn, context: Context) -> list[Message]:
    """Look at what was drawn; hand it over, or order it again."""
    book = open_book(context)
    job = take(message, book)
    if job is not None:
        sees = partial(look, eyes=_eyes(context.settings), finder=open_finder())
        review(message, job, book, sees)
        send_orders(context)
    return []


@cache
def _eyes(settings: Settings) -> Eyes:
    return open_eyes(settings)
