"""Photos that sources listed: kept with the page they stood on, then fetched and taken in.

A page's photos and the cursor behind it are written in one transaction; so are the rows of the
photos taken in and the note that they are. Whatever breaks between is done again, with one effect.
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, Final

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from services.ingestion import ledger
from services.ingestion.domain import PostFacts, Pseudonym, credit_of, pseudonym
from services.ingestion.intake import Arrival
from services.ingestion.refusals import RefusedError
from services.ingestion.runs import Run
from services.ingestion.sources import Candidate, Refused
from services.ingestion.sources.found import FoundPost, Page
from shared import metrics
from shared.errors import PermanentError
from shared.fetch_errors import FetchUnavailableError
from shared.records import Database
from shared.records.sources import FoundItem, ScheduledSource

_RELIST: Final = timedelta(days=1)
"""An item listed again is noted as such once a day."""
_FIRST_PAUSE: Final = 60.0
_LONGEST_PAUSE: Final = 6 * 3600.0


@dataclass(frozen=True)
class Find:
    """One photo that waits to be fetched."""

    item_id: str
    name: str
    url: str
    facts: PostFacts
    attempts: int


@dataclass(frozen=True)
class Late:
    """A photo whose server did not answer now."""

    find: Find


Fetched = Arrival | Refused | Late


def note_page(session: Session, source: ScheduledSource, page: Page, *, key: bytes) -> None:
    """Write what is new on a page; what was listed before is left as it is.

    ``key`` makes the author's pseudonym: a name is never stored, not even while a photo waits.
    """
    now = datetime.now(UTC)
    rows = [row for post in page.posts for row in _rows(post, source.name, now=now, key=key)]
    ids = [row.item_id for row in rows]
    known = {
        item.item_id: item
        for item in session.scalars(
            select(FoundItem).where(FoundItem.source == source.name, FoundItem.item_id.in_(ids))
        )
    }
    fresh = {row.item_id: row for row in rows if row.item_id not in known}
    session.add_all(fresh.values())
    for item in known.values():
        if item.seen_at < now - _RELIST:
            item.seen_at = now
    readable = [f"{source.name}/{post.post_id}" for post in page.posts]
    ledger.write_refusals(session, page.refused, taken=readable, source=source.name)
    _count(source, "found", sum(row.state == "waiting" for row in fresh.values()))
    _count(source, "videos", sum(row.state == "video" for row in fresh.values()))
    _count(source, "withheld", sum(row.state == "withheld" for row in fresh.values()))


def waiting_finds(database: Database, source: str, *, now: datetime, limit: int) -> list[Find]:
    """Return the photos of a source that are due, the longest due first."""
    due = (
        select(FoundItem)
        .where(FoundItem.source == source, FoundItem.state == "waiting", FoundItem.due_at <= now)
        .order_by(FoundItem.due_at, FoundItem.item_id)
        .limit(limit)
    )
    with database.reading() as session:
        return [_find(item) for item in session.scalars(due)]


def take_in(
    finds: Sequence[Find],
    run: Run,
    *,
    source: str,
    fetch: Callable[[str], bytes],
    attempts: int,
) -> None:
    """Fetch the photos, save them, and announce them. One that fails fails alone.

    A photo whose server does not answer is tried again later, ``attempts`` times in all.
    Raises RetryableError where our own store or database is away.
    """
    with ThreadPoolExecutor(run.settings.threads, thread_name_prefix="fetch") as pool:
        done = list(pool.map(partial(_fetched, run=run, source=source, fetch=fetch), finds))
    given_up = [
        Refused(late.find.name, RefusedError(late.find.name, "not_fetched", detail=str(attempts)))
        for late in done
        if isinstance(late, Late) and late.find.attempts + 1 >= attempts
    ]
    outcomes = dict(zip((find.item_id for find in finds), done, strict=True))
    run.take(
        [one for one in done if isinstance(one, Arrival)],
        [*(one for one in done if isinstance(one, Refused)), *given_up],
        source=source,
        also=partial(_note_outcomes, source=source, outcomes=outcomes, attempts=attempts),
    )


def forget(database: Database, *, before: datetime) -> None:
    """Forget items that were not listed since ``before``; those that wait stay."""
    gone = delete(FoundItem).where(FoundItem.seen_at < before, FoundItem.state != "waiting")
    with database.transaction() as session:
        session.execute(gone)


def _fetched(find: Find, *, run: Run, source: str, fetch: Callable[[str], bytes]) -> Fetched:
    candidate = Candidate(find.name, partial(fetch, find.url), facts=find.facts)
    try:
        return run.intake.prepare(candidate, source=source)
    except FetchUnavailableError:
        return Late(find)
    except PermanentError as error:
        return Refused(find.name, error)


def _note_outcomes(
    session: Session, *, source: str, outcomes: Mapping[str, Fetched], attempts: int
) -> None:
    row = session.get_one(ScheduledSource, source)
    now = datetime.now(UTC)
    for item_id, outcome in outcomes.items():
        values: dict[str, Any] = {"state": "taken", "found": None}
        if isinstance(outcome, Refused):
            values["state"] = "refused"
        elif isinstance(outcome, Late):
            values = _later(outcome.find, now=now, attempts=attempts)
        changed = session.scalar(
            update(FoundItem)
            .where(
                FoundItem.source == source,
                FoundItem.item_id == item_id,
                FoundItem.state == "waiting",  # else another process was quicker
            )
            .values(**values)
            .returning(FoundItem.state)
        )
        if changed == "waiting":
            metrics.SOURCE_ITEMS.labels(source, "late").inc()
        elif changed is not None:
            _count(row, changed, 1)


def _later(find: Find, *, now: datetime, attempts: int) -> dict[str, Any]:
    tried = find.attempts + 1
    if tried >= attempts:
        return {"state": "refused", "found": None, "attempts": tried}
    pause = min(_LONGEST_PAUSE, _FIRST_PAUSE * 4**find.attempts)
    pause *= random.uniform(0.5, 1.0)  # noqa: S311 - so that all do not come back at once
    return {"state": "waiting", "attempts": tried, "due_at": now + timedelta(seconds=pause)}


def _rows(post: FoundPost, source: str, *, now: datetime, key: bytes) -> Iterator[FoundItem]:
    state = "withheld" if post.withheld else "waiting"
    for photo in post.photos:
        found = None if post.withheld else _packed(post, photo.url, source=source, key=key)
        yield _row(source, (post.post_id, photo.key), state, found=found, now=now)
    for video in post.videos:
        yield _row(source, (post.post_id, "video", video), "video", found=None, now=now)


def _row(
    source: str, ids: tuple[str, ...], state: str, *, found: dict[str, Any] | None, now: datetime
) -> FoundItem:
    return FoundItem(
        source=source,
        item_id=hashlib.sha256("\0".join(ids).encode()).hexdigest(),
        state=state,
        found=found,
        attempts=0,
        due_at=now,
        seen_at=now,
    )


def _packed(post: FoundPost, url: str, *, source: str, key: bytes) -> dict[str, Any]:
    facts = asdict(post.facts)
    facts["credit"] = post.facts.credit or credit_of(post.facts.author, post.facts.licence)
    facts["author"] = pseudonym(post.facts.author, key=key) if post.facts.author else None
    facts["posted_at"] = post.facts.posted_at.isoformat() if post.facts.posted_at else None
    return {"name": f"{source}/{post.facts.url}", "url": url, "facts": facts}


def _find(item: FoundItem) -> Find:
    found = item.found or {}
    facts = dict(found["facts"])
    author, posted_at = facts["author"], facts["posted_at"]
    facts["author"] = Pseudonym(author) if author else None
    facts["posted_at"] = datetime.fromisoformat(posted_at) if posted_at else None
    facts["hashtags"] = tuple(facts["hashtags"])
    return Find(item.item_id, found["name"], found["url"], PostFacts(**facts), item.attempts)


def _count(source: ScheduledSource, what: str, number: int) -> None:
    if number:  # by the database: another process may count at the same time
        setattr(source, what, getattr(ScheduledSource, what) + number)
        metrics.SOURCE_ITEMS.labels(source.name, what.removesuffix("s")).inc(number)
