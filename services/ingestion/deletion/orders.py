"""Orders to delete posts, and the photos that are left without one: opened, watched and closed.

An order is a row. What trends counted is forgotten by trends (``PhotosWithdrawn``); an order is
done when nothing of it is left there.
"""

from __future__ import annotations

import secrets
from datetime import UTC, datetime
from typing import Final

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from services.ingestion.deletion.targets import as_kind, find, plain_target, posts_of
from shared.logging import logger
from shared.records import Database
from shared.records.deletion import Deletion, Tombstone
from shared.records.deletion_queries import settled_among, stale_among
from shared.records.ingestion import Photo, Post

log = logger(__name__)

_ENOUGH: Final = 200
_MANY: Final = 500


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
    order.target = plain_target(as_kind(order.kind), order.target, key=key)
    found = find(session, order.kind, order.target)
    order.posts_found, order.photos_found = found.posts, found.photos
    order.state = "running" if order.state == "ordered" else "counted"
    order.touched_at = datetime.now(UTC)


def pending(database: Database, deletion_id: str) -> list[str]:
    """Return photos of an order that trends still counts as they were, 500 at most."""
    with database.reading() as session:
        rows = select(Tombstone.kind, Tombstone.hash).where(
            Tombstone.deletion_id == deletion_id, Tombstone.kind.in_(("photo", "changed"))
        )
        left: list[str] = []
        for part in session.execute(rows.execution_options(yield_per=_MANY)).partitions():
            gone = [photo_id for kind, photo_id in part if kind == "photo"]
            changed = [photo_id for kind, photo_id in part if kind == "changed"]
            left += [*settled_among(session, gone), *stale_among(session, changed)]
            if len(left) >= _ENOUGH:
                break
    return sorted(left)[:_MANY]


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
        if session.scalar(select(Post.post_id).where(posts_of(order.kind, order.target)).limit(1)):
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


def _announce_changed(session: Session, deletion_id: str) -> None:
    """Let the reconciler announce changed photos that trends has forgotten."""
    unswept = (
        Tombstone.deletion_id == deletion_id,
        Tombstone.kind == "changed",
        Tombstone.swept_at.is_(None),
    )
    changed = session.scalars(select(Tombstone.hash).where(*unswept)).all()
    for start in range(0, len(changed), _MANY):
        some = changed[start : start + _MANY]
        unsettled = set(some) - settled_among(session, some)
        session.execute(
            update(Photo)
            .where(Photo.photo_id.in_(unsettled))
            .values(closed_at=None, published_at=None, attempts=0)
        )
    session.execute(update(Tombstone).where(*unswept).values(swept_at=datetime.now(UTC)))
