"""RSS and Atom: one page, whatever the feed lists now."""

from __future__ import annotations

from calendar import timegm
from datetime import UTC, datetime
from typing import Any, Final

import feedparser
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
from services.ingestion.sources.trouble import ChangedError

_NOT_MODIFIED: Final = 304


class _Entry(BaseModel):
    """What an entry must have; a feed's own id may be missing, its link may not."""

    link: str
    id: str | None = None
    author: str | None = None
    rights: str | None = None


class _Dated(BaseModel):
    """What a post must have: without a date it would count in the week it was found."""

    published: Any


class FeedConnector:
    """One feed; its hashtag is the empty one, its entries' categories are their hashtags."""

    order: Order = "none"
    resumable = True

    def __init__(self, source: str, url: str, *, licence: str) -> None:
        self._source, self._licence = source, licence
        self.api = Api(source, url)

    def page(self, question: Question) -> Page:
        memory = question.memory
        answer = self.api.get(headers={"If-None-Match": memory} if memory else None)
        if answer.status == _NOT_MODIFIED:
            return Page(posts=(), memory=memory)
        feed = feedparser.parse(answer.body, response_headers=dict(answer.headers))
        if not feed.version:
            raise ChangedError(self._source, "no RSS or Atom")
        rights = feed.feed.get("rights")
        posts, refused = read_posts(
            feed.entries, lambda entry: self._read(entry, rights), source=self._source
        )
        return Page(
            posts=posts,
            refused=refused,
            newest=newest(posts),
            rest=answer.rest,
            allowance=answer.allowance(datetime.now(UTC)),
            memory=answer.headers.get("etag"),
        )

    def _read(self, raw: Any, rights: str | None) -> FoundPost:
        entry = _Entry.model_validate(dict(raw))
        moment = raw.get("published_parsed") or raw.get("updated_parsed")
        if moment is None:
            _Dated.model_validate({})
        photos, videos = _media(raw)
        facts = facts_of(
            entry.link,
            url=entry.link,
            posted_at=datetime.fromtimestamp(timegm(moment), UTC),
            author=entry.author,
            hashtags=[tag.get("term") or "" for tag in raw.get("tags", ())],
            licence=_licence(raw) or entry.rights or rights or self._licence,
        )
        return FoundPost(
            post_id=entry.id or entry.link,
            facts=facts,
            photos=tuple(FoundPhoto(url, url) for url in photos),
            videos=tuple(videos),
        )


def _media(raw: Any) -> tuple[list[str], list[str]]:
    """Return the addresses of an entry's photos and videos: attached ones, else those shown."""
    attached = [*raw.get("media_content", ()), *raw.get("enclosures", ())]
    named = [(part.get("url") or part.get("href") or "", _kind(part)) for part in attached]
    photos = [url for url, kind in named if kind == "image" and url]
    videos = [url for url, kind in named if kind == "video" and url]
    if not photos:
        texts = [part.get("value", "") for part in raw.get("content", ())]
        photos = images_in(" ".join([*texts, raw.get("summary", "")]))
    if not photos:
        photos = [part["url"] for part in raw.get("media_thumbnail", ()) if part.get("url")]
    return list(dict.fromkeys(photos)), list(dict.fromkeys(videos))


def _kind(part: Any) -> str:
    return str(part.get("medium") or part.get("type", "").partition("/")[0])


def _licence(raw: Any) -> str | None:
    """Return the licence an entry links to (Creative Commons' module, or rel=license)."""
    links = [link.get("href") for link in raw.get("links", ()) if link.get("rel") == "license"]
    named = (raw.get("license"), raw.get("creativecommons_license"), raw.get("cc_license"), *links)
    return next((str(found) for found in named if found), None)
