"""Instagram's quota of hashtags, spent with a plan; pure.

An account may ask for 30 unique hashtags in any 7 days. A hashtag counts from the first time it
is asked for; until its 7 days are over it may be asked for again and again at no cost. Recent
media reach back 24 hours: what is older at the next look is missed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from shared.source_kinds import HASHTAG_LIMIT, HASHTAG_SAFETY, HASHTAG_WINDOW

LIMIT: Final = HASHTAG_LIMIT
WINDOW: Final = HASHTAG_WINDOW
REACH: Final = timedelta(hours=24)
"""How far back recent media go."""
_NEVER: Final = timedelta(days=30)
"""A hashtag that was never looked at counts as if it had been this long ago."""
SAFETY: Final = HASHTAG_SAFETY


@dataclass(frozen=True, slots=True)
class Wish:
    """A hashtag that is to be looked at."""

    hashtag: str
    weight: float
    looked_at: datetime | None


@dataclass(frozen=True, slots=True)
class Planned:
    """What becomes of one hashtag."""

    hashtag: str
    weight: float
    looked_at: datetime | None
    open_until: datetime | None
    """Its slot's end: until then it costs nothing. None: it has no slot."""
    opens: bool
    """It gets a slot now."""
    waits_until: datetime | None
    """When a slot may be free for it at the earliest; None: it has one, or gets one."""
    missed: timedelta
    """How much time between its last look and now (or its slot) is out of reach."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How the quota is spent now."""

    hashtags: tuple[Planned, ...]
    """Those to look at first, the most wanted first; then those that wait."""
    used: int
    """Slots in use before this plan."""
    others: int
    """Of these, slots of hashtags that nobody wants any more, until they end."""

    @property
    def chosen(self) -> tuple[str, ...]:
        """The hashtags that may be asked for now."""
        return tuple(planned.hashtag for planned in self.hashtags if planned.waits_until is None)


def plan(
    wishes: list[Wish], slots: Mapping[str, datetime], *, now: datetime, limit: int = LIMIT
) -> Plan:
    """Return who gets the slots: ``slots`` tells when each hashtag was first asked for.

    Hashtags with a slot keep it. A free slot goes to the greatest weight × (time since its last
    look + 7 days), so that a light hashtag is late and not left out for good.
    """
    ends = {tag: opened + WINDOW + SAFETY for tag, opened in slots.items()}
    active = {tag: end for tag, end in ends.items() if end > now}
    ranked = sorted(wishes, key=lambda wish: (-_urgency(wish, now), wish.hashtag))
    queue = [wish for wish in ranked if wish.hashtag not in active]
    free = max(0, limit - len(active))
    opening, waiting = queue[:free], queue[free:]
    # The slots of those that open now end last; before them end those in use, one by one.
    frees = sorted([*active.values(), *[now + WINDOW + SAFETY] * len(opening)])
    planned = [_held(wish, active[wish.hashtag], now) for wish in ranked if wish.hashtag in active]
    planned += [_opened(wish, now) for wish in opening]
    planned += [
        _waiting(wish, frees[number % limit] + (number // limit) * WINDOW, now)
        for number, wish in enumerate(waiting)
    ]
    others = len(active.keys() - {wish.hashtag for wish in wishes})
    return Plan(hashtags=tuple(planned), used=len(active), others=others)


def _urgency(wish: Wish, now: datetime) -> float:
    since = _NEVER if wish.looked_at is None else max(timedelta(), now - wish.looked_at)
    # The window is added: of two that were looked at just now the heavier one is kept.
    return wish.weight * (since + WINDOW).total_seconds()


def _held(wish: Wish, end: datetime, now: datetime) -> Planned:
    missed = _out_of_reach(wish.looked_at, now)
    return Planned(wish.hashtag, wish.weight, wish.looked_at, end, False, None, missed)


def _opened(wish: Wish, now: datetime) -> Planned:
    end = now + WINDOW + SAFETY
    missed = _out_of_reach(wish.looked_at, now)
    return Planned(wish.hashtag, wish.weight, wish.looked_at, end, True, None, missed)


def _waiting(wish: Wish, until: datetime, now: datetime) -> Planned:
    missed = _out_of_reach(wish.looked_at or now, until)
    return Planned(wish.hashtag, wish.weight, wish.looked_at, None, False, until, missed)


def _out_of_reach(looked_at: datetime | None, then: datetime) -> timedelta:
    if looked_at is None:
        return timedelta()
    return max(timedelta(), then - looked_at - REACH)
