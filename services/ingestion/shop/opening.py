"""A feed wherever it is: an address, a file, or a folder with one feed and its photos."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from services.ingestion.shop.lines import Form
from services.ingestion.shop.photos import PhotoPlace
from services.ingestion.shop.refusals import FeedError
from services.ingestion.shop.syncing import FeedFile
from services.ingestion.sources.url_list import Fetch, is_url
from shared.fetch import FetchRules, fetch
from shared.quoting import quotable

_ENDINGS: Final = (".tsv", ".txt", ".xml", ".rss", ".atom", ".jsonl", ".ndjson")
_ACCEPT: Final = "text/tab-separated-values,application/xml,application/x-ndjson,*/*;q=0.5"
_DEADLINE: Final = 120.0


def feed_fetcher(megabytes: int) -> Fetch:
    """Return how a feed's bytes come from its address; raises as ``shared.fetch.fetch`` does."""
    rules = FetchRules(max_bytes=megabytes * 1_000_000, deadline=_DEADLINE)
    return lambda url: fetch(url, rules=rules, accept=_ACCEPT).data


@contextmanager
def open_feed(
    place: str, form: Form | None, *, fetch_feed: Fetch, fetch_photo: Fetch
) -> Iterator[tuple[FeedFile, PhotoPlace]]:
    """Open a feed, and say where its photos are.

    A feed from an address names its photos by address alone. Raises FeedError, and what
    ``fetch_feed`` raises.
    """
    if is_url(place):
        with TemporaryDirectory(prefix="mapsi-feed-") as folder:
            path = Path(folder) / "feed"
            path.write_bytes(fetch_feed(place))
            file = FeedFile(path, quotable(place, limit=120), form, local=False)
            yield file, PhotoPlace(fetch_photo)
        return
    path = Path(place)
    if path.is_dir():
        path = _only_feed(path)
    if not path.is_file():
        raise FeedError(place, "not_read", detail="no such file 파일 없음")
    yield FeedFile(path, path.name, form, local=True), PhotoPlace(fetch_photo, path.parent)


def _only_feed(folder: Path) -> Path:
    found = [path for path in sorted(folder.iterdir()) if path.suffix.lower() in _ENDINGS]
    if len(found) != 1:
        detail = ", ".join(path.name for path in found) or "–"
        raise FeedError(str(folder), "no_feed_file", detail=detail)
    return found[0]
