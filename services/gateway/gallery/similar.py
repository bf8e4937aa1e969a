"""Looks dressed like a look: the nearest by colour are compared garment by garment.

The facts say of every counted look what is worn in which colour; of the ``_COMPARED`` looks that
fit best, the stored analyses are read, and their embeddings decide.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.gateway.gallery.likeness import color_likeness, likeness
from services.gateway.gallery.wardrobe import Dressed
from shared.contracts.vocabulary import FAMILIES, FAMILY_OF
from shared.records.trend_queries import monday
from shared.records.trends import Fact, Settlement

if TYPE_CHECKING:
    from services.gateway.access import Gateway

_FACTS: Final = 20_000
"""Garments of the latest looks that are compared by colour."""
_COMPARED: Final = 200


@dataclass(frozen=True)
class Found:
    """Photos with their likeness, the most alike first."""

    looks: tuple[tuple[str, float], ...]
    compared: int


def similar_looks(
    gateway: Gateway,
    dressed: Dressed,
    *,
    weeks: int,
    today: date,
    limit: int,
    without: str | None = None,
) -> Found:
    """Return up to ``limit`` looks of the last weeks; none of the look ``without``."""
    with gateway.database.reading() as session:
        rows = _rows(session, dressed, since=monday(today) - timedelta(weeks=weeks - 1))
        same = {photo for photo, look, _, _ in rows if without in (photo, look)}
        others = [(photo, item, code) for photo, _, item, code in rows if photo not in same]
        nearest = color_likeness(dressed, others)[:_COMPARED]
        keys = _analysis_keys(session, nearest)
    storage = gateway.context.storage
    read = {
        photo: gateway.wardrobe.read(storage, keys[photo]) for photo in nearest if photo in keys
    }
    scored = [(photo, likeness(dressed, theirs)) for photo, theirs in read.items() if theirs]
    scored.sort(key=lambda one: (-one[1], one[0]))
    looks = tuple((photo, score) for photo, score in scored[:limit] if score > 0)
    return Found(looks, len(scored))


def _rows(session: Session, dressed: Dressed, *, since: date) -> list[tuple[str, str, str, str]]:
    """Return photo, look, category and hex of garments of the families that are worn."""
    families = {FAMILY_OF[garment.category] for garment in dressed}
    items = [item for family in families for item in FAMILIES[family]]
    found = session.execute(
        select(Fact.photo_id, Fact.look_id, Fact.item, Fact.hex)
        .where(Fact.week >= since, Fact.counted.is_(True), Fact.item.in_(items))
        .order_by(Fact.week.desc(), Fact.fact_id.desc())
        .limit(_FACTS)
    )
    return [(row.photo_id, row.look_id, row.item, row.hex) for row in found]


def _analysis_keys(session: Session, ids: Sequence[str]) -> dict[str, str]:
    rows = session.execute(
        select(Settlement.photo_id, Settlement.analysis_key).where(Settlement.photo_id.in_(ids))
    )
    return {photo_id: key for photo_id, key in rows if key}
