"""What was deleted and must not come in again, told by hashes."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy.orm import Session

from services.ingestion.domain import PostFacts, PostRecord, pseudonym
from shared.contracts.vocabulary import UPLOAD
from shared.records.deletion_queries import author_hash, deleted_among, link_hash

Buried = tuple[str, str]
"""Kind and hash of a tombstone."""


def facts_hashes(facts: PostFacts, *, source: str, key: bytes) -> set[Buried]:
    """Return what a post is known by before its photo is fetched."""
    hashes = {("link", link_hash(facts.url))} if facts.url else set[Buried]()
    # Who uploads a photo agrees to it: only photos that were deleted stay away, not the author.
    if facts.author and (facts.source or source) != UPLOAD:
        hashes.add(("author", author_hash(pseudonym(facts.author, key=key))))
    return hashes


def post_hashes(photo_id: str, post: PostRecord) -> set[Buried]:
    """Return all that a post is known by."""
    hashes = {("photo", photo_id), ("post", post.post_id)}
    if post.url:
        hashes.add(("link", link_hash(post.url)))
    if post.author and post.source != UPLOAD:
        hashes.add(("author", author_hash(post.author)))
    return hashes


def buried_among(session: Session, hashes: Iterable[Buried]) -> set[Buried]:
    """Return those that have a tombstone."""
    wanted: dict[str, list[str]] = {}
    for kind, each in hashes:
        wanted.setdefault(kind, []).append(each)
    return {
        (kind, each) for kind, some in wanted.items() for each in deleted_among(session, kind, some)
    }
