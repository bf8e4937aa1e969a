"""Looks dressed like a look: the nearest by colour are compared garment by garment.

The facts say of every counted look what is worn in which colour; of the ``_COMPARED`` looks that
fit best, the stored analyses are read, and their embeddings decide.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.gateway.gallery.asking import Wanted
from services.gateway.gallery.likeness import color_likeness, likeness
from services.gateway.gallery.wardrobe import Dressed
from shared.contracts.vocabulary import FAMILIES, FAMILY_OF
from shared.records.trend_evidence import EvidenceQuery, those_that_fit, weeks_with_looks
from shared.records.trends import Fact, Settlement

if TYPE_CHECKING:
    from services.gateway.access import Gateway

_FACTS: Final = 20_000
"""Garments of the latest looks that are compared by colour."""
_COMPARED: Final = 200
_ASKED: Final = 500
"""Looks of which one query tells whether they fit."""


@dataclass(frozen=True)
class Found:
    """Photos with their likeness, the most alike first."""

    looks: tuple[tuple[str, float], ...]
    compared: int


def similar_looks(
    gateway: Gateway,
    dressed: Dressed,
    wanted: Wanted,
    *,
    today: date,
    limit: int,
    without: str | None = None,
) -> Found:
    """Return up to ``limit`` looks that are wanted; none that repeats the look ``without``."""
    first, last = wanted.since(today), wanted.until(today)
    with gateway.database.reading() as session:
        rows = _rows(session, dressed, first=first, last=last)
        same = {photo for photo, look, _, _ in rows if without in (photo, look)}
        others = [(photo, item, code) for photo, _, item, code in rows if photo not in same]
        query = wanted.evidence(first, last)
        nearest = color_likeness(dressed, others)
        if not wanted.is_anything:
            nearest = _fitting(session, query, nearest)
        nearest = nearest[:_COMPARED]
        keys = _analysis_keys(session, nearest)
    storage = gateway.context.storage
    read = {
        photo: gateway.wardrobe.read(storage, keys[photo]) for photo in nearest if photo in keys
    }
    scored = [(photo, likeness(dressed, theirs)) for photo, theirs in read.items() if theirs]
    scored.sort(key=lambda one: (-one[1], one[0]))
    looks = tuple((photo, score) for photo, score in scored[:limit] if score > 0)
    return Found(looks, len(scored))


def _fitting(session: Session, query: EvidenceQuery, nearest: Sequence[str]) -> list[str]:
    """Return the first ``_COMPARED`` looks that fit, in their order."""
    found: list[str] = []
    for at in range(0, len(nearest), _ASKED):
        part = nearest[at : at + _ASKED]
        fits = those_that_fit(session, query, part)
        found += [photo for photo in part if photo in fits]
        if len(found) >= _COMPARED:
            break
    return found


def _rows(
    session: Session, dressed: Dressed, *, first: date, last: date
) -> list[tuple[str, str, str, str]]:
    """Return photo, look, category and hex of the latest garments of the families that are worn."""
    families = {FAMILY_OF[garment.category] for garment in dressed}
    items = [item for family in families for item in FAMILIES[family]]
    found: list[tuple[str, str, str, str]] = []
    for week in weeks_with_looks(session, first, last):
        rows = session.execute(
            select(Fact.photo_id, Fact.look_id, Fact.item, Fact.hex)
            .where(Fact.week == week, Fact.counted.is_(True), Fact.item.in_(items))
            .order_by(Fact.fact_id.desc())
            .limit(_FACTS - len(found))
        )
        found += [(row.photo_id, row.look_id, row.item, row.hex) for row in rows]
        if len(found) >= _FACTS:
            break
    return found


def _analysis_keys(session: Session, ids: Sequence[str]) -> dict[str, str]:
    rows = session.execute(
        select(Settlement.photo_id, Settlement.analysis_key).where(Settlement.photo_id.in_(ids))
    )
    return {photo_id: key for photo_id, key in rows if key}
