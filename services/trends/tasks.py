"""The tasks of trends."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache

from services.trends import leaders, parquet, rollup
from services.trends.deleted import remove_late
from services.trends.forgetting import forget_withdrawn
from services.trends.monitoring.watching import watch_models as look_at_models
from services.trends.recount import recount_uncounted
from services.trends.report.weekly import write_weekly
from services.trends.settings import TrendsSettings
from services.trends.watching import deliver_due, look_at_rules
from shared import metrics
from shared.alerts.settings import AlertSettings
from shared.bus import Context, task
from shared.contracts.clock import Tick
from shared.contracts.deletions import PhotosWithdrawn
from shared.contracts.message import Message
from shared.contracts.photos import PhotosAnalyzed, PhotosSettled
from shared.journey import leg_at_hand
from shared.records import Database, open_database, upgrade
from shared.settings import read


@task("trends.count_looks")
def count_looks(message: PhotosAnalyzed, context: Context) -> list[Message]:
    """Write facts, counts and ledger marks of the photos that are new; the way ends here."""
    new = rollup.count_photos(
        _database(context.settings.database),
        message.photos,
        author_cap=_settings().author_cap,
    )
    _note(new, len(message.photos))
    _remove_late(message, context)
    return []


@task("trends.settle_photos")
def settle_photos(message: PhotosSettled, context: Context) -> list[Message]:
    """Write the ledger marks of photos that ended without an analysis."""
    new = rollup.settle_photos(
        _database(context.settings.database), message.photos, author_cap=_settings().author_cap
    )
    _note(new, len(message.photos))
    _remove_late(message, context)
    return []


@task("trends.forget_photos")
def forget_photos(message: PhotosWithdrawn, context: Context) -> list[Message]:
    """Take deleted photos out of the ledger, the facts and the counts."""
    database, cap = _database(context.settings.database), _settings().author_cap
    forget_withdrawn(database, context.storage, message.photo_ids, author_cap=cap)
    return []


@task("trends.watch_rules")
def watch_rules(message: Tick, context: Context) -> list[Message]:
    """Let alert rules look at the week that has ended, and deliver what they say."""
    database, settings, now = _database(context.settings.database), _alerts(), datetime.now(UTC)
    look_at_rules(database, settings, now=now)
    deliver_due(database, settings, now=now)
    return []


@task("trends.refresh_leaders")
def refresh_leaders(message: Tick, context: Context) -> list[Message]:
    """Count anew what the most liked authors wear."""
    leaders.refresh_leaders(_database(context.settings.database), today=datetime.now(UTC).date())
    return []


@task("trends.export_facts")
def export_facts(message: Tick, context: Context) -> list[Message]:
    """Write the weeks whose facts have changed to the object store."""
    if _settings().parquet:
        parquet.export_facts(_database(context.settings.database), context.storage)
    return []


@task("trends.write_report")
def write_report(message: Tick, context: Context) -> list[Message]:
    """Write last week's report, once, some hours after that week has ended."""
    database, now = _database(context.settings.database), datetime.now(UTC)
    write_weekly(database, context.storage, now=now)
    return []


@task("trends.watch_models")
def watch_models(message: Tick, context: Context) -> list[Message]:
    """See whether what is seen drifts, and whether what was foretold came true."""
    database, now = _database(context.settings.database), datetime.now(UTC)
    look_at_models(database, context.storage, now=now)
    return []


def _remove_late(message: Message, context: Context) -> None:
    """Remove what was stored of photos that were deleted while they were under way."""
    database = _database(context.settings.database)
    remove_late(database, context.storage, message.affected_photos())


def _note(new: int, photos: int) -> None:
    metrics.PHOTOS.labels("trends", "done").inc(new)
    metrics.PHOTOS.labels("trends", "skipped").inc(photos - new)
    leg = leg_at_hand()
    for _ in range(new if leg else 0):
        metrics.PHOTO_SECONDS.observe(leg.seconds_on_the_way)


@cache
def _database(url: str) -> Database:
    upgrade(url)
    database = open_database(url)
    recount_uncounted(database, author_cap=_settings().author_cap)
    return database


@cache
def _alerts() -> AlertSettings:
    return read(AlertSettings)


@cache
def _settings() -> TrendsSettings:
    return read(TrendsSettings)
