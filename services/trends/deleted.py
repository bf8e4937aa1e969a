"""Deleted photos and the counting: they are not counted, whenever their messages come."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol, TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.contracts.photos import PhotoRef
from shared.records import Database
from shared.records.deletion_queries import deleted_among, withdrawn_among
from shared.records.ingestion import Photo
from shared.records.trends import Settlement
from shared.storage import ObjectStore
from shared.storage.removal import remove_photos


class _Item(Protocol):
    @property
    def photo(self) -> PhotoRef: ...


Item = TypeVar("Item", bound=_Item)


def still_wanted(database: Database, session: Session, items: Iterable[Item]) -> list[Item]:
    """Return the items whose photo is neither deleted nor told of as it is no more.

    To be called first in a transaction that counts: then no deletion comes in between.
    """
    every = list(items)
    database.join_writers(session, Settlement)
    ids = [item.photo.photo_id for item in every]
    found = withdrawn_among(session, ids)
    if not found:
        return every
    gone = {photo_id for kind, photo_id in found if kind == "photo"}
    changed = {photo_id for kind, photo_id in found if kind == "changed"}
    now = {}
    if changed:
        photos = session.scalars(select(Photo).where(Photo.photo_id.in_(changed)))
        now = {photo.photo_id: _facts(photo) for photo in photos}
    return [
        item
        for item in every
        if item.photo.photo_id not in gone
        and (
            item.photo.photo_id not in changed or now.get(item.photo.photo_id) == _facts(item.photo)
        )
    ]


def remove_late(database: Database, storage: ObjectStore, photo_ids: Sequence[str]) -> None:
    """Remove what stages stored of photos that were deleted while they were under way."""
    with database.reading() as session:
        gone = deleted_among(session, "photo", photo_ids)
    if gone:
        remove_photos(storage, sorted(gone))


def _facts(photo: Photo | PhotoRef) -> tuple[object, ...]:
    return photo.look_id, photo.source, photo.author, photo.posted_at
