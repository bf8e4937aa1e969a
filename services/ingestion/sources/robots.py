"""robots.txt (RFC 9309), asked once a day and site, before a photo of a feed is fetched."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlsplit
from urllib.robotparser import RobotFileParser

from services.ingestion.refusals import RefusedError
from shared.errors import PermanentError

AGENT: Final = "Mapsi"
_DAY: Final = 86_400.0


@dataclass
class Robots:
    """The rules of the sites met so far."""

    fetch: Callable[[str], bytes]
    _known: dict[str, tuple[float, RobotFileParser]] = field(default_factory=dict)

    def polite(self, url: str) -> bytes:
        """Fetch ``url`` where its site allows it; RefusedError where it does not.

        Raises what ``fetch`` raises. A site that does not answer is not asked: later.
        """
        if not self._rules(url).can_fetch(AGENT, url):
            raise RefusedError(url, "robots")
        return self.fetch(url)

    def _rules(self, url: str) -> RobotFileParser:
        parts = urlsplit(url)
        site = f"{parts.scheme}://{parts.netloc}"
        read_at, rules = self._known.get(site, (0.0, None))
        if rules is None or time.monotonic() - read_at > _DAY:
            rules = self._read(site)
            self._known[site] = (time.monotonic(), rules)
        return rules

    def _read(self, site: str) -> RobotFileParser:
        rules = RobotFileParser()
        try:
            text = self.fetch(f"{site}/robots.txt").decode("utf-8", "replace")
        except PermanentError:  # 404: there are no rules
            text = ""
        rules.parse(text.splitlines())
        return rules
