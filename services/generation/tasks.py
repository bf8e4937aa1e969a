"""Generation's quick tasks beside the database; boards, too, which take a second."""

from __future__ import annotations

from functools import partial

from services.generation.jobs.accepting import accept
from services.generation.jobs.attempts import take
from services.generation.jobs.ending import note
from services.generation.jobs.sending import open_book, read_settings, send_orders
from services.generation.lookbook import job as board
from shared.bus import Context, deliver, task
from shared.contracts.clock import Tick
from shared.contracts.generation import BoardOrdered, LookDrawn, LookProgressed, LookRequested
from shared.contracts.message import Message


@task("generation.accept_look")
def accept_look(message: LookRequested, context: Context) -> list[Message]:
    """Write a wish down, and see whose turn it is."""
    following = accept(message, open_book(context))
    send_orders(context)
    return following


@task("generation.draw_look")
def draw_look(message: BoardOrdered, context: Context) -> list[Message]:
    """Draw a board."""
    report = partial(deliver, context=context)
    return [board.draw(board.Job(message.order, context.storage, read_settings(), report))]


@task("generation.note_drawn")
def note_drawn(message: LookDrawn, context: Context) -> list[Message]:
    """Give the place on the GPU to who is next, while the pictures wait to be looked at."""
    take(message, open_book(context))
    send_orders(context)
    return []


@task("generation.record_progress")
def record_progress(message: LookProgressed, context: Context) -> list[Message]:
    """Write down how far a job is."""
    if note(message, open_book(context)):
        send_orders(context)
    return []


@task("generation.dispatch_looks")
def dispatch_looks(message: Tick, context: Context) -> list[Message]:
    """See what was lost, and whose turn it is."""
    send_orders(context)
    return []
