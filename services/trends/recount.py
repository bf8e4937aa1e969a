"""Counting again: the cube from the facts, and from the stored analyses."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from sqlalchemy import delete, insert, select, union
from sqlalchemy.orm import Session

from services.trends.domain import (
    AuthorCounts,
    CellKey,
    Look,
    capped,
    dominant_color,
    is_counted,
    look_of,
    tally,
)
from shared.contracts.garments import Analysis
from shared.records import Database
from shared.records.trends import AuthorCell, Cell, Fact, Settlement
from shared.storage import ObjectStore

CELL = (Cell.week, Cell.item, Cell.color, Cell.style, Cell.source)


@dataclass(frozen=True)
class Difference:
    """A cell whose stored count is not what the facts say."""

    cell: CellKey
    stored: int
    counted: int


def recount(database: Database, *, author_cap: int) -> list[Difference]:
    """Count every cell again from the facts and repair those that differ; return them, sorted.

    Goes week by week; counting waits only while its own week is repaired.
    """
    with database.reading() as session:
        weeks = session.scalars(
            union(select(Fact.week), select(Cell.week), select(AuthorCell.week))
        ).all()
    found: list[Difference] = []
    for week in sorted(weeks):
        with database.transaction() as session:
            # Every counting transaction begins with the ledger: held there, all of them wait.
            database.hold_writers(session, Settlement)
            found += _recount_week(session, week, author_cap)
    return found


def recount_from_analyses(
    database: Database, storage: ObjectStore, *, author_cap: int
) -> dict[CellKey, int]:
    """Return the cube that the ledger's stored analyses give; facts and cells are not read."""
    with database.reading() as session:
        keys = session.scalars(
            select(Settlement.analysis_key).where(Settlement.outcome == "analyzed")
        ).all()
    analyses = (Analysis.model_validate_json(storage.get(str(key))) for key in keys)
    counts = tally(_look(analysis) for analysis in analyses if is_counted(analysis))
    return capped(counts, cap=author_cap)


def _look(analysis: Analysis) -> Look:
    named = ((garment.category, dominant_color(garment)) for garment in analysis.garments)
    return look_of(
        analysis, analysis.styles, ((item, color) for item, color in named if color is not None)
    )


def _recount_week(session: Session, week: date, author_cap: int) -> list[Difference]:
    counts = tally(_looks(session, week))
    cells = capped(counts, cap=author_cap)
    stored = {
        CellKey._make(cell): looks
        for *cell, looks in session.execute(select(*CELL, Cell.looks).where(Cell.week == week))
    }
    _replace(session, week, counts, cells)
    return [
        Difference(cell, stored.get(cell, 0), cells.get(cell, 0))
        for cell in sorted(stored.keys() | cells.keys())
        if stored.get(cell, 0) != cells.get(cell, 0)
    ]


def _looks(session: Session, week: date) -> Iterator[Look]:
    facts = session.execute(
        select(Fact.photo_id, Fact.style, Fact.source, Fact.author, Fact.item, Fact.color).where(
            Fact.week == week, Fact.counted
        )
    )
    garments: dict[tuple[str, str, str, str | None], set[tuple[str, str]]] = defaultdict(set)
    for photo_id, style, source, author, item, color in facts:
        garments[photo_id, style, source, author].add((item, color))
    for (_, style, source, author), pairs in garments.items():
        yield Look(week, style, source, author, frozenset(pairs))


def _replace(session: Session, week: date, counts: AuthorCounts, cells: dict[CellKey, int]) -> None:
    """Write the week's cells anew: what was right stays so, what was wrong is repaired."""
    session.execute(delete(Cell).where(Cell.week == week))
    session.execute(delete(AuthorCell).where(AuthorCell.week == week))
    rows = [cell._asdict() | {"looks": looks} for cell, looks in cells.items()]
    authors = [
        cell._asdict() | {"author": author, "looks": looks}
        for (cell, author), looks in counts.items()
        if author is not None
    ]
    for table, new in ((Cell, rows), (AuthorCell, authors)):
        if new:
            session.execute(insert(table), new)
