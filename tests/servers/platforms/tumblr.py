"""Tumblr's `GET /v2/tagged`: at most 20 posts before a second."""

from __future__ import annotations

from typing import Any

from tests.servers.platforms.platform import GOOD_TOKEN, Params, Platform, Posted, Said


class Tumblr(Platform):
    """Every second post is a legacy photo post, the others come in the Neue Post Format."""

    kind = "tumblr"

    def permalink(self, posted: Posted) -> str:
        return f"https://{posted.author}.tumblr.com/post/{posted.number}"

    def answer(self, path: str, params: Params, headers: Params) -> Said:
        if params.get("api_key") != GOOD_TOKEN:
            return Said({"meta": {"status": 401, "msg": "Unauthorized"}, "response": []}, 401)
        if path != "/v2/tagged":
            return Said({"meta": {"status": 404, "msg": "Not Found"}}, 404)
        posts = sorted(self.with_tag(params["tag"]), key=lambda p: p.at, reverse=True)
        if "before" in params:
            posts = [p for p in posts if int(p.at.timestamp()) < int(params["before"])]
        page = posts[: min(int(params.get("limit", 20)), self.page_size)]
        body = {"meta": {"status": 200, "msg": "OK"}, "response": [self._post(p) for p in page]}
        return Said(body, headers={"x-ratelimit-perhour-remaining": "990"})

    def _post(self, posted: Posted) -> dict[str, Any]:
        common = {
            "id": posted.number,
            "id_string": str(posted.number),
            "blog_name": posted.author,
            "post_url": self.permalink(posted),
            "timestamp": int(posted.at.timestamp()),
            "tags": list(posted.tags),
            "note_count": 3,
        }
        urls = [self.media(name) for name in posted.photos]
        if posted.number % 2 and not posted.videos:
            sizes = [{"original_size": {"url": url, "width": 640}, "alt_sizes": []} for url in urls]
            return {**common, "type": "photo", "photos": sizes, **posted.extra}
        small = {"url": f"{self.url}/media/small.jpg", "width": 75}
        blocks: list[dict[str, Any]] = [
            {"type": "image", "media": [small, {"url": url, "width": 1280}]} for url in urls
        ]
        blocks += [{"type": "video", "url": "https://x/v.mp4"}] * posted.videos
        return {**common, "type": "blocks", "content": blocks, **posted.extra}
