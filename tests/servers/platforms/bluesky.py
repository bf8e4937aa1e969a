"""Bluesky's `app.bsky.feed.searchPosts`: latest first; the cursor is only for the signed in."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from tests.servers.platforms.platform import Params, Platform, Posted, Said

HANDLE, PASSWORD = "mapsi.example", "abcd-efgh-ijkl"


class Bluesky(Platform):
    """The network, or (``closed``) a server that knows only its own people."""

    kind = "bluesky"
    closed = False

    def post(self, number: int, *, at: datetime, photos: int | None = None, **more: Any) -> Posted:
        """Add a post; it has photos or a video, never both."""
        posted = super().post(number, at=at, photos=photos, **more)
        posted.videos = 0 if posted.photos else posted.videos
        return posted

    def permalink(self, posted: Posted) -> str:
        return f"https://bsky.app/profile/did:plc:{posted.author}/post/{posted.number:06}"

    def answer(self, path: str, params: Params, headers: Params) -> Said:
        if path == "/xrpc/com.atproto.server.createSession":
            if params != {"identifier": HANDLE, "password": PASSWORD}:
                return Said({"error": "AuthenticationRequired", "message": "Invalid"}, 401)
            return Said({"accessJwt": "jwt", "refreshJwt": "r", "handle": HANDLE, "did": "did"})
        if path != "/xrpc/app.bsky.feed.searchPosts":
            return Said({"error": "MethodNotImplemented"}, 501)
        if self.closed and headers.get("authorization") != "Bearer jwt":
            return Said({"error": "AuthMissing", "message": "Authentication Required"}, 401)
        if params.get("sort") != "latest" or not params.get("q"):
            return Said({"error": "InvalidRequest"}, 400)
        return self._found(params)

    def _found(self, params: Params) -> Said:
        posts = sorted(self.with_tag(params["tag"]), key=lambda p: p.at, reverse=True)
        if "until" in params:
            until = datetime.fromisoformat(params["until"])
            posts = [p for p in posts if p.at < until]
        page = posts[: min(int(params.get("limit", 25)), self.page_size)]
        body: dict[str, Any] = {"posts": [self._view(posted) for posted in page]}
        return Said({**body, "cursor": "25"}, headers={"ratelimit-remaining": "2999"})

    def _view(self, posted: Posted) -> dict[str, Any]:
        at = posted.at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
        did = f"did:plc:{posted.author}"
        images = [
            {"thumb": self.media(name) + "@jpeg", "fullsize": self.media(name), "alt": ""}
            for name in posted.photos
        ]
        embed: dict[str, Any] | None = None
        if images:
            embed = {"$type": "app.bsky.embed.images#view", "images": images}
            if posted.number % 4 == 1:  # a quoted post beside the pictures
                record = {"record": {"$type": "app.bsky.embed.record#viewNotFound"}}
                kind = "app.bsky.embed.recordWithMedia#view"
                embed = {"$type": kind, "media": embed, "record": record}
        elif posted.videos:
            embed = {"$type": "app.bsky.embed.video#view", "playlist": "https://x/v.m3u8"}
        view = {
            "uri": f"at://{did}/app.bsky.feed.post/{posted.number:06}",
            "cid": f"bafy{posted.number}",
            "author": {"did": did, "handle": f"{posted.author}.example", "labels": []},
            "record": {
                "$type": "app.bsky.feed.post",
                "text": " ".join(f"#{tag}" for tag in posted.tags),
                "createdAt": at,
            },
            "indexedAt": at,
            "likeCount": 3,
            "labels": [],
            **posted.extra,
        }
        return view | ({"embed": embed} if embed else {})
