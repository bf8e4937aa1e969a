"""Waiting until photos have ended, for ``mapsi ingest --wait``."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import Final

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from shared.records import Database
from shared.records.ingestion import Photo
from shared.records.photo_ledger import HAS_ENDED
from shared.records.trends import Settlement

BURIED: Final = "buried"
_MANY: Final = 1000


def wait_until_ended(
    database: Database,
    photo_ids: Iterable[str],
    *,
    progress: Callable[[int], None],
    pause: float = 1.0,
) -> Counter[str]:
    """Return how photos ended: analyzed, not_fashion, failed or buried.

    Looks every ``pause`` seconds; ``progress`` is told how many more have ended.
    """
    waiting, outcomes = list(photo_ids), Counter[str]()
    while True:
        with database.reading() as session:
            ended = _ended(session, waiting)
        outcomes.update(ended.values())
        progress(len(ended))
        waiting = [photo_id for photo_id in waiting if photo_id not in ended]
        if not waiting:
            return outcomes
        time.sleep(pause)


def _ended(session: Session, photo_ids: Sequence[str]) -> dict[str, str]:
    """Return the outcome of those that have ended."""
    ended: dict[str, str] = {}
    for start in range(0, len(photo_ids), _MANY):
        rows = session.execute(
            select(Photo.photo_id, Settlement.outcome, HAS_ENDED)
            .outerjoin(Settlement, Settlement.photo_id == Photo.photo_id)
            .where(
                Photo.photo_id.in_(photo_ids[start : start + _MANY]),
                or_(HAS_ENDED, Photo.buried_at.is_not(None)),
            )
        )
        ended |= {
            photo_id: outcome if is_settled else BURIED for photo_id, outcome, is_settled in rows
        }
    return ended
