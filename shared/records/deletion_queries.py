"""Reading what was deleted, and what of it is still counted."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.records.deletion import Tombstone
from shared.records.ingestion import Photo
from shared.records.many_rows import is_one_of
from shared.records.trends import Fact, Settlement
from shared.trend_figures import week_of

_MANY = 500


def link_hash(url: str) -> str:
    """Return what a tombstone keeps of a post's address."""
    return hashlib.sha256(f"link\0{url}".encode()).hexdigest()


def author_hash(pseudonym: str) -> str:
    """Return what a tombstone keeps of an author's pseudonym."""
    return hashlib.sha256(f"author\0{pseudonym}".encode()).hexdigest()


def deleted_among(session: Session, kind: str, hashes: Iterable[str]) -> set[str]:
    """Return those of ``hashes`` that have a tombstone of ``kind``."""
    wanted, found = list(dict.fromkeys(hashes)), set[str]()
    for start in range(0, len(wanted), _MANY):
        some = wanted[start : start + _MANY]
        rows = select(Tombstone.hash).where(Tombstone.kind == kind, Tombstone.hash.in_(some))
        found.update(session.scalars(rows))
    return found


def withdrawn_among(session: Session, photo_ids: Sequence[str]) -> set[tuple[str, str]]:
    """Return (``photo`` or ``changed``, id) of those of the photos that have such a tombstone."""
    rows = session.execute(
        select(Tombstone.kind, Tombstone.hash).where(
            Tombstone.kind.in_(("photo", "changed")), is_one_of(session, Tombstone.hash, photo_ids)
        )
    )
    return {(kind, photo_id) for kind, photo_id in rows}


def settled_among(session: Session, photo_ids: Sequence[str]) -> set[str]:
    """Return those of the photos that are in trends' ledger."""
    rows = select(Settlement.photo_id).where(Settlement.photo_id.in_(photo_ids))
    return set(session.scalars(rows))


def stale_among(session: Session, photo_ids: Sequence[str]) -> set[str]:
    """Return those of the photos whose facts are told of another look, post or author."""
    rows = session.execute(
        select(
            Fact.photo_id, Fact.look_id, Fact.source, Fact.author, Fact.week,
            Photo.look_id, Photo.source, Photo.author, Photo.posted_at,
        )
        .join(Photo, Photo.photo_id == Fact.photo_id)
        .where(Fact.photo_id.in_(photo_ids))
        .distinct()
    )  # fmt: skip
    return {
        photo_id
        for photo_id, look, source, author, week, now_look, now_source, now_author, posted in rows
        if (look, source, author, week) != (now_look, now_source, now_author, week_of(posted))
    }
