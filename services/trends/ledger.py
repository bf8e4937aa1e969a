"""The ledger: which photos reached their end, and how."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from shared.contracts.message import ModelRef
from shared.contracts.photos import AnalyzedPhoto, SettledPhoto
from shared.records import Database
from shared.records.trends import Settlement

Mark = dict[str, Any]
"""The columns of one ``Settlement`` but ``superseded``, which begins empty."""

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
        "generation": item.photo.generation,
        "catalogued": item.photo.catalogued,
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
        "generation": item.photo.generation,
        "catalogued": item.photo.catalogued,
    }


@dataclass(frozen=True)
class Marked:
    """What of the marks was news to the ledger, as photo ids."""

    new: frozenset[str]
    replaced: frozenset[str]
    """Ended otherwise before; the facts of an earlier analysis are still there."""


def write_marks(database: Database, session: Session, marks: Sequence[Mark]) -> Marked:
    """Write the marks that the ledger does not have; say which they were.

    Within a generation a ``failed`` mark gives way to any later one, so that a retry can succeed,
    and an analysis to one under another key (of another model), which it then never takes the
    place of again. No other mark gives way. A later generation's mark takes the place of any; but
    where an analysis anew fails, what was known stays, and the mark says the reason. Where two
    transactions bring the same photo, the second waits for the first and gets nothing.
    """
    # Sorted: two workers that lock the same rows do so in the same order, and cannot deadlock.
    rows = sorted(_once(marks).values(), key=lambda mark: mark["photo_id"])
    add = database.insert_many(Settlement, rows)
    upsert = add.on_conflict_do_update(
        index_elements=["photo_id"],
        set_={name: add.excluded[name] for name in _CHANGING},
        where=and_(
            Settlement.outcome == "failed", Settlement.generation <= add.excluded.generation
        ),
    ).returning(Settlement.photo_id)
    new = frozenset(session.scalars(upsert))
    again = [
        row
        for row in rows
        if row["photo_id"] not in new and (row["analysis_key"] or row["generation"])
    ]
    return Marked(new=new, replaced=_renew(session, again))


def _renew(session: Session, marks: Sequence[Mark]) -> frozenset[str]:
    """Put newer marks in the place of older ones; return the photos whose facts change."""
    if not marks:
        return frozenset()
    by_id = {mark["photo_id"]: mark for mark in marks}
    known = session.scalars(
        select(Settlement)
        .where(Settlement.photo_id.in_(by_id))
        .order_by(Settlement.photo_id)
        .with_for_update()
    )
    changed = {row.photo_id for row in known if _give_way(row, by_id[row.photo_id])}
    session.flush()
    session.expunge_all()
    return frozenset(changed)


def _give_way(settlement: Settlement, mark: Mark) -> bool:
    """Bring an ended photo's mark up to date with ``mark``; tell whether its facts change."""
    if mark["generation"] > settlement.generation:
        if mark["outcome"] == "failed":
            _take(settlement, mark, ("generation", "reason", "settled_at"))
            return False
        same = all(
            getattr(settlement, name) == mark[name]
            for name in ("outcome", "analysis_key", "catalogued")
        )
        _take(settlement, mark, _CHANGING)
        settlement.superseded = []
        return not same
    if mark["generation"] < settlement.generation or settlement.outcome != "analyzed":
        return False
    seen = [*settlement.superseded, settlement.analysis_key]
    if not mark["analysis_key"] or mark["analysis_key"] in seen:
        return False
    _take(settlement, mark, _CHANGING)
    settlement.superseded = seen
    return True


def _take(settlement: Settlement, mark: Mark, names: Iterable[str]) -> None:
    for name in names:
        setattr(settlement, name, mark[name])


def _once(marks: Iterable[Mark]) -> Mapping[str, Mark]:
    return {mark["photo_id"]: mark for mark in marks}


def _versions(models: Iterable[ModelRef]) -> dict[str, str]:
    return {model.name: model.mark for model in models}
