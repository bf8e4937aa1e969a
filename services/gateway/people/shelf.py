"""Profiles that were read some moments ago, for who asks often."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from services.gateway.people.book import known_of, profile_of, seasons_of
from services.gateway.people.domain import Profile
from services.gateway.people.learning import Known
from shared.records import Database

FRESH: Final = 2.0
"""Seconds for which a profile is not read anew; a change made elsewhere shows by then."""
_KEPT: Final = 10_000


@dataclass(frozen=True)
class Shelved:
    """What was known of a person at a moment."""

    read_at: float
    known: tuple[Known, ...]
    seasons: Mapping[str, Mapping[str, float]]
    """By source."""
    profile: Profile


class ProfileShelf:
    """What was known of people lately; safe for threads. Who changes it here says so."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._shelved: OrderedDict[str, Shelved] = OrderedDict()
        self._changes = 0

    def recall(self, person_id: str) -> Shelved | None:
        """Return what is known of a person, if it was read lately."""
        shelved = self._shelved.get(person_id)
        if shelved is None or time.monotonic() - shelved.read_at > FRESH:
            return None
        return shelved

    def read(self, database: Database, person_id: str, now: datetime) -> Shelved:
        """Read what is known of a person, and keep it."""
        read_at, changes = time.monotonic(), self._changes
        with database.glance() as connection:
            known = tuple(known_of(connection, person_id))
            seasons = seasons_of(connection, person_id)
        shelved = Shelved(read_at, known, seasons, profile_of(known, seasons, now))
        with self._lock:
            if changes == self._changes:  # else it may have changed since it was read
                self._shelved[person_id] = shelved
                self._shelved.move_to_end(person_id)
            while len(self._shelved) > _KEPT:
                self._shelved.popitem(last=False)
        return shelved

    def learned(self, person_id: str, known: Iterable[Known], now: datetime) -> None:
        """Take over what was just written of a person; the seasons stay what they were."""
        with self._lock:
            self._changes += 1
            before = self._shelved.get(person_id)
            if before is not None:
                told = tuple(known)
                profile = profile_of(told, before.seasons, now)
                self._shelved[person_id] = replace(before, known=told, profile=profile)

    def drop(self, person_id: str) -> None:
        """Read a person anew the next time: something has changed."""
        with self._lock:
            self._changes += 1
            self._shelved.pop(person_id, None)
