"""Facts: one row a garment, written once and read back as looks."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Final

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.orm import Session

from services.trends.bulk import insert_rows
from services.trends.domain import Look, Piece, known_pattern
from shared.contracts.photos import AnalyzedPhoto
from shared.records import Database
from shared.records.trends import Fact

_COLUMNS: Final = (
    Fact.photo_id,
    Fact.look_id,
    Fact.week,
    Fact.style,
    Fact.source,
    Fact.author,
    Fact.counted,
    Fact.item,
    Fact.color,
    Fact.pattern,
    Fact.hex,
)
_OF_PHOTO: Final = 7
"""So many of them are the same for all garments of a photo."""


@dataclass(frozen=True)
class StoredLook:
    """A photo that has facts."""

    look: Look
    is_look: bool
    """It repeats no other photo."""
    counted: bool


def write_facts(
    database: Database,
    session: Session,
    items: Iterable[AnalyzedPhoto],
    *,
    looks: Mapping[str, Look],
    counted: Collection[str],
) -> None:
    """Write a row for each garment; ``counted`` are the photo ids that count."""
    rows = [row for item in items for row in _rows(item, looks[item.photo.photo_id], counted)]
    insert_rows(database, session, Fact, rows)


def looks_of_photos(session: Session, photo_ids: Collection[str]) -> list[StoredLook]:
    """Return what the facts say of these photos, by photo id; those without facts are left out."""
    return list(read_looks(session, Fact.photo_id.in_(list(photo_ids)))) if photo_ids else []


def read_looks(session: Session, *where: ColumnElement[bool]) -> Iterator[StoredLook]:
    """Yield the photos whose facts fit, by photo id."""
    rows = session.execute(select(*_COLUMNS).where(*where).order_by(Fact.photo_id, Fact.fact_id))
    for shared, garments in groupby(rows, key=lambda row: row[:_OF_PHOTO]):
        photo_id, look_id, week, style, source, author, counted = shared
        pieces = tuple(
            Piece(item, color, known_pattern(pattern), hex_color)
            for *_, item, color, pattern, hex_color in garments
        )
        yield StoredLook(
            look=Look(photo_id, week, style, source, author, pieces),
            is_look=photo_id == look_id,
            counted=counted,
        )


def set_counted(session: Session, looks: Sequence[Look], *, counted: bool) -> None:
    """Say of the looks' facts whether they count."""
    if looks:
        ids = [look.photo_id for look in looks]
        session.execute(update(Fact).where(Fact.photo_id.in_(ids)).values(counted=counted))


def _rows(item: AnalyzedPhoto, look: Look, counted: Collection[str]) -> list[tuple[Any, ...]]:
    """Return the facts' columns in their order, without their number."""
    photo = item.photo
    return [
        (
            photo.photo_id,
            photo.look_id,
            look.week,
            garment.category,
            garment.basic,
            garment.color,
            garment.hex,
            garment.pattern,
            look.style,
            look.source,
            look.author,
            garment.score,
            photo.photo_id in counted,
        )
        for garment in item.garments
    ]
