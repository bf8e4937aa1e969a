"""What recommendations know of the trend: the tables of ``GET /v1/trends``, held for a moment."""

from __future__ import annotations

import threading
import time
from datetime import date
from typing import TYPE_CHECKING, Final

from services.gateway.recommend.trending import TABLES, WEEKS, TrendEvidence
from shared.errors import RetryableError
from shared.logging import logger
from shared.records import Database
from shared.records.trend_queries import TrendQuery
from shared.records.trend_reader import TrendReader
from shared.trend_figures import TrendTable

if TYPE_CHECKING:
    from services.gateway.access import Gateway

log = logger(__name__)

FRESH: Final = 3.0
"""Seconds within which the tables are not asked for again."""


class EvidenceReader:
    """The trend as one process knows it; safe in any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._looked_at = float("-inf")
        self._known: TrendEvidence | None = None

    def recall(self, today: date) -> TrendEvidence | None:
        """Return the trend without a look at the database, if there was one lately."""
        is_fresh = time.monotonic() - self._looked_at < FRESH
        return self._known if is_fresh and self._known and self._known.today == today else None

    def current(self, reader: TrendReader, database: Database, today: date) -> TrendEvidence:
        """Return the trend as of ``today``, as it is now or was up to ``FRESH`` seconds ago.

        While it is read anew by one thread, the others get the one before. Raises RetryableError
        where the database is away and nothing was read today.
        """
        known = self._known if self._known and self._known.today == today else None
        if known is not None and time.monotonic() - self._looked_at < FRESH:
            return known
        if not self._lock.acquire(blocking=known is None):
            assert known is not None  # noqa: S101 - else it was waited for
            return known
        try:
            self._known = known = _read(reader, database, today, known)
        except RetryableError as error:
            if known is None:
                raise
            log.warning("trends not read, those before are used", reason=str(error))
        finally:
            self._looked_at = time.monotonic()
            self._lock.release()
        return known


def open_evidence(gateway: Gateway, today: date) -> TrendEvidence:
    """Return what the trend says as of ``today``; cheap to call for each request."""
    return gateway.evidence.current(gateway.trends, gateway.database, today)


def _read(
    reader: TrendReader, database: Database, today: date, known: TrendEvidence | None
) -> TrendEvidence:
    with database.reading() as session:
        tables: dict[tuple[str, ...], TrendTable] = {
            by: reader.read(session, TrendQuery(by=by, weeks=WEEKS), today=today) for by in TABLES
        }
    if known is not None and all(tables[by] is known.tables.get(by) for by in TABLES):
        return known  # and what was computed from it
    return TrendEvidence(tables, today)
