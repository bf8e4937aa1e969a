"""The one task of the queue ``generation.gpu``: it draws, and knows no database."""

from __future__ import annotations

from functools import cache, partial

from services.generation.backends import Backend, open_backend
from services.generation.drawing import Desk, draw
from services.generation.settings import GenerationSettings
from shared.bus import Context, deliver, task
from shared.contracts.generation import LooksOrdered
from shared.contracts.message import Message
from shared.settings import read


@task("generation.gpu.draw_looks")
def draw_looks(message: LooksOrdered, context: Context) -> list[Message]:
    """Draw the looks of one batch."""
    backend = _backend(message.orders[0].wish.backend)
    report = partial(deliver, context=context)
    return draw(message.orders, Desk(context.storage, backend, _settings(), report))


@cache
def _backend(name: str) -> Backend:
    return open_backend(name, _settings())


@cache
def _settings() -> GenerationSettings:
    return read(GenerationSettings)
