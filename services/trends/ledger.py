"""The ledger: which photos reached their end, and how."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.contracts.message import ModelRef
from shared.contracts.photos import AnalyzedPhoto, SettledPhoto
from shared.records import Database
from shared.records.trends import Settlement

Mark = dict[str, Any]
"""The columns of one ``Settlement``."""

_CHANGING: Final = tuple(
    column.name
    for column in Settlement.__table__.columns
    if column.name not in ("photo_id", "superseded")
)


def mark_analyzed(item: AnalyzedPhoto) -> Mark:
    """Return the mark of a photo whose analysis is stored."""
    return {
        "photo_id": item.photo.photo_id,
        "outcome": "analyzed",
        "stage": "color",
        "reason": None,
        "fashion": item.fashion,
        "analysis_key": item.analysis_key,
        "models": _versions(item.models),
        "settled_at": datetime.now(UTC),
        "superseded": [],
    }


def mark_settled(item: SettledPhoto) -> Mark:
    """Return the mark of a photo that ended without an analysis."""
    return {
        "photo_id": item.photo.photo_id,
        "outcome": item.outcome,
        "stage": item.stage,
        "reason": item.reason,
        "fashion": item.fashion,
        "analysis_key": None,
        "models": _versions(item.models),
        "settled_at": datetime.now(UTC),
        "superseded": [],
    }


@dataclass(frozen=True)
class Marked:
    """What of the marks was news to the ledger, as photo ids."""

    new: frozenset[str]
    replaced: frozenset[str]
    """Analysed before by other models; the facts of that analysis are still there."""


def write_marks(database: Database, session: Session, marks: Sequence[Mark]) -> Marked:
    """Write the marks that the ledger does not have; say which they were.

    A ``failed`` mark gives way to any later one, so that a retry can succeed, and an analysis to
    one under another key (of another model), which it then never takes the place of again. No
    other mark gives way. Where two transactions bring the same photo, the second waits for the
    first and gets nothing.
    """
    insert = database.insert(Settlement)
    upsert = insert.on_conflict_do_update(
        index_elements=["photo_id"],
        set_={name: insert.excluded[name] for name in _CHANGING},
        where=Settlement.outcome == "failed",
    ).returning(Settlement.photo_id)
    # Sorted: two workers that lock the same rows do so in the same order, and cannot deadlock.
    rows = sorted(_once(marks).values(), key=lambda mark: mark["photo_id"])
    new = frozenset(session.scalars(upsert, rows))
    again = [row for row in rows if row["photo_id"] not in new and row["analysis_key"]]
    return Marked(new=new, replaced=_replace(session, again))


def _replace(session: Session, marks: Sequence[Mark]) -> frozenset[str]:
    """Put newer analyses in the place of older ones; return whose those were."""
    if not marks:
        return frozenset()
    by_id = {mark["photo_id"]: mark for mark in marks}
    known = session.scalars(
        select(Settlement)
        .where(Settlement.photo_id.in_(by_id), Settlement.outcome == "analyzed")
        .order_by(Settlement.photo_id)
        .with_for_update()
    )
    replaced = set()
    for settlement in known:
        mark = by_id[settlement.photo_id]
        seen = [*settlement.superseded, settlement.analysis_key]
        if mark["analysis_key"] not in seen:
            for name in _CHANGING:
                setattr(settlement, name, mark[name])
            settlement.superseded = seen
            replaced.add(settlement.photo_id)
    session.flush()
    session.expunge_all()
    return frozenset(replaced)


def _once(marks: Iterable[Mark]) -> Mapping[str, Mark]:
    return {mark["photo_id"]: mark for mark in marks}


def _versions(models: Iterable[ModelRef]) -> dict[str, str]:
    return {model.name: model.version for model in models}
