"""The figures that beat looks up by the clock: queues, photos, backups, whatever workers do.

It is one process in an installation, so each figure is told once; and it tells them when every
worker is gone, too.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from typing import Final

from shared import metrics
from shared.backup_mark import last_backup
from shared.broker import Broker
from shared.errors import MapsiError
from shared.logging import logger
from shared.queues import read_queues
from shared.records import Database, open_database
from shared.records.photo_ledger import photo_states
from shared.settings import Settings
from shared.storage import ObjectStore, open_storage

EVERY: Final = 15.0
"""Seconds between two looks."""
_SHARE: Final = 20
"""A look is followed by a pause at least that many times as long as it took."""
log = logger(__name__)


def look_at_queues(broker: Broker) -> None:
    """Tell how much waits in each queue, for how long, and how much is in workers' hands.

    Raises RetryableError where the broker does not answer.
    """
    now, in_hand = datetime.now(UTC), broker.held_by_queue()
    for queue in read_queues(broker).queues:
        metrics.QUEUE_LENGTH.labels(queue.name).set(queue.waiting)
        metrics.QUEUE_OLDEST_SECONDS.labels(queue.name).set(queue.oldest_seconds(now))
        metrics.QUEUE_IN_HAND.labels(queue.name).set(in_hand.get(queue.name, 0))
    metrics.WATCHED.labels("queues").set_to_current_time()


def look_at_photos(database: Database) -> None:
    """Tell how many photos are where, and how long the oldest waits for its end.

    Raises RetryableError where the database is away or not set up yet.
    """
    now = datetime.now(UTC)
    with database.reading() as session:
        states = photo_states(session)
    numbers = {
        "waiting": states.pending,
        "done": states.analyzed,
        "not_fashion": states.not_fashion,
        "failed": states.failed,
        "buried": states.buried,
    }
    for state, number in numbers.items():
        metrics.PHOTOS_STATE.labels(state).set(number)
    since = states.oldest_pending[1] if states.oldest_pending else now
    metrics.PHOTOS_OLDEST_PENDING_SECONDS.set(max(0.0, (now - since).total_seconds()))
    metrics.WATCHED.labels("photos").set(now.timestamp())


def keep_looking(look: Callable[[], None], *, stop: threading.Event, every: float = EVERY) -> None:
    """Look again and again until ``stop``; what is away meanwhile is said once, and looked for."""
    was_away = False
    while not stop.is_set():
        began = time.monotonic()
        try:
            look()
            was_away = False
        except MapsiError as error:
            if not was_away:
                log.warning("a figure cannot be looked up", reason=str(error))
            was_away = True
        stop.wait(max(every, _SHARE * (time.monotonic() - began)))


def look_at_backups(storage: ObjectStore) -> None:
    """Tell when the last backup was finished; nothing is told where none ever was.

    Raises RetryableError where the object store is away.
    """
    finished = last_backup(storage)
    if finished:
        metrics.BACKUP_LAST_SUCCESS.set(finished.timestamp())


def show_figures(settings: Settings, *, stop: threading.Event) -> list[threading.Thread]:
    """Start to look; each store by a thread of its own, so that none waits for the other."""
    threads = [
        threading.Thread(target=look, args=(settings, stop), name=look.__name__, daemon=True)
        for look in (_queue_figures, _photo_figures, _backup_figures)
    ]
    for thread in threads:
        thread.start()
    return threads


def _queue_figures(settings: Settings, stop: threading.Event) -> None:
    broker = Broker(settings)
    keep_looking(lambda: look_at_queues(broker), stop=stop)


def _photo_figures(settings: Settings, stop: threading.Event) -> None:
    with closing(open_database(settings.database)) as database:
        keep_looking(lambda: look_at_photos(database), stop=stop)


def _backup_figures(settings: Settings, stop: threading.Event) -> None:
    storage = open_storage(settings)
    keep_looking(lambda: look_at_backups(storage), stop=stop)
