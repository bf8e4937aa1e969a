"""Deleting posts, and the photos that are left without one, step by step.

An order is a row. Each step is one transaction that writes tombstones and deletes rows, then
removes objects; a step that is cut off is taken up by the next one. What trends counted is
forgotten by trends (``PhotosWithdrawn``); an order is done when nothing of it is left there.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, Literal, get_args

from sqlalchemy import ColumnElement, delete, func, or_, select, update
from sqlalchemy.orm import Session

from services.ingestion.domain import pseudonym
from services.ingestion.inheritance import pass_on
from shared.errors import UsageError
from shared.logging import logger
from shared.records import Database
from shared.records.deletion import Deletion, Tombstone
from shared.records.deletion_queries import (
    author_hash,
    link_hash,
    settled_among,
    stale_among,
)
from shared.records.ingestion import Photo, Post, Refusal
from shared.records.sources import FoundItem
from shared.storage import ObjectStore
from shared.storage.removal import remove_photos

log = logger(__name__)

Kind = Literal["post", "author", "source"]
STEP: Final = 200
"""Posts of one transaction."""
_HASH: Final = re.compile("[0-9a-f]{64}")
_PSEUDONYM: Final = re.compile("pseudonym:([0-9a-f]{32})")


@dataclass(frozen=True)
class Found:
    """What an order would delete now."""

    posts: int
    photos: int
    """Photos that would be left without a post."""


def plain_target(kind: Kind, target: str, *, key: bytes) -> str:
    """Return a target as the tables have it: an author becomes a pseudonym.

    UsageError where it names nothing.
    """
    text = target.strip()
    if not text or kind not in get_args(Kind):
        raise UsageError(
            "name what is to be deleted: a post's address or id, an author, or a source",
            text_ko="지울 대상을 적으세요: 게시물의 주소나 ID, 작성자, 또는 출처",
            reason="no_target",
        )
    if kind != "author":
        return text
    known = _PSEUDONYM.fullmatch(text)
    return known[1] if known else pseudonym(text, key=key)


def find(session: Session, kind: str, target: str) -> Found:
    """Count the posts of a plain target, and the photos that have no other posts."""
    which = _posts_of(kind, target)
    posts = session.scalar(select(func.count()).select_from(Post).where(which)) or 0
    mine = select(Post.photo_id).where(which)
    kept = select(Post.photo_id).where(Post.photo_id.in_(mine), ~which)
    photos = select(func.count(func.distinct(Post.photo_id))).where(which)
    return Found(posts, session.scalar(photos.where(Post.photo_id.not_in(kept))) or 0)


def open_order(session: Session, kind: str, target: str, *, by: str, state: str) -> Deletion:
    """Write an order for a plain target down, or return the one that is at work on it."""
    same = select(Deletion).where(
        Deletion.kind == kind, Deletion.target == target, Deletion.state == "running"
    )
    at_work = session.scalar(same)
    if at_work is not None:
        return at_work
    found, now = find(session, kind, target), datetime.now(UTC)
    order = Deletion(
        deletion_id=secrets.token_hex(16),
        kind=kind,
        target=target,
        state=state,
        requested_by=by,
        created_at=now,
        touched_at=now,
        posts_found=found.posts,
        photos_found=found.photos,
        posts=0,
        photos=0,
    )
    session.add(order)
    return order


def take_up(session: Session, order: Deletion, *, key: bytes) -> None:
    """Count what an order from the gateway asks for; one that is to begin at once does."""
    if order.state not in ("asked", "ordered"):
        return
    order.target = plain_target(_kind(order.kind), order.target, key=key)
    found = find(session, order.kind, order.target)
    order.posts_found, order.photos_found = found.posts, found.photos
    order.state = "running" if order.state == "ordered" else "counted"
    order.touched_at = datetime.now(UTC)


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
            .where(_posts_of(order.kind, order.target))
            .order_by(Post.post_id)
            .limit(limit)
        ).all()
        _bar_return(database, session, order)
        _delete_posts(database, session, order, posts)
    _sweep(database, storage, deletion_id)
    return len(posts) == limit


def pending(database: Database, deletion_id: str) -> list[str]:
    """Return photos of an order that trends still counts as they were, 500 at most."""
    with database.reading() as session:
        rows = select(Tombstone.kind, Tombstone.hash).where(
            Tombstone.deletion_id == deletion_id, Tombstone.kind.in_(("photo", "changed"))
        )
        left: list[str] = []
        for part in session.execute(rows.execution_options(yield_per=500)).partitions():
            gone = [photo_id for kind, photo_id in part if kind == "photo"]
            changed = [photo_id for kind, photo_id in part if kind == "changed"]
            left += [*settled_among(session, gone), *stale_among(session, changed)]
            if len(left) >= STEP:
                break
    return sorted(left)[:500]


def close(database: Database, deletion_id: str) -> bool:
    """Close an order of which nothing is left; False where something is.

    Photos that stand under another post or look now are announced again, to be counted anew.
    What stays is an audit line without a name.
    """
    if pending(database, deletion_id):
        return False
    with database.transaction() as session:
        order = session.get(Deletion, deletion_id)
        if order is None or order.state != "running":
            return True
        if session.scalar(select(Post.post_id).where(_posts_of(order.kind, order.target)).limit(1)):
            return False
        unswept = (Tombstone.deletion_id == deletion_id, Tombstone.swept_at.is_(None))
        if session.scalar(select(Tombstone.hash).where(*unswept, Tombstone.kind == "photo")):
            return False
        _announce_changed(session, deletion_id)
        order.state, order.done_at = "done", datetime.now(UTC)
        if order.kind != "source":
            order.target = ""
    log.info(
        "deletion done", deletion_id=deletion_id, kind=order.kind, posts=order.posts,
        photos=order.photos, requested_by=order.requested_by,
    )  # fmt: skip
    return True


def _kind(text: str) -> Kind:
    kinds: dict[str, Kind] = {kind: kind for kind in get_args(Kind)}
    return kinds[text]


def _posts_of(kind: str, target: str) -> ColumnElement[bool]:
    if kind == "author":
        return Post.author == target
    if kind == "source":
        return Post.source == target
    if _HASH.fullmatch(target):
        return or_(Post.post_id == target, Post.photo_id == target)
    return Post.url == target


def _bar_return(database: Database, session: Session, order: Deletion) -> None:
    """Bury what an order names itself, though nothing of it may have come in yet."""
    if order.kind == "author":
        _bury(database, session, order, "author", [author_hash(order.target)])
    elif order.kind == "post" and _HASH.fullmatch(order.target):
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


def _announce_changed(session: Session, deletion_id: str) -> None:
    """Let the reconciler announce changed photos that trends has forgotten."""
    unswept = (
        Tombstone.deletion_id == deletion_id,
        Tombstone.kind == "changed",
        Tombstone.swept_at.is_(None),
    )
    changed = session.scalars(select(Tombstone.hash).where(*unswept)).all()
    for start in range(0, len(changed), 500):
        some = changed[start : start + 500]
        unsettled = set(some) - settled_among(session, some)
        session.execute(
            update(Photo)
            .where(Photo.photo_id.in_(unsettled))
            .values(closed_at=None, published_at=None, attempts=0)
        )
    session.execute(update(Tombstone).where(*unswept).values(swept_at=datetime.now(UTC)))
