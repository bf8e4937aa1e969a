"""How tastes are learned from what people say and do. Pure.

A taste is a weight w in [-1, 1] that halves every ``HALF_LIFE[source]`` days. A signal with
direction d in [-1, 1] draws it there: w <- w + r (d - w), where r is the source's rate times the
signal's strength. What a person says so counts more, and longer, than what is read into a like.

A like or refusal of a look is one answer about many traits. It is shared out by the gradient of
a logistic model: where the tastes already foretell the answer there is nothing to learn from it.
Most looks are refused, so a like tells more; and a style or colour explains it rather than a
category or pattern, which many looks share.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from math import exp, inf, sqrt
from typing import Final, Literal

from services.gateway.chat.domain import Slots
from services.gateway.people.domain import Trait

Source = Literal["edited", "said", "answer", "like", "refusal", "feedback"]

TASTES: Final = ("style", "item", "color", "pattern")
"""The kinds that have a weight; ``avoid``, ``gender`` and ``budget`` hold until they change."""

RATE: Final[Mapping[str, float]] = {
    "edited": 1.0,
    "said": 0.8,
    "answer": 0.8,
    "feedback": 0.5,
    "refusal": 0.3,
    "like": 0.75,
}
HALF_LIFE: Final[Mapping[str, float]] = {
    "edited": inf,
    "said": 180.0,
    "answer": 120.0,
    "feedback": 60.0,
    "refusal": 60.0,
    "like": 60.0,
}
"""Days; tastes change with the seasons, so what was read into a like is gone by the next year."""

FORGOTTEN: Final = 0.05
"""A taste weaker than this is none."""

_STEEPNESS: Final = 2.0
"""How surely a look is liked whose traits are all liked: 1 / (1 + e^-2) = 88 %."""
_GAIN: Final[Mapping[str, float]] = {"like": 3.0, "refusal": 2.0}
"""Times the surprise is a signal's strength, for a look of four traits or fewer."""
_CREDIT: Final[Mapping[str, float]] = {"style": 1.0, "color": 0.85, "item": 0.65, "pattern": 0.35}
"""How far a trait of each kind answers for a like or refusal."""


@dataclass(frozen=True)
class Signal:
    """One hint at a taste, or a statement that holds (``avoid``, ``gender``, ``budget``)."""

    kind: str
    value: str
    source: Source
    direction: float = 1.0
    """-1: away from it, 1: towards it."""
    strength: float = 1.0
    """In [0, 1]: times the source's rate."""


@dataclass(frozen=True)
class Known:
    """A taste or statement as it is kept."""

    kind: str
    value: str
    weight: float
    source: str
    times: int
    at: datetime


def decayed(known: Known, now: datetime) -> float:
    """Return the weight today; statements do not decay."""
    life = HALF_LIFE.get(known.source, HALF_LIFE["like"])
    if known.kind not in TASTES or life == inf:
        return known.weight
    days = max(0.0, (now - known.at).total_seconds() / 86_400)
    return float(known.weight * 2 ** (-days / life))


def learned(before: Known | None, signal: Signal, now: datetime) -> Known:
    """Return what is known after ``signal``."""
    if signal.kind not in TASTES:
        times = before.times + 1 if before else 1
        return Known(signal.kind, signal.value, signal.direction, signal.source, times, now)
    weight = decayed(before, now) if before else 0.0
    rate = RATE[signal.source] * signal.strength
    weight += rate * (signal.direction - weight)
    source: str = signal.source
    if before is not None and HALF_LIFE[before.source] > HALF_LIFE[signal.source]:
        source = before.source  # a like does not make a statement short-lived
    return Known(signal.kind, signal.value, weight, source, before.times + 1 if before else 1, now)


def signals_of(slots: Slots, source: Source) -> tuple[Signal, ...]:
    """Return what a statement or an answer tells of a person; wishes for once are none."""
    tastes = tuple(Signal(kind, value, source) for kind in TASTES for value in getattr(slots, kind))
    avoided = tuple(Signal("avoid", value, source, -1.0) for value in slots.avoid)
    gender = tuple(Signal("gender", value, source) for value in slots.gender[:1])
    budget = (Signal("budget", str(slots.budget), source),) if slots.budget else ()
    return (*tastes, *avoided, *gender, *budget)


def signals_of_look(
    traits: Iterable[Trait], tastes: Mapping[Trait, float], *, liked: bool
) -> tuple[Signal, ...]:
    """Return what liking or refusing a look tells of its traits.

    ``tastes`` are today's weights. The more surely they foretold the answer, the weaker the
    signals; and one answer about many traits says less of each.
    """
    about = list(dict.fromkeys(traits))
    if not about:
        return ()
    mean = sum(tastes.get(trait, 0.0) for trait in about) / len(about)
    foretold = 1 / (1 + exp(-_STEEPNESS * mean))
    surprise = 1 - foretold if liked else foretold
    source: Source = "like" if liked else "refusal"
    strength = min(1.0, _GAIN[source] * surprise / sqrt(max(1.0, len(about) / 4)))
    direction = 1.0 if liked else -1.0
    return tuple(
        Signal(kind, value, source, direction, strength * _CREDIT.get(kind, 1.0))
        for kind, value in about
    )
