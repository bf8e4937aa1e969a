"""A site with an RSS feed: the latest entries, an ETag, a robots.txt."""

from __future__ import annotations

import hashlib
from email.utils import format_datetime

from tests.servers.platforms.platform import Params, Platform, Posted, Said

_HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?><rss version="2.0" '
    'xmlns:media="http://search.yahoo.com/mrss/" xmlns:dc="http://purl.org/dc/elements/1.1/" '
    'xmlns:cc="http://backend.userland.com/creativeCommonsRssModule"><channel>'
    "<title>Street</title><link>https://street.example</link>"
)


class Feed(Platform):
    """Photos are attached, or shown in the text."""

    kind = "feed"
    latest = 1000

    def permalink(self, posted: Posted) -> str:
        return f"https://street.example/{posted.number}"

    def answer(self, path: str, params: Params, headers: Params) -> Said:
        posts = [p for p in self.posts if not p.deleted]
        posts = sorted(posts, key=lambda p: p.at, reverse=True)[: self.latest]
        text = _HEAD + "".join(self._item(posted) for posted in posts) + "</channel></rss>"
        etag = f'"{hashlib.sha256(text.encode()).hexdigest()[:16]}"'
        if headers.get("if-none-match") == etag:
            return Said(b"", 304, {"etag": etag})
        return Said(text.encode(), headers={"etag": etag, "content-type": "application/rss+xml"})

    def _item(self, posted: Posted) -> str:
        urls = [self.media(name) for name in posted.photos]
        if posted.number % 2:
            shown = "".join(f'&lt;img src="{url}"&gt;' for url in urls)
            media = f"<description>{shown}</description>"
        else:
            media = "".join(f'<media:content url="{url}" medium="image"/>' for url in urls)
        media += '<enclosure url="https://x/v.mp4" type="video/mp4" length="1"/>' * posted.videos
        tags = "".join(f"<category>{tag}</category>" for tag in posted.tags)
        date = posted.extra.get("date", f"<pubDate>{format_datetime(posted.at)}</pubDate>")
        return (
            f"<item><title>{posted.number}</title><link>{self.permalink(posted)}</link>"
            f'<guid isPermaLink="false">street-{posted.number}</guid>'
            f"<dc:creator>{posted.author}</dc:creator>{date}{tags}{media}"
            f"{posted.extra.get('licence', '')}</item>"
        )
