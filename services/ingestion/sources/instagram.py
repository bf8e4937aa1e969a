"""Instagram Graph API, hashtag search: `ig_hashtag_search`, `recent_media`, `top_media`.

As documented: 30 unique hashtags in 7 days an account; recent media of the last 24 hours only;
50 a page, not always in the order of time; the cursor `after` is the same on every page, so that
the server alone knows where we are: a page whose answer was lost cannot be asked for again.
The author's name is not given.
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any, Final, Literal

from pydantic import BaseModel

from services.ingestion.sources.api import LONGEST_WAIT, Answer, Api
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
from services.ingestion.sources.trouble import (
    AwayError,
    ChangedError,
    HashtagError,
    QuotaSpentError,
    SlowDownError,
    TokenError,
)
from shared.errors import MapsiError

PAGE: Final = 50
FIELDS: Final = (
    "id,caption,media_type,media_url,permalink,timestamp,like_count,"
    "children{id,media_type,media_url}"
)
_EDGES: Final = ("recent_media", "top_media")
_USAGE: Final = ("call_count", "total_cputime", "total_time")
_ENOUGH: Final = 95
"""Per cent of the hourly allowance at which we rest."""
_HOUR: Final = 3600.0
_NO_TOKEN: Final = {10, 102, 190, *range(200, 300)}
_TOO_MANY_CALLS: Final = {4, 17, 32, 613, 80002}
_STUMBLES: Final = {1, 2}
_TOO_MANY_HASHTAGS: Final = 18
_NO_HASHTAG: Final = 24


class _Child(BaseModel):
    id: str
    media_type: str
    media_url: str | None = None


class _Children(BaseModel):
    data: list[_Child]


class _Media(BaseModel):
    id: str
    media_type: Literal["IMAGE", "VIDEO", "CAROUSEL_ALBUM"]
    permalink: str
    timestamp: datetime
    caption: str | None = None
    like_count: int | None = None
    media_url: str | None = None
    children: _Children | None = None


class _Photo(BaseModel):
    """What a photo must have."""

    media_url: str


class InstagramConnector:
    """One business account's view of hashtags."""

    order: Order = "none"
    resumable = False

    def __init__(
        self, source: str, base: str, *, token: str | None, account: str, licence: str
    ) -> None:
        if token is None:
            raise TokenError(source, "no token")
        self._source, self._account, self._licence = source, account, licence
        # In a header: an address ends up in logs and in the platform's own paging links.
        secrets = {"Authorization": f"Bearer {token}"}
        self.api = Api(source, base, secrets=secrets, judge=self._judge)
        self._hashtag = ""

    def page(self, question: Question) -> Page:
        self._hashtag = question.hashtag
        node = question.memory or self._node(question.hashtag)
        edge, _, after = (question.at or _EDGES[0]).partition(":")
        asked: dict[str, str | int] = {
            "user_id": self._account,
            "fields": FIELDS,
            "limit": PAGE,
        }
        if after:
            asked["after"] = after
        answer = self.api.get(f"/{node}/{edge}", asked)
        body = answer.json()
        if not isinstance(body, dict) or not isinstance(body.get("data"), list):
            raise ChangedError(self._source, "no list under data")
        posts, refused = read_posts(body["data"], self._read, source=self._source)
        return Page(
            posts=posts,
            refused=refused,
            next=_next(edge, body),
            newest=newest(posts),
            rest=max(answer.rest, _usage_rest(answer)),
            memory=node,
        )

    def _node(self, hashtag: str) -> str:
        """Return the hashtag's id, which is the same for ever."""
        answer = self.api.get("/ig_hashtag_search", {"user_id": self._account, "q": hashtag})
        try:
            return str(answer.json()["data"][0]["id"])
        except IndexError:
            raise HashtagError(self._source, hashtag, "unknown") from None
        except (KeyError, TypeError):
            raise ChangedError(self._source, "ig_hashtag_search without an id") from None

    def _read(self, raw: Any) -> FoundPost:
        media = _Media.model_validate(raw)
        album = media.children.data if media.children else []
        if media.media_type == "CAROUSEL_ALBUM":
            _Children.model_validate(raw.get("children"))
        parts = album or [
            _Child(id=media.id, media_type=media.media_type, media_url=media.media_url)
        ]
        photos = [part for part in parts if part.media_type == "IMAGE"]
        facts = facts_of(
            media.permalink,
            url=media.permalink,
            posted_at=media.timestamp,
            author=None,
            hashtags=hashtags_in(media.caption),
            likes=media.like_count,
            licence=self._licence,
        )
        return FoundPost(
            post_id=media.id,
            facts=facts,
            photos=tuple(
                FoundPhoto(p.id, _Photo.model_validate(p, from_attributes=True).media_url)
                for p in photos
            ),
            videos=tuple(part.id for part in parts if part.media_type == "VIDEO"),
        )

    def _judge(self, answer: Answer) -> MapsiError | None:
        body = answer.json()
        error = body.get("error") if isinstance(body, dict) else None
        if not isinstance(error, dict):
            return None
        code, said = error.get("code"), str(error.get("message", ""))
        if code in _NO_TOKEN:
            return TokenError(self._source, f"code {code}: {said}")
        if code in _TOO_MANY_CALLS:
            wait = answer.retry_after or _usage_rest(answer) or _HOUR
            return SlowDownError(self._source, wait)
        if code == _TOO_MANY_HASHTAGS:
            return QuotaSpentError(self._source, self._hashtag)
        if code == _NO_HASHTAG:
            return HashtagError(self._source, self._hashtag, said)
        if code in _STUMBLES or error.get("is_transient") is True:
            return AwayError(self._source, f"code {code}: {said}")
        return None


def _next(edge: str, body: dict[str, Any]) -> str | None:
    """Return the next page of this edge; behind the last one comes the other edge."""
    paging = body.get("paging")
    after = paging.get("cursors", {}).get("after") if isinstance(paging, dict) else None
    if after and body["data"]:
        return f"{edge}:{after}"
    return _EDGES[1] if edge == _EDGES[0] else None


def _usage_rest(answer: Answer) -> float:
    """Return the seconds to rest by the headers that tell how much of the allowance is used."""
    usages: list[dict[str, Any]] = []
    by_case = _parsed(answer.headers.get("x-business-use-case-usage"))
    for cases in by_case.values():
        usages += [case for case in cases if isinstance(case, dict)]
    usages.append(_parsed(answer.headers.get("x-app-usage")))
    spent = [u for u in usages if max(_number(u, name) for name in _USAGE) >= _ENOUGH]
    waits = [60.0 * _number(u, "estimated_time_to_regain_access") or _HOUR / 4 for u in spent]
    return min(LONGEST_WAIT, max(waits, default=0.0))


def _parsed(header: str | None) -> dict[str, Any]:
    try:
        parsed = json.loads(header or "{}")
    except ValueError:
        return {}
    return parsed if isinstance(parsed, dict) else {}


def _number(usage: dict[str, Any], name: str) -> float:
    value = usage.get(name, 0)
    return float(value) if isinstance(value, int | float) else 0.0
