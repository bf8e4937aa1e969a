"""Counting again: the cube from the facts, and from the stored analyses."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from sqlalchemy import delete, insert, select, union
from sqlalchemy.orm import Session

from services.trends.cube import CellKey, Counts, HarmonyKey, PairKey, count
from services.trends.domain import Look, is_counted, kept_of, look_of_analysis
from services.trends.facts import StoredLook, read_looks, set_counted
from services.trends.rollup import note_weeks
from shared.contracts.garments import Analysis
from shared.records import Database
from shared.records.trends import (
    AuthorWeek,
    Cell,
    Fact,
    HarmonyCell,
    PairCell,
    Settlement,
    TrendWeek,
)
from shared.storage import ObjectStore

_TABLES: Final = ((Cell, CellKey), (PairCell, PairKey), (HarmonyCell, HarmonyKey))
_Authors = dict[tuple[date, str, str], list[str]]
"""Photo ids of each author's looks by week and source."""


@dataclass(frozen=True)
class Difference:
    """A cell, pair or harmony whose stored count is not what the facts say."""

    key: CellKey | PairKey | HarmonyKey
    stored: int
    counted: int


def recount(database: Database, *, author_cap: int) -> list[Difference]:
    """Count every week again from the facts, repair what differs and return it, sorted by week.

    Goes week by week; counting waits only while its own week is repaired.
    """
    with database.reading() as session:
        weeks = session.scalars(
            union(*(select(table.week) for table in (Fact, Cell, AuthorWeek, TrendWeek)))
        ).all()
    return recount_weeks(database, weeks, author_cap=author_cap)


def recount_uncounted(database: Database, *, author_cap: int) -> None:
    """Count the weeks that have facts but were never counted: after a change of the rule."""
    with database.reading() as session:
        weeks = session.scalars(
            select(Fact.week).where(Fact.week.not_in(select(TrendWeek.week))).distinct()
        ).all()
    recount_weeks(database, weeks, author_cap=author_cap)


def recount_weeks(
    database: Database, weeks: Iterable[date], *, author_cap: int
) -> list[Difference]:
    """Count some weeks again, as ``recount`` does."""
    found: list[Difference] = []
    for week in sorted(weeks):
        with database.transaction() as session:
            # Every counting transaction begins with the ledger: held there, all of them wait.
            database.hold_writers(session, Settlement)
            found += _recount_week(database, session, week, author_cap)
    return found


def recount_from_analyses(
    database: Database, storage: ObjectStore, *, author_cap: int
) -> dict[CellKey, int]:
    """Return the cube that the ledger's stored analyses give; facts and cells are not read."""
    with database.reading() as session:
        keys = session.scalars(
            select(Settlement.analysis_key).where(
                Settlement.outcome == "analyzed", Settlement.catalogued.is_(False)
            )
        ).all()
    analyses = (Analysis.model_validate_json(storage.get(str(key))) for key in keys)
    looks = [look_of_analysis(analysis) for analysis in analyses if is_counted(analysis)]
    return dict(count(within_cap([look for look in looks if look.garments], cap=author_cap)).cells)


def within_cap(looks: Iterable[Look], *, cap: int) -> list[Look]:
    """Return the looks that count: all but those over their author's cap."""
    looks = list(looks)
    kept = {photo_id for ids in _by_author(looks).values() for photo_id in kept_of(ids, cap=cap)}
    return [look for look in looks if look.author is None or look.photo_id in kept]


def _recount_week(
    database: Database, session: Session, week: date, author_cap: int
) -> list[Difference]:
    stored = list(read_looks(session, Fact.week == week))
    looks = [known.look for known in stored if known.is_look]
    counting = within_cap(looks, cap=author_cap)
    _mark(session, stored, {look.photo_id for look in counting})
    _replace_authors(session, week, _by_author(looks), author_cap)
    found = _replace_counts(session, week, count(counting))
    if found or session.get(TrendWeek, week) is None:
        note_weeks(database, session, [week])
    return found


def _mark(session: Session, stored: Sequence[StoredLook], counting: set[str]) -> None:
    """Say right in the facts who counts."""
    for counted in (True, False):
        wrong = [
            known.look
            for known in stored
            if known.counted != counted and (known.look.photo_id in counting) == counted
        ]
        for start in range(0, len(wrong), 10_000):
            set_counted(session, wrong[start : start + 10_000], counted=counted)


def _replace_authors(session: Session, week: date, authors: _Authors, cap: int) -> None:
    session.execute(delete(AuthorWeek).where(AuthorWeek.week == week))
    rows = [
        {
            "week": week,
            "source": source,
            "author": author,
            "looks": len(ids),
            "kept": " ".join(kept_of(ids, cap=cap)),
        }
        for (week, source, author), ids in authors.items()
    ]
    if rows:
        session.execute(insert(AuthorWeek), rows)


def _replace_counts(session: Session, week: date, counts: Counts) -> list[Difference]:
    """Write the week's counts anew: what was right stays so, what was wrong is repaired."""
    found: list[Difference] = []
    for (table, key), counted in zip(
        _TABLES, (counts.cells, counts.pairs, counts.harmonies), strict=True
    ):
        columns = [getattr(table, name) for name in key._fields]
        rows = session.execute(select(*columns, table.looks).where(table.week == week))
        stored: dict[Any, int] = {key(*names): looks for *names, looks in rows}
        differing = _differences(stored, counted)
        if differing:
            session.execute(delete(table).where(table.week == week))
            new = [name._asdict() | {"looks": looks} for name, looks in counted.items()]
            if new:
                session.execute(insert(table), new)
        found += differing
    return found


def _differences(stored: dict[Any, int], counted: Counter[Any]) -> list[Difference]:
    return [
        Difference(key, stored.get(key, 0), counted[key])
        for key in sorted(stored.keys() | counted.keys())
        if stored.get(key, 0) != counted[key]
    ]


def _by_author(looks: Iterable[Look]) -> _Authors:
    found: _Authors = defaultdict(list)
    for look in looks:
        if look.author is not None:
            found[look.week, look.source, look.author].append(look.photo_id)
    return found
