"""Bluesky: `app.bsky.feed.searchPosts` by hashtag, latest first.

Pages go back by `until`: the documented cursor need not reach the end, and people who are not
signed in get only its first page. With a token, ``handle:app-password``, a session is opened at
the source's url, which is then the account's own server.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, Final

from pydantic import BaseModel, Field

from services.ingestion.sources.api import Answer, Api
from services.ingestion.sources.found import (
    FoundPhoto,
    FoundPost,
    Order,
    Page,
    Question,
    facts_of,
    hashtags_in,
    newest,
    read_posts,
)
from services.ingestion.sources.trouble import ChangedError, TokenError
from shared.errors import MapsiError

PAGE: Final = 100
_INSTANT: Final = timedelta(milliseconds=1)
_ADULT: Final = {"porn", "sexual", "nudity", "graphic-media"}
_NOT_FOR_GUESTS: Final = "!no-unauthenticated"
_BAD_SESSION: Final = {"ExpiredToken", "InvalidToken", "AuthenticationRequired", "AuthMissing"}


class _Label(BaseModel):
    val: str


class _Author(BaseModel):
    did: str
    labels: list[_Label] = []


class _Record(BaseModel):
    createdAt: datetime  # noqa: N815 - the platform's own
    text: str = ""
    tags: list[str] = []


class _Image(BaseModel):
    fullsize: str


class _Embed(BaseModel):
    type: str = Field(alias="$type")
    images: list[_Image] = []
    media: _Embed | None = None


class _Post(BaseModel):
    uri: str
    author: _Author
    record: _Record
    indexedAt: datetime  # noqa: N815 - the platform's own
    embed: _Embed | None = None
    likeCount: int | None = None  # noqa: N815 - the platform's own
    labels: list[_Label] = []

    @property
    def sorted_at(self) -> datetime:
        """When the search holds it to be posted: an author's clock may claim the future."""
        return min(_utc(self.record.createdAt), _utc(self.indexedAt))


class _Images(BaseModel):
    """What an embed of images must have."""

    images: list[_Image]


class BlueskyConnector:
    """The network as one server sees it."""

    order: Order = "newest_first"
    resumable = True

    def __init__(self, source: str, base: str, *, token: str | None, licence: str) -> None:
        self._source, self._licence = source, licence
        self._login = token.partition(":") if token else None
        self._session: str | None = None
        self.api = Api(source, base, judge=self._judge)

    def page(self, question: Question) -> Page:
        tag = question.hashtag
        asked: dict[str, str | int] = {
            "q": f"#{tag}",
            "tag": tag,
            "sort": "latest",
            "limit": PAGE,
        }
        if question.at is not None:
            asked["until"] = question.at
        answer = self.api.get("/xrpc/app.bsky.feed.searchPosts", asked, headers=self._signed())
        body = answer.json()
        if not isinstance(body, dict) or not isinstance(body.get("posts"), list):
            raise ChangedError(self._source, "no list under posts")
        oldest: list[datetime] = []
        posts, refused = read_posts(
            body["posts"], lambda raw: self._read(raw, oldest), source=self._source
        )
        return Page(
            posts=posts,
            refused=refused,
            next=_before(min(oldest, default=None), question.at),
            newest=newest(posts),
            rest=answer.rest,
            allowance=answer.allowance(datetime.now(UTC)),
        )

    def _read(self, raw: Any, oldest: list[datetime]) -> FoundPost:
        post = _Post.model_validate(raw)
        oldest.append(post.sorted_at)
        permalink = _permalink(post)
        facts = facts_of(
            permalink,
            url=permalink,
            posted_at=post.sorted_at,
            author=post.author.did,
            hashtags=(*hashtags_in(post.record.text), *post.record.tags),
            likes=post.likeCount,
            licence=self._licence,
        )
        labels = {label.val for label in (*post.labels, *post.author.labels)}
        images, videos = _media(post.embed)
        return FoundPost(
            post_id=post.uri,
            facts=facts,
            photos=tuple(FoundPhoto(image.fullsize, image.fullsize) for image in images),
            videos=("video",) if videos else (),
            withheld=bool(labels & {*_ADULT, _NOT_FOR_GUESTS}),
        )

    def _signed(self) -> dict[str, str]:
        if self._login is None:
            return {}
        if self._session is None:
            handle, _, password = self._login
            path = "/xrpc/com.atproto.server.createSession"
            body = self.api.post(path, {"identifier": handle, "password": password}).json()
            if not isinstance(body, dict) or not body.get("accessJwt"):
                raise ChangedError(self._source, "createSession without accessJwt")
            self._session = str(body["accessJwt"])
        return {"Authorization": f"Bearer {self._session}"}

    def _judge(self, answer: Answer) -> MapsiError | None:
        body = answer.json()
        name = body.get("error") if isinstance(body, dict) else None
        if name in _BAD_SESSION:
            return TokenError(self._source, str(name))
        return None


def _media(embed: _Embed | None) -> tuple[list[_Image], int]:
    """Return the images of an embed, and how many videos it has."""
    while embed is not None and embed.media is not None:  # a quoted post with media of its own
        embed = embed.media
    if embed is None:
        return [], 0
    if embed.type.startswith("app.bsky.embed.images"):
        return _Images.model_validate({"images": embed.images or None}).images, 0
    return [], int(embed.type.startswith("app.bsky.embed.video"))


def _before(oldest: datetime | None, asked: str | None) -> str | None:
    """Return the `until` of the next page, a moment too late: others may share the last instant.

    Where that is what was just asked, all of that instant is read, and it goes on behind it.
    """
    if oldest is None:
        return None
    inclusive = _written(oldest + _INSTANT)
    return inclusive if inclusive != asked else _written(oldest)


def _written(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _utc(moment: datetime) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _permalink(post: _Post) -> str:
    return f"https://bsky.app/profile/{post.author.did}/post/{post.uri.rpartition('/')[2]}"
