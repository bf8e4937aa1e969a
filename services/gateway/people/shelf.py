"""Profiles that were read some moments ago, for who asks often."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from datetime import datetime
from typing import Final

from services.gateway.people.book import read_profile
from services.gateway.people.domain import Profile
from shared.records import Database

FRESH: Final = 2.0
"""Seconds for which a profile is not read anew; a change made elsewhere shows by then."""
_KEPT: Final = 10_000


class ProfileShelf:
    """What was known of people lately; safe for threads. Who changes it here drops it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: OrderedDict[str, tuple[float, Profile]] = OrderedDict()
        self._drops = 0

    def recall(self, person_id: str) -> Profile | None:
        """Return what is known of a person, if it was read lately."""
        known = self._known.get(person_id)
        if known is None or time.monotonic() - known[0] > FRESH:
            return None
        return known[1]

    def read(self, database: Database, person_id: str, now: datetime) -> Profile:
        """Read what is known of a person, and keep it."""
        read_at, drops = time.monotonic(), self._drops
        with database.reading() as session:
            profile = read_profile(session, person_id, now)
        with self._lock:
            if drops == self._drops:  # else it may have changed since it was read
                self._known[person_id] = (read_at, profile)
                self._known.move_to_end(person_id)
            while len(self._known) > _KEPT:
                self._known.popitem(last=False)
        return profile

    def drop(self, person_id: str) -> None:
        """Read a person anew the next time: something has changed."""
        with self._lock:
            self._drops += 1
            self._known.pop(person_id, None)
