"""The tasks of ingestion."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from functools import cache

from services.ingestion import reconciler
from services.ingestion.author_key import author_key
from services.ingestion.deletion.messages import overdue_orders, step
from services.ingestion.intake import Intake
from services.ingestion.runs import Run, fetch_photo
from services.ingestion.schedule import finds, rounds
from services.ingestion.schedule.figures import show_sources
from services.ingestion.schedule.rounds import Desk
from services.ingestion.settings import IngestionSettings
from services.ingestion.shop import rounds as shop_rounds
from services.ingestion.shop.opening import feed_fetcher
from services.ingestion.shop.seeing import see_items as bring_up
from services.ingestion.sources.robots import Robots
from services.ingestion.uploads import take_upload
from shared.bus import Context, task
from shared.contracts.clock import Tick
from shared.contracts.deletions import DeletionRequested
from shared.contracts.failures import PhotosFailed
from shared.contracts.message import Message
from shared.contracts.uploads import PhotoUploaded
from shared.errors import MapsiError
from shared.logging import logger
from shared.records import Database, open_database, upgrade
from shared.settings import read

log = logger(__name__)


@task("ingestion.accept_upload")
def accept_upload(message: PhotoUploaded, context: Context) -> list[Message]:
    """Store what a client uploaded, and announce it."""
    intake = _intake(context)
    database = _database(context.settings.database)
    return [*take_upload(message, intake, database=database, storage=context.storage)]


@task("ingestion.note_failures")
def note_failures(message: PhotosFailed, context: Context) -> list[Message]:
    """Keep the reason beside each photo; the reconciler decides what comes next."""
    reason = f"{message.task}: {message.reason}"
    database = _database(context.settings.database)
    reconciler.note_failures(database, message.photo_ids, reason=reason)
    return []


@task("ingestion.republish_overdue")
def republish_overdue(message: Tick, context: Context) -> list[Message]:
    """Announce again what was lost, and bury what never gets there."""
    database = _database(context.settings.database)
    outcome = reconciler.reconcile(database, _settings(), context.broker.queue_lengths())
    if outcome.messages or outcome.buried:
        log.warning("overdue photos", announced_again=len(outcome.messages), buried=outcome.buried)
    return [*outcome.messages]


@task("ingestion.read_sources")
def read_sources(message: Tick, context: Context) -> list[Message]:
    """Look at the scheduled sources that are due, as long as one tick may take."""
    database, own = _database(context.settings.database), _settings()
    ends = time.monotonic() + own.source_seconds
    desk, seen = _desk(context), set[str]()
    while time.monotonic() < ends:
        source = rounds.claim(desk, now=datetime.now(UTC), skip=frozenset(seen))
        if source is None:
            break
        seen.add(source.name)
        rounds.work_on(desk, source, until=lambda: time.monotonic() >= ends)
    show_sources(database, now=datetime.now(UTC))
    finds.forget(database, before=datetime.now(UTC) - timedelta(days=own.source_memory_days))
    return []


@task("ingestion.read_feeds")
def read_feeds(message: Tick, context: Context) -> list[Message]:
    """Read the shops' feeds that are due, as long as one tick may take."""
    ends = time.monotonic() + _settings().source_seconds
    desk, seen = _shop_desk(context), set[str]()
    while time.monotonic() < ends:
        feed = shop_rounds.claim(desk, now=datetime.now(UTC), skip=frozenset(seen))
        if feed is None:
            break
        seen.add(feed.name)
        shop_rounds.work_on(desk, feed, until=lambda: time.monotonic() >= ends)
    return []


@task("ingestion.see_items")
def see_items(message: Tick, context: Context) -> list[Message]:
    """Bring shops' items up to what was seen on their photos."""
    bring_up(_database(context.settings.database), context.storage)
    return []


@task("ingestion.delete_posts")
def delete_posts(message: DeletionRequested, context: Context) -> list[Message]:
    """Take an order to delete one step on."""
    database = _database(context.settings.database)
    key = author_key(context.settings, _settings())
    return [*step(database, context.storage, message.deletion_id, key=key)]


@task("ingestion.resume_deletions")
def resume_deletions(message: Tick, context: Context) -> list[Message]:
    """Take up orders whose last step is a while ago: their message was lost, or trends is done."""
    return [*overdue_orders(_database(context.settings.database))]


@cache
def _settings() -> IngestionSettings:
    return read(IngestionSettings)


@cache
def _database(url: str) -> Database:
    upgrade(url)
    return open_database(url)


@cache
def _intake(context: Context) -> Intake:
    own, database = _settings(), _database(context.settings.database)
    return Intake(database, context.storage, own, key=author_key(context.settings, own))


def _desk(context: Context) -> Desk:
    intake, own = _intake(context), _settings()
    run = Run(context, _database(context.settings.database), intake, own, warn=_warn)
    return Desk(run, author_key(context.settings, own), _robots())


def _shop_desk(context: Context) -> shop_rounds.ShopDesk:
    intake, own = _intake(context), _settings()
    run = Run(context, _database(context.settings.database), intake, own, warn=_warn)
    return shop_rounds.ShopDesk(run, feed_fetcher(own.feed_megabytes), fetch_photo)


@cache
def _robots() -> Robots:
    return Robots(fetch_photo)


def _warn(error: MapsiError) -> None:
    log.warning("photos are stored and not announced yet", reason=str(error))
