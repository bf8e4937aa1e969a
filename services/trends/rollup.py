"""Ledger marks, facts and counts of one message, in one transaction: all of them or none.

Rows are locked in one order by everybody (ledger, authors, facts, weeks, cells, pairs, harmonies;
by key within each), so that workers cannot deadlock. Who has noted a week is alone with its cells.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from typing import Any, Final, TypeVar

from sqlalchemy import delete
from sqlalchemy.orm import Session

from services.trends.authors import add_to_authors, remove_from_authors
from services.trends.bulk import add_looks
from services.trends.cube import Counts, count
from services.trends.deleted import still_wanted
from services.trends.domain import Look, is_counted, look_of_message
from services.trends.facts import looks_of_photos, set_counted, write_facts
from services.trends.ledger import mark_analyzed, mark_settled, write_marks
from shared.contracts.photos import AnalyzedPhoto, SettledPhoto
from shared.records import Database
from shared.records.trends import Cell, Fact, HarmonyCell, PairCell, TrendWeek

Written = TypeVar("Written")
Reckoned = TypeVar("Reckoned")

_MANY: Final = 200
"""From so many photos on, a thread costs less than it saves."""


def count_photos(database: Database, photos: Sequence[AnalyzedPhoto], *, author_cap: int) -> int:
    """Count the photos whose analysis is new; return how many they were.

    An analysis by other models replaces the photo's earlier one. An item's photo of a shop gets its
    mark and no facts: a catalogue is no street. Raises RetryableError where the
    database does not take it; then nothing is written.
    """
    with database.transaction() as session:
        photos = still_wanted(database, session, photos)
        if not photos:
            return 0
        by_id = {item.photo.photo_id: item for item in photos}
        marks = [mark_analyzed(item) for item in photos]
        marked, looks = _at_once(
            database,
            partial(write_marks, database, session, marks),
            partial(_looks, photos),
            photos=len(photos),
        )
        removed = _remove(session, marked.replaced, author_cap=author_cap)
        news = [by_id[photo_id] for photo_id in sorted(marked.new | marked.replaced)]
        items = [item for item in news if not item.photo.catalogued]
        counting = [
            looks[item.photo.photo_id]
            for item in items
            if is_counted(item.photo) and looks[item.photo.photo_id].garments
        ]
        added = add_to_authors(database, session, counting, cap=author_cap)
        counted = {look.photo_id for look in added.counted}
        _, counts = _at_once(
            database,
            partial(write_facts, database, session, items, looks=looks, counted=counted),
            partial(count, added.counted),
            photos=len(items),
        )
        gone = _uncount(session, added.evicted)
        weeks = {looks[item.photo.photo_id].week for item in items if item.garments}
        note_weeks(database, session, weeks | removed.weeks)
        grow(database, session, counts.minus(count(gone)).plus(removed.counts))
    return len(news)


def settle_photos(database: Database, photos: Sequence[SettledPhoto], *, author_cap: int) -> int:
    """Mark photos that ended without an analysis; return how many were not marked before.

    What was counted of one that is no fashion in a later generation goes, in the same
    transaction. Raises RetryableError where the database does not take it; then nothing is written.
    """
    with database.transaction() as session:
        wanted = still_wanted(database, session, photos)
        if not wanted:
            return 0
        marked = write_marks(database, session, [mark_settled(item) for item in wanted])
        _shrink(database, session, marked.replaced, author_cap=author_cap)
        return len(marked.new | marked.replaced)


def forget_photos(
    database: Database, session: Session, photo_ids: Iterable[str], *, author_cap: int
) -> None:
    """Take photos out of the facts and out of every count, as if they had never come.

    Their ledger marks are the caller's to remove, before, in the same transaction.
    """
    _shrink(database, session, photo_ids, author_cap=author_cap)


def grow(database: Database, session: Session, change: Counts) -> None:
    """Add ``change`` to the cells, pairs and harmonies of weeks that this transaction has noted."""
    for table, increments in (
        (Cell, change.cells),
        (PairCell, change.pairs),
        (HarmonyCell, change.harmonies),
    ):
        _grow(database, session, table, increments)


def note_weeks(database: Database, session: Session, weeks: Iterable[Any]) -> None:
    """Say that the facts of ``weeks`` change; nobody else counts in them until this has ended."""
    rows = [{"week": week, "version": 1, "exported": 0} for week in sorted(weeks)]
    if rows:
        add = database.insert_many(TrendWeek, rows)
        session.execute(
            add.on_conflict_do_update(
                index_elements=["week"], set_={"version": TrendWeek.version + 1}
            )
        )


def _looks(photos: Sequence[AnalyzedPhoto]) -> dict[str, Look]:
    return {item.photo.photo_id: look_of_message(item) for item in photos}


def _at_once(
    database: Database, write: Callable[[], Written], reckon: Callable[[], Reckoned], *, photos: int
) -> tuple[Written, Reckoned]:
    """Return the results of both; where a server has much to write, this reckons meanwhile.

    ``reckon`` keeps off the database.
    """
    if database.is_sqlite or photos < _MANY:
        return write(), reckon()
    with ThreadPoolExecutor(max_workers=1) as beside:
        writing = beside.submit(write)
        reckoned = reckon()
        return writing.result(), reckoned


@dataclass(frozen=True)
class _Removed:
    """What the counts lose with some photos' facts."""

    counts: Counts = field(default_factory=Counts)
    weeks: frozenset[date] = frozenset()


def _shrink(
    database: Database, session: Session, photo_ids: Iterable[str], *, author_cap: int
) -> None:
    removed = _remove(session, photo_ids, author_cap=author_cap)
    note_weeks(database, session, removed.weeks)
    grow(database, session, removed.counts)


def _remove(session: Session, photo_ids: Iterable[str], *, author_cap: int) -> _Removed:
    """Delete the photos' facts; return what the counts lose by it."""
    ids = sorted(photo_ids)
    if not ids:
        return _Removed()
    facts = looks_of_photos(session, ids)
    session.execute(delete(Fact).where(Fact.photo_id.in_(ids)))
    looks = [fact.look for fact in facts if fact.is_look]
    promoted = remove_from_authors(session, looks, cap=author_cap)
    set_counted(session, promoted, counted=True)
    gone = [fact.look for fact in facts if fact.counted]
    return _Removed(
        counts=count(promoted).minus(count(gone)),
        weeks=frozenset(fact.look.week for fact in facts),
    )


def _uncount(session: Session, evicted: Sequence[str]) -> list[Look]:
    if not evicted:
        return []
    looks = [fact.look for fact in looks_of_photos(session, evicted)]
    set_counted(session, looks, counted=False)
    return looks


def _grow(
    database: Database,
    session: Session,
    table: type[Cell] | type[PairCell] | type[HarmonyCell],
    increments: Mapping[Any, int],
) -> None:
    """Add ``increments`` by key to ``looks``; drop what has come down to nothing."""
    if not increments:
        return
    rows = [(*cell, looks) for cell, looks in sorted(increments.items())]
    add_looks(database, session, table, rows)
    if min(increments.values()) < 0:
        weeks = {cell.week for cell in increments}
        session.execute(delete(table).where(table.week.in_(weeks), table.looks == 0))
