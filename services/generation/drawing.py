"""The drawing side: orders of one batch become pictures in the store, whoever draws them.

Nothing here touches the database. What is drawn has the same name and the same bytes however
often it is ordered, and ``a<attempt>.json``, written after the pictures, ends the attempt.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import islice

from services.generation.backends import Backend, Drawn
from services.generation.files import JobFiles
from services.generation.finishing import encode
from services.generation.following import AllStoppedError, Follower, news
from services.generation.preparing import Sheet, prepare
from services.generation.settings import GenerationSettings
from shared.contracts.generation import DrawnPicture, LookDrawn, LookProgressed, Order
from shared.contracts.message import Message
from shared.errors import PermanentError, RetryableError
from shared.logging import logger
from shared.storage import ObjectStore

log = logger(__name__)


@dataclass(frozen=True)
class Desk:
    """What is drawn with, and who hears of it."""

    storage: ObjectStore
    backend: Backend
    settings: GenerationSettings
    report: Callable[[LookProgressed], None]


def draw(orders: Sequence[Order], desk: Desk) -> list[Message]:
    """Draw what is not drawn yet and return the news of all of it.

    Raises RetryableError where the store is away: the same orders may be drawn later.
    """
    messages: list[Message] = []
    sheets = []
    for order in orders:
        files = JobFiles(order.job_id, desk.storage)
        known = files.end() or files.drawn(order.attempt)
        if known is not None:
            messages.append(known)
            continue
        try:
            sheets.append(prepare(order, files))
        except PermanentError as error:
            messages.append(news(order, "failed", error=error))
    return [*messages, *_draw(sheets, desk)]


def _draw(sheets: Sequence[Sheet], desk: Desk) -> list[Message]:
    """Draw the sheets together; one that cannot be drawn does not take the others with it."""
    if not sheets:
        return []
    follower = Follower(sheets, desk.report, every=desk.settings.lease_seconds / 4)
    try:
        with follower:
            desk.backend.load()
            follower.starts()
            drawings = [drawing for sheet in sheets for drawing in sheet.drawings]
            drawn = desk.backend.draw(drawings, watch=follower)
    except AllStoppedError:
        return []
    except PermanentError as error:
        if len(sheets) > 1:
            return [message for sheet in follower.live for message in _draw([sheet], desk)]
        return [news(sheets[0].order, "failed", error=error)]
    except RetryableError as error:
        log.warning("what draws is away", error=str(error))
        return [news(sheet.order, "queued", error=error) for sheet in follower.live]
    seconds = follower.seconds / len(drawings)
    each = iter(drawn)
    own = [(sheet, list(islice(each, len(sheet.drawings)))) for sheet in sheets]
    return [_keep(sheet, pictures, seconds) for sheet, pictures in own if sheet in follower.live]


def _keep(sheet: Sheet, drawn: Sequence[Drawn], seconds: float) -> LookDrawn:
    """Write an attempt's pictures and then that they are whole."""
    pictures = []
    for variant, one in enumerate(drawn, start=1):
        pixels = sheet.whole(one.pixels)
        name = f"a{sheet.order.attempt}-{variant}.png"
        sheet.files.put(name, encode(pixels), "image/png")
        pictures.append(
            DrawnPicture(
                variant=variant,
                key=sheet.files.key(name),
                width=pixels.shape[1],
                height=pixels.shape[0],
                seed=sheet.drawings[variant - 1].seed,
                manifest={**one.manifest, **sheet.facts(pixels)},
            )
        )
    whole = LookDrawn(
        job_id=sheet.order.job_id,
        attempt=sheet.order.attempt,
        pictures=tuple(pictures),
        seconds=seconds * len(drawn),
    )
    sheet.files.put_drawn(whole)
    return whole
