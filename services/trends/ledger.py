"""The ledger: which photos reached their end, and how."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy.orm import Session

from shared.contracts.message import ModelRef
from shared.contracts.photos import AnalyzedPhoto, SettledPhoto
from shared.records import Database
from shared.records.trends import Settlement

Mark = dict[str, Any]
"""The columns of one ``Settlement``."""


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
    }


def write_marks(database: Database, session: Session, marks: Sequence[Mark]) -> set[str]:
    """Write the marks of photos that are not in the ledger; return those photos' ids.

    A ``failed`` mark gives way to any later one, so that a retry can succeed; no other does.
    Where two transactions bring the same photo, the second waits for the first and gets nothing.
    """
    insert = database.insert(Settlement)
    columns = [column.name for column in Settlement.__table__.columns if not column.primary_key]
    upsert = insert.on_conflict_do_update(
        index_elements=["photo_id"],
        set_={name: insert.excluded[name] for name in columns},
        where=Settlement.outcome == "failed",
    ).returning(Settlement.photo_id)
    # Sorted: two workers that lock the same rows do so in the same order, and cannot deadlock.
    rows = sorted(_once(marks).values(), key=lambda mark: mark["photo_id"])
    return set(session.scalars(upsert, rows))


def _once(marks: Iterable[Mark]) -> Mapping[str, Mark]:
    return {mark["photo_id"]: mark for mark in marks}


def _versions(models: Iterable[ModelRef]) -> dict[str, str]:
    return {model.name: model.version for model in models}
