"""Mastodon's `GET /api/v1/timelines/tag/:hashtag`, and Pixelfed's."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from tests.servers.platforms.platform import GOOD_TOKEN, Params, Platform, Posted, Said


class Mastodon(Platform):
    """An instance that anybody may read."""

    kind = "mastodon"
    needs_token = False
    revoked = False

    def permalink(self, posted: Posted) -> str:
        return f"https://fashion.example/@{posted.author}/{self.status_id(posted)}"

    @staticmethod
    def status_id(posted: Posted) -> str:
        """Return a snowflake: milliseconds, then a sequence."""
        return str((int(posted.at.timestamp() * 1000) << 16) + posted.number % 65_536)

    def answer(self, path: str, params: Params, headers: Params) -> Said:
        bearer = headers.get("authorization")
        if bearer and (self.revoked or bearer != f"Bearer {GOOD_TOKEN}"):
            return Said({"error": "The access token was revoked"}, 401)
        if self.needs_token and not bearer:
            return Said({"error": "Forbidden"}, 403)
        tag = path.removeprefix("/api/v1/timelines/tag/")
        posts = sorted(self.with_tag(tag), key=lambda p: int(self.status_id(p)), reverse=True)
        if "max_id" in params:
            posts = [p for p in posts if int(self.status_id(p)) < int(params["max_id"])]
        if params.get("only_media") == "true":
            posts = [p for p in posts if p.photos or p.videos]
        page = posts[: min(int(params.get("limit", 20)), self.page_size)]
        reset = datetime.now(UTC) + timedelta(minutes=5)
        limits = {
            "x-ratelimit-limit": "300",
            "x-ratelimit-remaining": "299",
            "x-ratelimit-reset": reset.isoformat().replace("+00:00", "Z"),
        }
        return Said([self._status(posted) for posted in page], headers=limits)

    def _status(self, posted: Posted) -> dict[str, Any]:
        photos = [
            {"id": name, "type": "image", "url": self.media(name), "remote_url": None}
            for name in posted.photos
        ]
        videos = [
            {"id": f"{posted.number}v{n}", "type": "video", "url": "https://x/v.mp4"}
            for n in range(posted.videos)
        ]
        return {
            "id": self.status_id(posted),
            "created_at": posted.at.isoformat().replace("+00:00", "Z"),
            "uri": f"https://fashion.example/users/{posted.author}/statuses/{posted.number}",
            "url": self.permalink(posted),
            "content": "<p>…</p>",
            "visibility": "public",
            "sensitive": False,
            "favourites_count": 3,
            "edited_at": None,
            "account": {"id": "1", "acct": posted.author, "noindex": False},
            "tags": [{"name": tag, "url": "https://x"} for tag in posted.tags],
            "media_attachments": photos + videos,
            **posted.extra,
        }


class Pixelfed(Mastodon):
    """The same form; nobody reads without a token, and posts may name a licence."""

    kind = "pixelfed"
    needs_token = True

    def _status(self, posted: Posted) -> dict[str, Any]:
        url = "https://creativecommons.org/licenses/by-sa/4.0/"
        licence = {"id": 13, "title": "Attribution-ShareAlike", "url": url}
        return {**super()._status(posted), "license": licence if posted.number % 2 else None}
