"""What an order to delete names: the posts of one address or id, of an author, of a source."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, Literal, get_args

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from services.ingestion.domain import pseudonym
from shared.errors import UsageError
from shared.records.deletion import Deletion
from shared.records.ingestion import Post, Refusal
from shared.records.sources import FoundItem, ScheduledSource

Kind = Literal["post", "author", "source"]
_HASH: Final = re.compile("[0-9a-f]{64}")
_PSEUDONYM: Final = re.compile("pseudonym:([0-9a-f]{32})")
_UNKNOWN: Final[dict[Kind, tuple[str, str]]] = {
    "source": (
        "there is no source {target!r}; `mapsi trends --by source` shows which there are",
        "{target!r} 출처가 없습니다. 어떤 출처가 있는지는 `mapsi trends --by source`로 봅니다",
    ),
    "author": (
        "no post is by the author {target!r}; write the name as the source does, or pseudonym:HEX",
        "{target!r} 작성자의 게시물이 없습니다. 출처에 적힌 이름이나 pseudonym:HEX로 적으세요",
    ),
    "post": (
        "there is no post {target!r}; give its address or id, or the id of its photo",
        "{target!r} 게시물이 없습니다. 게시물의 주소나 ID, 또는 사진 ID를 적으세요",
    ),
}


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
    which = posts_of(kind, target)
    posts = session.scalar(select(func.count()).select_from(Post).where(which)) or 0
    mine = select(Post.photo_id).where(which)
    kept = select(Post.photo_id).where(Post.photo_id.in_(mine), ~which)
    photos = select(func.count(func.distinct(Post.photo_id))).where(which)
    return Found(posts, session.scalar(photos.where(Post.photo_id.not_in(kept))) or 0)


def find_known(session: Session, kind: Kind, target: str, *, asked: str) -> Found:
    """Count as ``find`` does what a person names as ``asked``.

    UsageError where there is nothing of it, and no order that was cut off.
    """
    found = find(session, kind, target)
    if not (found.posts or _is_at_work(session, kind, target) or _is_source(session, kind, target)):
        english, korean = (text.format(target=asked) for text in _UNKNOWN[kind])
        raise UsageError(english, text_ko=korean, reason=f"no_such_{kind}")
    return found


def as_kind(text: str) -> Kind:
    """Return the kind of an order's row."""
    kinds: dict[str, Kind] = {kind: kind for kind in get_args(Kind)}
    return kinds[text]


def is_hash(target: str) -> bool:
    """Answer whether a post is named by its own id or its photo's."""
    return _HASH.fullmatch(target) is not None


def posts_of(kind: str, target: str) -> ColumnElement[bool]:
    """Return which posts a plain target names."""
    if kind == "author":
        return Post.author == target
    if kind == "source":
        return Post.source == target
    if is_hash(target):
        return or_(Post.post_id == target, Post.photo_id == target)
    return Post.url == target


def _is_at_work(session: Session, kind: str, target: str) -> bool:
    order = select(Deletion.deletion_id).where(
        Deletion.kind == kind, Deletion.target == target, Deletion.state == "running"
    )
    return session.scalar(order.limit(1)) is not None


def _is_source(session: Session, kind: str, target: str) -> bool:
    """Answer whether a source is scheduled, or has listed or sent something, if no post yet."""
    if kind != "source":
        return False
    traces = (
        select(ScheduledSource.name).where(ScheduledSource.name == target),
        select(FoundItem.source).where(FoundItem.source == target, FoundItem.state == "waiting"),
        select(Refusal.source).where(Refusal.source == target),
    )
    return any(session.scalar(trace.limit(1)) for trace in traces)
