"""Recommendations made lately, by all they depend on: strangers often ask for the same. Pure."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable
from threading import Lock
from typing import Final

from services.gateway.people.domain import Profile
from services.gateway.recommend.domain import Recommendation
from services.gateway.recommend.features import Features
from services.gateway.recommend.trending import TrendEvidence

_KEPT: Final = 2_048
_NAME: Final = "remembered"


class Remembered:
    """The latest recommendations of one catalogue; safe in any thread."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._found: OrderedDict[Hashable, tuple[TrendEvidence, Recommendation]] = OrderedDict()

    def recall(self, key: Hashable, trend: TrendEvidence) -> Recommendation | None:
        """Return what was recommended for ``key`` while the trend was the same."""
        with self._lock:
            found = self._found.get(key)
            if found is None or found[0] is not trend:
                return None
            self._found.move_to_end(key)
            return found[1]

    def keep(self, key: Hashable, trend: TrendEvidence, found: Recommendation) -> None:
        """Remember a recommendation."""
        with self._lock:
            self._found[key] = (trend, found)
            while len(self._found) > _KEPT:
                self._found.popitem(last=False)


def remembered(features: Features) -> Remembered:
    """Return what was recommended of a catalogue."""
    found: Remembered = features.computed.setdefault(_NAME, Remembered())
    return found


def key_of(profile: Profile, *others: Hashable) -> Hashable:
    """Return what a recommendation depends on beside its catalogue and trend."""
    person = (
        frozenset(profile.tastes.items()),
        profile.avoid,
        profile.gender,
        profile.budget,
        frozenset(profile.seasons.items()),
    )
    return person, others
