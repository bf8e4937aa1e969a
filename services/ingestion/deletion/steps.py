"""Carrying an order to delete out, step by step.

A step is one transaction that writes tombstones and deletes rows, then removes objects; one that
is cut off is taken up by the next.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from services.ingestion.deletion.inheritance import pass_on
from services.ingestion.deletion.targets import is_hash, posts_of
from shared.records import Database
from shared.records.deletion import Deletion, Tombstone
from shared.records.deletion_queries import author_hash, link_hash
from shared.records.ingestion import Photo, Post, Refusal
from shared.records.sources import FoundItem
from shared.storage import ObjectStore
from shared.storage.removal import remove_photos

STEP: Final = 200
"""Posts of one transaction."""


def delete_some(
    database: Database, storage: ObjectStore, deletion_id: str, *, limit: int = STEP
) -> bool:
    """Delete up to ``limit`` posts of a running order; tell whether there may be more.

    Raises RetryableError where the database or the store is away: the next step goes on.
    """
    with database.transaction() as session:
        # Who takes photos in holds the same name: none comes in between.
        database.alone(session, "looks")
        order = session.get(Deletion, deletion_id)
        if order is None or order.state != "running":
            return False
        posts = session.scalars(
            select(Post)
            .where(posts_of(order.kind, order.target))
            .order_by(Post.post_id)
            .limit(limit)
        ).all()
        _bar_return(database, session, order)
        _delete_posts(database, session, order, posts)
    _sweep(database, storage, deletion_id)
    return len(posts) == limit


def _bar_return(database: Database, session: Session, order: Deletion) -> None:
    """Bury what an order names itself, though nothing of it may have come in yet."""
    if order.kind == "author":
        _bury(database, session, order, "author", [author_hash(order.target)])
    elif order.kind == "post" and is_hash(order.target):
        _bury(database, session, order, "post", [order.target])
        if session.get(Photo, order.target) is None:
            _bury(database, session, order, "photo", [order.target])
    elif order.kind == "post":
        _bury(database, session, order, "link", [link_hash(order.target)])
    else:
        _forget_waiting(session, order.target)


def _forget_waiting(session: Session, source: str) -> None:
    """Drop what a source listed and what was said of its photos; they are not fetched any more."""
    waiting = (FoundItem.source == source, FoundItem.state == "waiting")
    session.execute(update(FoundItem).where(*waiting).values(state="refused", found=None))
    session.execute(delete(Refusal).where(Refusal.source == source))


def _delete_posts(
    database: Database, session: Session, order: Deletion, posts: Sequence[Post]
) -> None:
    ids = [post.post_id for post in posts]
    photo_ids = sorted({post.photo_id for post in posts})
    _bury(database, session, order, "post", ids)
    session.execute(delete(Post).where(Post.post_id.in_(ids)))
    links = {post.url for post in posts if post.url}
    if order.kind == "post":  # one photo of several under an address may go alone
        links -= set(session.scalars(select(Post.url).where(Post.url.in_(links))))
    _bury(database, session, order, "link", [link_hash(link) for link in links])
    kept = set(session.scalars(select(Post.photo_id).where(Post.photo_id.in_(photo_ids))))
    gone = [photo_id for photo_id in photo_ids if photo_id not in kept]
    _bury(database, session, order, "photo", gone)
    changed = pass_on(session, gone=gone, kept=sorted(kept))
    _bury(database, session, order, "changed", changed)
    session.execute(delete(Photo).where(Photo.photo_id.in_(gone)))
    order.posts += len(ids)
    order.photos += len(gone)
    order.touched_at = datetime.now(UTC)


def _bury(
    database: Database, session: Session, order: Deletion, kind: str, hashes: Sequence[str]
) -> None:
    """Write tombstones; what has one gets it anew, so that this order looks after it."""
    now = datetime.now(UTC)
    swept = None if kind in ("photo", "changed") else now
    rows = [
        {
            "kind": kind,
            "hash": each,
            "deletion_id": order.deletion_id,
            "created_at": now,
            "swept_at": swept,
        }
        for each in sorted(set(hashes))
    ]
    if not rows:
        return
    insert = database.insert(Tombstone)
    again = {name: insert.excluded[name] for name in ("deletion_id", "created_at", "swept_at")}
    upsert = insert.on_conflict_do_update(index_elements=["kind", "hash"], set_=again)
    session.execute(upsert, rows)


def _sweep(database: Database, storage: ObjectStore, deletion_id: str) -> None:
    """Remove the objects of deleted photos, of an earlier step that was cut off, too."""
    unswept = (
        Tombstone.deletion_id == deletion_id,
        Tombstone.kind == "photo",
        Tombstone.swept_at.is_(None),
    )
    with database.reading() as session:
        photo_ids = session.scalars(select(Tombstone.hash).where(*unswept)).all()
    remove_photos(storage, photo_ids)
    now = datetime.now(UTC)
    with database.transaction() as session:
        for start in range(0, len(photo_ids), 500):
            some = photo_ids[start : start + 500]
            session.execute(
                update(Tombstone).where(*unswept, Tombstone.hash.in_(some)).values(swept_at=now)
            )
