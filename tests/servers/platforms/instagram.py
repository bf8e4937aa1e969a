"""Instagram Graph API: hashtag search, as Meta documents it.

24 hours of recent media, in no order; one cursor for all pages, the place kept by the server;
30 unique hashtags; errors with code and subcode; no username.
"""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from typing import Any
from zlib import crc32

from tests.servers.platforms.platform import GOOD_TOKEN, Params, Platform, Posted, Said

ACCOUNT = "17841400000000000"
_FIELDS = {"id", "caption", "media_type", "media_url", "permalink", "timestamp", "like_count"}


def error(code: int, message: str, **more: Any) -> Said:
    """Return an error of the Graph API."""
    told = {"message": message, "type": "OAuthException", "code": code, "fbtrace_id": "A", **more}
    return Said({"error": told}, 400)


class Instagram(Platform):
    """One account's view."""

    kind = "instagram"
    hashtags_left = 30
    expired = False

    def __init__(self) -> None:
        super().__init__()
        self.searched: dict[str, str] = {}
        self._places: dict[str, tuple[list[Posted], int]] = {}

    def permalink(self, posted: Posted) -> str:
        return f"https://www.instagram.com/p/{posted.number}/"

    def answer(self, path: str, params: Params, headers: Params) -> Said:
        token = headers.get("authorization", "").removeprefix("Bearer ")
        if self.expired or (token or params.get("access_token")) != GOOD_TOKEN:
            return error(
                190, "Error validating access token: Session has expired", error_subcode=463
            )
        if params.get("user_id") != ACCOUNT:
            return error(100, "Invalid parameter")
        if path == "/ig_hashtag_search":
            return self._search(params["q"])
        _, node, edge = path.split("/")
        tag = next((tag for tag, known in self.searched.items() if known == node), None)
        if tag is None or edge not in ("recent_media", "top_media"):
            return error(100, "Unsupported get request")
        if "username" in params["fields"]:
            return error(100, "username is not available")
        return self._page(tag, edge, params)

    def _search(self, tag: str) -> Said:
        if tag not in self.searched:
            if len(self.searched) >= self.hashtags_left:
                return error(18, "(#18) Max hashtags limit", error_subcode=2207034)
            if not tag.isalnum():
                return error(24, "The requested resource does not exist", error_subcode=2207024)
            self.searched[tag] = str(17843000000000000 + crc32(tag.encode()))
        return Said({"data": [{"id": self.searched[tag]}]})

    def _page(self, tag: str, edge: str, params: Params) -> Said:
        place = f"{tag} {edge}"
        if "after" in params and place in self._places:
            listing, start = self._places[place]
        else:
            listing, start = self._listing(tag, edge), 0
        size = min(int(params.get("limit", 25)), self.page_size)
        page = listing[start : start + size]
        self._places[place] = (listing, start + size)
        body: dict[str, Any] = {"data": [self._medium(posted) for posted in page]}
        if start + size < len(listing):
            # The same on every page; the real one carries the token in "next".
            body["paging"] = {
                "cursors": {"after": "QVFIUmx1"},
                "next": f"{self.url}/?access_token={GOOD_TOKEN}&after=QVFIUmx1",
            }
        return Said(body, headers={"x-app-usage": '{"call_count": 3}'})

    def _listing(self, tag: str, edge: str) -> list[Posted]:
        since = datetime.now(UTC) - timedelta(hours=24)
        posts = self.with_tag(tag)
        if edge == "top_media":
            return [p for p in posts if p.extra.get("top")]
        posts = [p for p in posts if p.at >= since]
        random.Random(len(posts)).shuffle(posts)
        return posts

    def _medium(self, posted: Posted) -> dict[str, Any]:
        parts = [
            {"id": f"{posted.number}_{name}", "media_type": "IMAGE", "media_url": self.media(name)}
            for name in posted.photos
        ] + [
            {"id": f"{posted.number}_v{n}", "media_type": "VIDEO", "media_url": "https://x/v.mp4"}
            for n in range(posted.videos)
        ]
        album = len(parts) > 1
        medium = {
            "id": str(posted.number),
            "caption": " ".join(f"#{tag}" for tag in posted.tags),
            "permalink": self.permalink(posted),
            "timestamp": posted.at.strftime("%Y-%m-%dT%H:%M:%S+0000"),
            "media_type": "CAROUSEL_ALBUM" if album else parts[0]["media_type"],
        }
        medium |= {"children": {"data": parts}} if album else {"media_url": parts[0]["media_url"]}
        return {**medium, **{k: v for k, v in posted.extra.items() if k != "top"}}
