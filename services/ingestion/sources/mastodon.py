"""Mastodon and Pixelfed: the public timeline of a hashtag, newest first.

Pages go back by `max_id`. Mastodon's `min_id` would go forward from where we were; but Pixelfed
takes it for "newer than", newest first, and would lose what lies between.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import quote

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
from services.ingestion.sources.trouble import ChangedError, TokenError

PAGE: Final = 40
_VIDEOS: Final = {"video", "gifv"}


class _Attachment(BaseModel):
    id: str
    type: str
    url: str | None = None
    remote_url: str | None = None


class _Photo(BaseModel):
    """What a photo must have."""

    url: str


class _Account(BaseModel):
    acct: str
    noindex: bool | None = None


class _Tag(BaseModel):
    name: str


class _Licence(BaseModel):
    title: str
    url: str | None = None


class _Status(BaseModel):
    id: str
    created_at: datetime
    uri: str
    account: _Account
    media_attachments: list[_Attachment]
    url: str | None = None
    sensitive: bool = False
    visibility: str = "public"
    favourites_count: int | None = None
    tags: list[_Tag] = []
    license: _Licence | None = None
    """Pixelfed only."""


class MastodonConnector:
    """One instance, which may be a Pixelfed."""

    order: Order = "newest_first"
    resumable = True

    def __init__(
        self, source: str, base: str, *, token: str | None, licence: str, needs_token: bool
    ) -> None:
        if needs_token and token is None:
            raise TokenError(source, "no token")
        self._source, self._licence = source, licence
        secrets = {"Authorization": f"Bearer {token}"} if token else None
        self._host = base.partition("//")[2].partition("/")[0]
        self.api = Api(source, base, secrets=secrets)

    def page(self, question: Question) -> Page:
        asked: dict[str, str | int] = {"limit": PAGE, "only_media": "true"}
        if question.at is not None:
            asked["max_id"] = question.at
        answer = self.api.get(f"/api/v1/timelines/tag/{quote(question.hashtag, safe='')}", asked)
        statuses = answer.json()
        if not isinstance(statuses, list):
            raise ChangedError(self._source, "no list of posts")
        posts, refused = read_posts(statuses, self._read, source=self._source)
        return Page(
            posts=posts,
            refused=refused,
            next=_lowest_id(statuses),
            newest=newest(posts),
            rest=answer.rest,
            allowance=answer.allowance(datetime.now(UTC)),
        )

    def _read(self, raw: Any) -> FoundPost:
        status = _Status.model_validate(raw)
        where = status.url or status.uri
        acct = status.account.acct
        facts = facts_of(
            where,
            url=where,
            posted_at=status.created_at,
            author=acct if "@" in acct else f"{acct}@{self._host}",
            hashtags=[tag.name for tag in status.tags],
            likes=status.favourites_count,
            licence=_named(status.license) or self._licence,
        )
        photos = [part for part in status.media_attachments if part.type == "image"]
        opted_out = status.sensitive or status.account.noindex is True
        return FoundPost(
            post_id=status.uri,
            facts=facts,
            photos=tuple(
                FoundPhoto(p.id, p.url or _Photo.model_validate({"url": p.remote_url}).url)
                for p in photos
            ),
            videos=tuple(p.id for p in status.media_attachments if p.type in _VIDEOS),
            withheld=opted_out or status.visibility not in ("public", "unlisted"),
        )


def _named(licence: _Licence | None) -> str:
    return f"{licence.title} {licence.url or ''}".strip() if licence else ""


def _lowest_id(statuses: list[Any]) -> str | None:
    """Return the id to go on from; ids grow with time, and a longer one is a larger number."""
    ids = [str(raw["id"]) for raw in statuses if isinstance(raw, dict) and "id" in raw]
    return min(ids, key=lambda text: (len(text), text), default=None)
