"""Who takes over from what is deleted: another post its photo, a near-duplicate its look."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.records.ingestion import Photo, Post


def pass_on(session: Session, *, gone: Sequence[str], kept: Sequence[str]) -> list[str]:
    """Give photos that stay their earliest post, and looks whose photo is gone a new first one.

    Returns the photos that changed by it.
    """
    return sorted({*_new_posts(session, kept), *_new_looks(session, gone)})


def _new_posts(session: Session, photo_ids: Sequence[str]) -> list[str]:
    """Let a photo be told of the earliest post that is left, where its own is deleted."""
    photos = session.scalars(select(Photo).where(Photo.photo_id.in_(photo_ids))).all()
    posts = defaultdict[str, list[Post]](list)
    for post in session.scalars(
        select(Post).where(Post.photo_id.in_(photo_ids)).order_by(Post.posted_at, Post.post_id)
    ):
        posts[post.photo_id].append(post)
    changed = []
    for photo in photos:
        own = (photo.source, photo.author, photo.posted_at)
        left = [(post.source, post.author, post.posted_at) for post in posts[photo.photo_id]]
        if left and own not in left:
            photo.source, photo.author, photo.posted_at = left[0]
            changed.append(photo.photo_id)
    session.flush()
    return changed


def _new_looks(session: Session, gone: Sequence[str]) -> list[str]:
    """Let the first photo that is left of a look stand for it."""
    orphans = session.scalars(
        select(Photo)
        .where(Photo.look_id.in_(gone), Photo.photo_id.not_in(gone))
        .order_by(Photo.received_at)
    ).all()
    heirs: dict[str, str] = {}
    for photo in orphans:
        photo.look_id = heirs.setdefault(photo.look_id, photo.photo_id)
    session.flush()
    return [photo.photo_id for photo in orphans]
