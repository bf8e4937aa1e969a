"""Looking at everything that one installation shares."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from services.checkup import Finding
from services.cluster_checkup.broker import look_at_broker
from services.cluster_checkup.finding import told
from services.cluster_checkup.processes import look_at_processes
from services.cluster_checkup.store import look_at_store
from shared.broker import Broker
from shared.settings import Settings


def examine_cluster(settings: Settings) -> Iterator[Finding]:
    """Look at everything; what is broken keeps nothing else from being looked at."""
    broker = Broker(settings)
    yield from told("broker", partial(look_at_broker, broker))
    yield from told("database", lambda: _database(settings))
    yield from told("storage", partial(look_at_store, settings))
    yield from told("processes", partial(look_at_processes, settings, broker))
    yield from told("photos", lambda: _photos(settings))


def _database(settings: Settings) -> Iterator[Finding]:
    from services.cluster_checkup.database import look_at_database  # needs the extra records

    return look_at_database(settings)


def _photos(settings: Settings) -> Iterator[Finding]:
    from services.cluster_checkup.photos import look_at_photos

    return look_at_photos(settings)
