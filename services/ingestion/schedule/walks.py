"""How a timeline is read without losing a post, pure: where to go on, and where to stop.

A walk goes from the newest post back to where the walk before began. Its place is saved with each
page, so that it goes on there after a crash, and what is posted meanwhile is for the next walk.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from pydantic import BaseModel, ConfigDict

from services.ingestion.sources.found import Order, Page
from shared.source_calls import Asked


class Walk(BaseModel):
    """A walk under way."""

    model_config = ConfigDict(frozen=True)

    started: datetime
    floor: datetime
    """A page whose posts are all older ends the walk."""
    at: str | None = None
    """The next page, as the connector understands it; None: the first."""
    newest: datetime | None = None
    pages: int = 0
    asking: bool = False
    """A page was asked for and its answer is not saved."""


class Position(BaseModel):
    """How far a source is read for one hashtag."""

    model_config = ConfigDict(frozen=True)

    done_until: datetime | None = None
    """Everything posted until then was found."""
    memory: str | None = None
    """The connector's own."""
    walk: Walk | None = None
    given_up_at: datetime | None = None
    """When the platform refused the hashtag itself."""
    cut: bool = False
    """The last walk had more pages than it may: older posts were missed."""
    asked: Asked = Asked()
    """How often it was asked for, for those who look after the source."""


def begin(
    position: Position, *, now: datetime, lookback: timedelta, overlap: timedelta
) -> Position:
    """Return the position with a walk under way: the one that was, or a new one.

    A new one goes back ``overlap`` behind the last, for posts that reached the platform late and
    clocks that differ; the first goes back ``lookback``.
    """
    if position.walk is not None:
        return position
    floor = now - lookback if position.done_until is None else position.done_until - overlap
    return position.model_copy(update={"walk": Walk(started=now, floor=floor)})


def ask(position: Position, *, resumable: bool, now: datetime) -> Position:
    """Return the position to save before a page is asked for, which counts as asked for.

    Where an answer that got lost cannot be had again, the walk begins again: what it finds twice
    is known by then.
    """
    walk = position.walk
    assert walk is not None  # noqa: S101 - begun before
    position = position.model_copy(update={"asked": position.asked.once_more(now)})
    if resumable:
        return position
    fresh = {"at": None, "pages": 0} if walk.asking else {}
    return position.model_copy(update={"walk": walk.model_copy(update={**fresh, "asking": True})})


def refused(position: Position) -> Position:
    """Return the position after the platform refused to answer: no page of it got lost."""
    walk = position.walk
    assert walk is not None  # noqa: S101 - begun before
    return position.model_copy(update={"walk": walk.model_copy(update={"asking": False})})


def advance(position: Position, page: Page, *, order: Order, max_pages: int) -> Position:
    """Return the position after ``page``; its walk is None where the walk has ended."""
    walk = position.walk
    assert walk is not None  # noqa: S101 - begun before
    newest = max((d for d in (walk.newest, page.newest) if d is not None), default=None)
    pages, asked = walk.pages + 1, position.asked.told(page.allowance)
    if page.next is not None and not _is_below(walk, page, order) and pages < max_pages:
        further = {"at": page.next, "newest": newest, "pages": pages, "asking": False}
        on = {"walk": walk.model_copy(update=further), "memory": page.memory, "asked": asked}
        return position.model_copy(update=on)
    cut = page.next is not None and not _is_below(walk, page, order)
    # A post of a clock that is ahead must not hide those that come before it.
    done = min(newest, walk.started) if newest else position.done_until
    latest = max((d for d in (done, position.done_until) if d is not None), default=None)
    return Position(done_until=latest, memory=page.memory, cut=cut, asked=asked)


def _is_below(walk: Walk, page: Page, order: Order) -> bool:
    # The newest of the page decides: one post with a wrong date must not end the walk.
    return order == "newest_first" and page.newest is not None and page.newest < walk.floor
