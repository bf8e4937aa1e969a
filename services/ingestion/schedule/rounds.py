"""Looking at scheduled sources: one round asks for every hashtag, page by page, and can stop
between any two steps.

A step is one page or one batch of photos, and is saved when it ends. A source's own trouble
pauses or delays that source alone.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from sqlalchemy import and_, exists, or_, select, update
from sqlalchemy.orm import Session

from services.ingestion.runs import Run
from services.ingestion.schedule import finds, hashtag_plan
from services.ingestion.schedule.walks import Position, advance, ask, begin, refused
from services.ingestion.sources.connecting import open_connector
from services.ingestion.sources.found import Connector, Page, Question
from services.ingestion.sources.robots import Robots
from services.ingestion.sources.trouble import (
    AwayError,
    ChangedError,
    HashtagError,
    QuotaSpentError,
    SlowDownError,
    TokenError,
)
from shared import metrics
from shared.errors import MapsiError
from shared.logging import logger
from shared.records import Database
from shared.records.source_book import pace_of, pause_source, spec_of
from shared.records.sources import FoundItem, ScheduledSource, SourceCursor

log = logger(__name__)

TROUBLE: Final = (AwayError, ChangedError, SlowDownError, TokenError)
"""What one source suffers without the others."""
_FIRST_PAUSE: Final = 30.0
_LONGEST_PAUSE: Final = 3600.0


@dataclass(frozen=True)
class Desk:
    """What the work on sources needs."""

    run: Run
    key: bytes
    robots: Robots
    """Fetches what strangers name; for feeds only where their site allows it."""

    @property
    def database(self) -> Database:
        """The database of the run."""
        return self.run.database


def claim(
    desk: Desk, *, name: str | None = None, now: datetime, skip: frozenset[str] = frozenset()
) -> ScheduledSource | None:
    """Take the longest due source (or ``name``) for this process alone, or None.

    A source that another process works on is left to it until its lease ends.
    """
    settings = desk.run.settings
    waiting = exists().where(
        FoundItem.source == ScheduledSource.name,
        FoundItem.state == "waiting",
        FoundItem.due_at <= now,
    )
    wanted = and_(ScheduledSource.paused_at.is_(None), ScheduledSource.name.not_in(skip))
    if name is not None:
        wanted = and_(wanted, ScheduledSource.name == name)
    free = or_(ScheduledSource.leased_until.is_(None), ScheduledSource.leased_until <= now)
    due = or_(ScheduledSource.due_at <= now, waiting)
    with desk.database.transaction() as session:
        desk.database.alone(session, "sources")
        source = session.scalar(
            select(ScheduledSource).where(wanted, free, due).order_by(ScheduledSource.due_at)
        )
        if source is not None:
            source.leased_until = now + timedelta(seconds=settings.source_lease)
        return source


def work_on(desk: Desk, source: ScheduledSource, *, until: Callable[[], bool]) -> MapsiError | None:
    """Work on a claimed source until its round is done or ``until`` says so; then let go of it.

    Returns the trouble that ended it, which is noted with the source. Whatever else is raised is
    ours: the lease ends by itself.
    """
    trouble: MapsiError | None = None
    try:
        with _connected(desk, source) as connector:
            while _step(desk, source.name, connector) and not until():
                pass
    except TROUBLE as error:
        trouble = error
        metrics.SOURCE_CALLS.labels(source.name, error.reason).inc()
        log.warning("source in trouble", source=source.name, reason=error.reason, text=error.text)
    with desk.database.transaction() as session:
        row = session.get(ScheduledSource, source.name)
        if row is not None:
            now = datetime.now(UTC)
            row.leased_until = None
            if trouble is not None:
                _note_trouble(session, row, trouble, now=now)
            elif row.due_at <= now:  # not done: behind the others
                row.due_at = now
    return trouble


@contextmanager
def _connected(desk: Desk, source: ScheduledSource) -> Iterator[Connector]:
    with open_connector(spec_of(source), desk.run.settings.tokens) as connector:
        yield connector


def _step(desk: Desk, name: str, connector: Connector) -> bool:
    """Do the next thing; False where nothing is left to do now."""
    settings, now = desk.run.settings, datetime.now(UTC)
    waiting = finds.waiting_finds(desk.database, name, now=now, limit=settings.batch_size)
    with desk.database.transaction() as session:
        source = session.get(ScheduledSource, name)
        if source is None or source.paused_at is not None:
            return False
        source.leased_until = now + timedelta(seconds=settings.source_lease)
        is_due = source.due_at <= now
        polite = source.kind == "feed"
    if waiting:
        fetch = desk.robots.polite if polite else desk.robots.fetch
        attempts = settings.source_attempts
        finds.take_in(waiting, desk.run, source=name, fetch=fetch, attempts=attempts)
        return True
    return is_due and _read_page(desk, name, connector)


def _read_page(desk: Desk, name: str, connector: Connector) -> bool:
    """Ask for the next page of the round and save it; False where the round is done."""
    asked = _next_question(desk, name, connector)
    if asked is None:
        return False
    hashtag, position = asked
    assert position.walk is not None  # noqa: S101 - begun there
    try:
        page = connector.page(Question(hashtag, position.walk.at, position.memory))
    except (HashtagError, QuotaSpentError) as error:
        metrics.SOURCE_CALLS.labels(name, error.reason).inc()
        _give_up_hashtag(desk, name, hashtag, position, error)
        return True
    except (SlowDownError, TokenError):
        with desk.database.transaction() as session:
            _put(session, name, hashtag, refused(position))
        raise
    metrics.SOURCE_CALLS.labels(name, "ok").inc()
    _save_page(desk, name, hashtag, position, page, connector)
    return not page.rest


def _next_question(desk: Desk, name: str, connector: Connector) -> tuple[str, Position] | None:
    """Return the hashtag to go on with; ends the round, and returns None, where none is left."""
    settings, now = desk.run.settings, datetime.now(UTC)
    with desk.database.transaction() as session:
        desk.database.alone(session, f"source {name}")
        desk.database.alone(session, "hashtag slots")
        source = session.get_one(ScheduledSource, name)
        source.round_at = source.round_at or now
        cursors = _cursors(session, name)
        wanted = hashtag_plan.wanted(session, source, settings, now=now)
        left = [tag for tag in wanted if not _is_done(cursors.get(tag), source.round_at)]
        if not left:
            _end_round(source, now=now)
            return None
        hashtag = min(left, key=lambda tag: not _is_under_way(cursors.get(tag)))
        hashtag_plan.open_slot(session, source, hashtag, now=now)
        cursor = cursors.get(hashtag)
        position = Position.model_validate(cursor.position) if cursor else Position()
        position = begin(position, now=now, lookback=settings.lookback, overlap=settings.overlap)
        position = ask(position, resumable=connector.resumable, now=now)
        _put(session, name, hashtag, position)
    return hashtag, position


def _save_page(
    desk: Desk, name: str, hashtag: str, position: Position, page: Page, connector: Connector
) -> None:
    settings, now = desk.run.settings, datetime.now(UTC)
    further = advance(position, page, order=connector.order, max_pages=settings.source_pages)
    with desk.database.transaction() as session:
        desk.database.alone(session, f"source {name}")
        source = session.get_one(ScheduledSource, name)
        finds.note_page(session, source, page, key=desk.key)
        cursor = _put(session, name, hashtag, further)
        if further.walk is None:
            cursor.looked_at = now
            cursor.error = cursor.error_ko = None
        source.failures = 0
        if page.rest:
            source.due_at = now + timedelta(seconds=page.rest)


def _give_up_hashtag(
    desk: Desk, name: str, hashtag: str, position: Position, error: MapsiError
) -> None:
    """Note why a hashtag is not served; it is tried again in the next round."""
    given_up = {"walk": None, "given_up_at": datetime.now(UTC)}
    with desk.database.transaction() as session:
        if isinstance(error, QuotaSpentError):
            hashtag_plan.close_slot(session, name, hashtag)
        cursor = _put(session, name, hashtag, position.model_copy(update=given_up))
        cursor.error, cursor.error_ko = error.text, error.text_ko


def _put(session: Session, name: str, hashtag: str, position: Position) -> SourceCursor:
    cursor = session.get(SourceCursor, (name, hashtag))
    if cursor is None:
        cursor = SourceCursor(source=name, hashtag=hashtag)
        session.add(cursor)
    cursor.position = position.model_dump(mode="json", exclude_defaults=True)
    return cursor


def _cursors(session: Session, name: str) -> dict[str, SourceCursor]:
    rows = session.scalars(select(SourceCursor).where(SourceCursor.source == name))
    return {row.hashtag: row for row in rows}


def _is_done(cursor: SourceCursor | None, round_at: datetime) -> bool:
    if cursor is None or _is_under_way(cursor):
        return False
    given_up_at = Position.model_validate(cursor.position).given_up_at
    return any(at is not None and at >= round_at for at in (cursor.looked_at, given_up_at))


def _is_under_way(cursor: SourceCursor | None) -> bool:
    return cursor is not None and "walk" in cursor.position


def _end_round(source: ScheduledSource, *, now: datetime) -> None:
    source.round_at, source.looked_at = None, now
    source.failures, source.error, source.error_ko = 0, None, None
    # A little sooner or later each time, so that sources do not come due all at once.
    source.due_at = now + pace_of(source) * random.uniform(0.95, 1.05)  # noqa: S311


def _note_trouble(
    session: Session, source: ScheduledSource, error: MapsiError, *, now: datetime
) -> None:
    source.error, source.error_ko = error.text, error.text_ko
    if isinstance(error, TokenError):
        pause_source(session, source.name, now=now, reason=error.reason)
        return
    if isinstance(error, SlowDownError):
        source.due_at = now + timedelta(seconds=error.wait)
        return
    source.failures += 1
    pause = min(_LONGEST_PAUSE, _FIRST_PAUSE * 2.0 ** min(source.failures, 10))
    pause *= random.uniform(0.5, 1.0)  # noqa: S311
    source.due_at = now + timedelta(seconds=max(pause, getattr(error, "wait", 0.0)))


def make_due(database: Database, name: str, *, now: datetime) -> None:
    """Let a source be looked at now, whatever its schedule says."""
    with database.transaction() as session:
        session.execute(
            update(ScheduledSource).where(ScheduledSource.name == name).values(due_at=now)
        )
