"""Tumblr API v2, `/v2/tagged`: posts with a tag, latest first, 20 a page.

Pages go back by `before`, in seconds; for a featured tag by the post's `featured_timestamp`.
Posts come as legacy photo posts or in the Neue Post Format.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final

from pydantic import BaseModel

from services.ingestion.sources.api import Api
from services.ingestion.sources.found import (
    FoundPhoto,
    FoundPost,
    Order,
    Page,
    Question,
    facts_of,
    newest,
    read_posts,
)
from services.ingestion.sources.images import images_in
from services.ingestion.sources.trouble import ChangedError, TokenError

PAGE: Final = 20


class _Size(BaseModel):
    url: str
    width: int = 0


class _LegacyPhoto(BaseModel):
    original_size: _Size


class _Block(BaseModel):
    type: str
    media: list[_Size] | _Size | None = None


class _Post(BaseModel):
    id_string: str
    blog_name: str
    post_url: str
    timestamp: int
    type: str
    featured_timestamp: int | None = None
    tags: list[str] = []
    note_count: int | None = None
    photos: list[_LegacyPhoto] = []
    content: list[_Block] = []
    body: str | None = None

    @property
    def sorted_at(self) -> int:
        """Seconds since 1970 by which the tag's posts are in order."""
        return self.featured_timestamp or self.timestamp


class _PhotoPost(BaseModel):
    """What a photo post must have."""

    photos: list[_LegacyPhoto]


class TumblrConnector:
    """Tumblr with an API key, which is the OAuth consumer key."""

    order: Order = "newest_first"
    resumable = True

    def __init__(self, source: str, base: str, *, token: str | None, licence: str) -> None:
        if token is None:
            raise TokenError(source, "no API key")
        self._source, self._licence, self._key = source, licence, token
        self.api = Api(source, base)

    def page(self, question: Question) -> Page:
        # The key is a parameter here: Tumblr knows no other way. Addresses are never logged.
        asked: dict[str, str | int] = {
            "tag": question.hashtag,
            "limit": PAGE,
            "npf": "true",
            "api_key": self._key,
        }
        if question.at is not None:
            asked["before"] = int(question.at)
        answer = self.api.get("/v2/tagged", asked)
        body = answer.json()
        if not isinstance(body, dict) or not isinstance(body.get("response"), list):
            raise ChangedError(self._source, "no list under response")
        sorted_at: list[int] = []
        posts, refused = read_posts(
            body["response"], lambda raw: self._read(raw, sorted_at), source=self._source
        )
        return Page(
            posts=posts,
            refused=refused,
            next=_before(min(sorted_at, default=None), question.at),
            newest=newest(posts),
            rest=answer.rest,
            allowance=answer.allowance(datetime.now(UTC)),
        )

    def _read(self, raw: Any, sorted_at: list[int]) -> FoundPost:
        post = _Post.model_validate(raw)
        sorted_at.append(post.sorted_at)
        facts = facts_of(
            post.post_url,
            url=post.post_url,
            posted_at=datetime.fromtimestamp(post.timestamp, UTC),
            author=post.blog_name,
            hashtags=[tag.replace(" ", "_") for tag in post.tags],
            likes=post.note_count,
            licence=self._licence,
        )
        if post.type == "photo":
            _PhotoPost.model_validate(raw)
        urls = dict.fromkeys(_photo_urls(post))
        videos = sum(block.type == "video" for block in post.content) or int(post.type == "video")
        return FoundPost(
            post_id=post.id_string,
            facts=facts,
            photos=tuple(FoundPhoto(url, url) for url in urls),
            videos=tuple(f"video{number}" for number in range(videos)),
        )


def _photo_urls(post: _Post) -> list[str]:
    legacy = [photo.original_size.url for photo in post.photos]
    blocks = [block.media for block in post.content if block.type == "image" and block.media]
    sizes = [media if isinstance(media, list) else [media] for media in blocks]
    npf = [max(choice, key=lambda size: size.width).url for choice in sizes if choice]
    return legacy + npf + images_in(post.body or "")


def _before(oldest: int | None, asked: str | None) -> str | None:
    """Return the next `before`, a second too late: others may share the last second.

    Where that is what was just asked, all of that second is read, and it goes on behind it.
    """
    if oldest is None:
        return None
    return str(oldest + 1) if str(oldest + 1) != asked else str(oldest)
