"""Ledger marks, facts and counts of one message, in one transaction: all of them or none."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy.orm import Session

from services.trends.domain import CellKey, Look, credit, is_counted, look_of, tally
from services.trends.ledger import mark_analyzed, mark_settled, write_marks
from shared.contracts.photos import AnalyzedPhoto, SettledPhoto
from shared.records import Database
from shared.records.trends import AuthorCell, Cell, Fact


def count_photos(database: Database, photos: Sequence[AnalyzedPhoto], *, author_cap: int) -> int:
    """Count the photos that are not in the ledger yet; return how many they were.

    Raises RetryableError where the database does not take it; then nothing is written.
    """
    by_id = {item.photo.photo_id: item for item in photos}
    with database.transaction() as session:
        new = write_marks(database, session, [mark_analyzed(item) for item in photos])
        items = [by_id[photo_id] for photo_id in sorted(new)]
        looks = {item.photo.photo_id: _look(item) for item in items}
        _write_facts(database, session, items, looks)
        counted = (looks[item.photo.photo_id] for item in items if is_counted(item.photo))
        _add_looks(database, session, counted, author_cap=author_cap)
    return len(new)


def settle_photos(database: Database, photos: Sequence[SettledPhoto]) -> int:
    """Mark photos that ended without an analysis; return how many were not marked before.

    Raises RetryableError where the database does not take it; then nothing is written.
    """
    with database.transaction() as session:
        return len(write_marks(database, session, [mark_settled(item) for item in photos]))


def _look(item: AnalyzedPhoto) -> Look:
    return look_of(item.photo, item.styles, ((g.category, g.basic) for g in item.garments))


def _write_facts(
    database: Database, session: Session, items: Iterable[AnalyzedPhoto], looks: dict[str, Look]
) -> None:
    rows = [row for item in items for row in _facts(item, looks[item.photo.photo_id])]
    if rows:
        session.execute(database.insert_many(Fact, rows))


def _facts(item: AnalyzedPhoto, look: Look) -> list[dict[str, Any]]:
    photo = item.photo
    return [
        {
            "photo_id": photo.photo_id,
            "look_id": photo.look_id,
            "week": look.week,
            "item": garment.category,
            "color": garment.basic,
            "color_name": garment.color,
            "hex": garment.hex,
            "pattern": garment.pattern,
            "style": look.style,
            "source": look.source,
            "author": look.author,
            "score": garment.score,
            "counted": is_counted(photo),
        }
        for garment in item.garments
    ]


def _add_looks(
    database: Database, session: Session, looks: Iterable[Look], *, author_cap: int
) -> None:
    """Add looks to the cells, each author's only up to the cap."""
    counts = tally(looks)
    known = {(*cell, author): n for (cell, author), n in counts.items() if author is not None}
    gains = Counter({cell: n for (cell, author), n in counts.items() if author is None})
    for *cell, author, after in _grow(database, session, AuthorCell, known):
        before = after - known[*cell, author]
        gains[CellKey._make(cell)] += credit(before=before, after=after, cap=author_cap)
    _grow(database, session, Cell, +gains)


def _grow(
    database: Database,
    session: Session,
    table: type[Cell] | type[AuthorCell],
    increments: dict[Any, int],
) -> Sequence[Any]:
    """Add ``increments`` by key to ``looks``; return the rows: key columns, then looks.

    Locks rows in the order of their keys, so that workers cannot deadlock.
    """
    if not increments:
        return ()
    key = [column.name for column in table.__table__.primary_key]
    rows = [
        dict(zip(key, cell, strict=True)) | {"looks": increments[cell]}
        for cell in sorted(increments)
    ]
    add = database.insert_many(table, rows)
    upsert = add.on_conflict_do_update(
        index_elements=key, set_={"looks": table.looks + add.excluded.looks}
    ).returning(*(getattr(table, name) for name in key), table.looks)
    return session.execute(upsert).all()
