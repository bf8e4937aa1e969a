"""One ``mapsi ingest``: sources in, photos stored and announced, a report out."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from itertools import islice

from sqlalchemy.orm import Session

from services.ingestion import ledger
from services.ingestion.intake import Arrival, Intake, Outcome
from services.ingestion.settings import IngestionSettings
from services.ingestion.sources import Candidate, Entry, Passed, Refused, Source, open_source
from services.ingestion.sources.base import source_name
from shared import metrics
from shared.bus import Context, publish
from shared.contracts.photos import PhotosStored
from shared.errors import MapsiError, PermanentError, RetryableError
from shared.fetch import fetch
from shared.records import Database
from shared.records.photo_ledger import reference

Progress = Callable[[int], None]
"""Told how many more entries are done."""


@dataclass
class Report:
    """What became of everything that was offered."""

    outcomes: Counter[Outcome] = field(default_factory=Counter)
    refused: list[Refused] = field(default_factory=list)
    passed: list[str] = field(default_factory=list)
    """Hidden files and litter."""
    photo_ids: dict[str, None] = field(default_factory=dict)
    """Every photo of this run once, in order."""
    unannounced: MapsiError | None = None
    """Why photos are stored but not announced; the reconciler announces them."""

    @property
    def taken(self) -> int:
        """Return how many posts were taken in or known already."""
        return self.outcomes.total()


@dataclass(frozen=True)
class Run:
    """What one run works with."""

    context: Context
    database: Database
    intake: Intake
    settings: IngestionSettings
    warn: Callable[[MapsiError], None]
    """Told once when the broker is away: photos are stored all the same."""
    report: Report = field(default_factory=Report)

    def check_broker(self) -> None:
        """Find out before the work begins whether photos can be announced."""
        try:
            self.context.broker.ping()
        except RetryableError as error:
            self._go_on_unannounced(error)

    def ingest(self, source: Source, *, name: str, progress: Progress) -> None:
        """Take in all of ``source``.

        ``name`` is the source of posts that name none. Raises RetryableError where the store or
        the database is away: what was saved until then stays, and the same run can be repeated.
        """
        ready = _prepared(source.entries(), partial(self._prepare, source=name), self.settings)
        while batch := list(islice(ready, self.settings.batch_size)):
            self._take(batch, source=name)
            progress(len(batch))

    def refuse(self, place: str, error: MapsiError) -> None:
        """Note a whole source that cannot be opened."""
        self._save([], [Refused(place, error)], source="ingest")

    def _prepare(self, entry: Candidate, *, source: str) -> Arrival | Refused:
        try:
            return self.intake.prepare(entry, source=source)
        except PermanentError as error:
            return Refused(entry.name, error)

    def _take(self, batch: Sequence[Arrival | Refused | Passed], *, source: str) -> None:
        arrivals = [entry for entry in batch if isinstance(entry, Arrival)]
        refused = [entry for entry in batch if isinstance(entry, Refused)]
        self.take(arrivals, refused, source=source)
        self.report.passed += [entry.name for entry in batch if isinstance(entry, Passed)]

    def take(
        self,
        arrivals: Sequence[Arrival],
        refused: Sequence[Refused],
        *,
        source: str,
        also: Callable[[Session], None] | None = None,
    ) -> None:
        """Save what is ready, then announce it; ``also`` writes in the arrivals' transaction."""
        self._save(arrivals, refused, source=source, also=also)
        if self.report.unannounced is None:
            self._announce([arrival.photo_id for arrival in arrivals])

    def _save(
        self,
        arrivals: Sequence[Arrival],
        refused: Sequence[Refused],
        *,
        source: str,
        also: Callable[[Session], None] | None = None,
    ) -> None:
        taken = [arrival.name for arrival in arrivals]

        def write(session: Session) -> None:
            ledger.write_refusals(session, refused, taken=taken, source=source)
            if also is not None:
                also(session)

        outcomes = self.intake.save(arrivals, also=write)
        metrics.PHOTOS.labels("ingestion", "failed").inc(len(refused))
        self.report.outcomes.update(outcomes)
        self.report.refused += refused
        self.report.photo_ids.update(dict.fromkeys(a.photo_id for a in arrivals))

    def _announce(self, photo_ids: Sequence[str]) -> None:
        """Announce the photos that never were; those that were are the queue's business."""
        with self.database.reading() as session:
            photos = [p for p in ledger.under_way(session, photo_ids) if p.published_at is None]
        if not photos:
            return
        message = PhotosStored(photos=tuple(reference(photo) for photo in photos))
        now = datetime.now(UTC)
        try:
            publish(message, self.context)
        except RetryableError as error:
            self._go_on_unannounced(error)
            return
        with self.database.transaction() as session:
            ledger.mark_announced(session, [photo.photo_id for photo in photos], at=now)

    def _go_on_unannounced(self, error: MapsiError) -> None:
        self.report.unannounced = error
        self.warn(error)


def ingest_all(
    places: Sequence[str],
    run: Run,
    *,
    source: str | None,
    counted: Progress,
    progress: Progress,
) -> None:
    """Take in every place; one that cannot be opened is refused alone.

    ``counted`` is told once how many entries there are, before the first is taken in.
    """
    with ExitStack() as opened:
        sources = []
        for place in places:
            try:
                found = opened.enter_context(open_source(place, fetch=fetch_photo))
                sources.append((found, found.count()))
            except PermanentError as error:
                run.refuse(place, error)
        counted(sum(count for _, count in sources))
        for found, _ in sources:
            name = source_name(source or found.name, otherwise="ingest")
            run.ingest(found, name=name, progress=progress)


def fetch_photo(url: str) -> bytes:
    """Return the bytes at a stranger's URL; raises as ``shared.fetch.fetch`` does."""
    return fetch(url).data


def _prepared(
    entries: Iterator[Entry],
    prepare: Callable[[Candidate], Arrival | Refused],
    settings: IngestionSettings,
) -> Iterator[Arrival | Refused | Passed]:
    """Prepare candidates in threads, a few ahead, and yield everything in order."""
    waiting: deque[Future[Arrival | Refused] | Refused | Passed] = deque()
    pool = ThreadPoolExecutor(settings.threads, thread_name_prefix="prepare")
    try:
        for entry in entries:
            if isinstance(entry, Candidate):
                waiting.append(pool.submit(prepare, entry))
            else:
                waiting.append(entry)
            if len(waiting) > 2 * settings.threads:
                yield _result(waiting.popleft())
        while waiting:
            yield _result(waiting.popleft())
    finally:
        pool.shutdown(cancel_futures=True)


def _result(done: Future[Arrival | Refused] | Refused | Passed) -> Arrival | Refused | Passed:
    return done.result() if isinstance(done, Future) else done
