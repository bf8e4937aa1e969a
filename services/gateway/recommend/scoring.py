"""What speaks for each item of the catalogue, for one person and wish. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Final

import numpy as np

from services.gateway.chat.domain import Slots
from services.gateway.people.domain import Profile
from services.gateway.recommend.domain import SLOTS, Part, Situation
from services.gateway.recommend.features import NONE, Bools, Features, Floats
from services.gateway.recommend.rules import effects
from services.gateway.recommend.trending import TrendEvidence, trend_strength
from services.gateway.recommend.wishes import Ask
from shared.contracts.vocabulary import (
    BASIC_COLORS,
    CATEGORIES,
    FAMILY_OF,
    PATTERNS,
    SEASONS,
    STYLES,
    WORN_BELOW,
)

_STYLE: Final = 1.2
_LEAST_STYLE: Final = 0.1
"""A style that a piece has nothing of costs ``_STYLE`` times this one's logarithm, no more."""
_PALETTE: Final = 1.4
_PALETTE_BELOW: Final = 0.4
"""A colour far from the face matters so much of one beside it."""
_TREND: Final = 0.4
_TASTE: Final = 6.0
_ASKED: Final = 0.4
"""A further piece of what is asked for, where one would do."""
_STRANGER: Final = 0.45
_KNOWN: Final = 0.05
"""Chance's part for who is not known at all, so that the first looks differ and something is
learned from them; and for who is."""
ENOUGH: Final = 5.0
"""Sum of tastes' sizes from which a person counts as known."""


@dataclass(frozen=True, eq=False)
class Unary:
    """What speaks for each of n items by itself."""

    parts: Mapping[Part, Floats]

    @cached_property
    def told(self) -> Floats:
        """(parts, n): ``parts`` as one array."""
        return np.array(list(self.parts.values()))

    @property
    def total(self) -> Floats:
        """Return (n,): the parts' sum."""
        return np.asarray(self.told.sum(0))


def unary(
    features: Features,
    wanted: Slots,
    profile: Profile,
    *,
    trend: TrendEvidence,
    situation: Situation,
    asked: list[Ask],
) -> tuple[Unary, Bools]:
    """Return what speaks for each item, and (n,) what the rules keep out."""
    suits, never = effects(features, situation)
    parts: dict[Part, Floats] = {
        "style": _style(features, wanted),
        "palette": _palette(features, seasons_of(wanted, profile)),
        "trend": _TREND * trend_strength(features, trend),
        "rules": suits,
        "taste": _TASTE * _taste(features, profile),
        "asked": _ASKED * np.sum([ask.mask for ask in asked], axis=0, dtype=np.float64)
        + np.zeros(len(features.items)),
    }
    return Unary(parts), never


def luck(features: Features, profile: Profile, seed: int) -> Floats:
    """Return (n,): chance's part, drawn by ``seed`` from the items' own numbers.

    It moves the choice and is no part of a score.
    """
    known = min(1.0, sum(map(abs, profile.tastes.values())) / ENOUGH)
    size = _STRANGER + (_KNOWN - _STRANGER) * known
    return size * (2 * _drawn(features, seed) - 1)


def seasons_of(wanted: Slots, profile: Profile) -> Mapping[str, float]:
    """Return the seasons' probabilities: those said now, evenly, or what is known."""
    if wanted.personal_color:
        return {season: 1 / len(wanted.personal_color) for season in wanted.personal_color}
    return profile.seasons


def _style(features: Features, wanted: Slots) -> Floats:
    if not wanted.style:
        return np.zeros(len(features.items))
    return features.lately.of("style", wanted.style, make=partial(_styled, features, wanted.style))


def _styled(features: Features, wanted: tuple[str, ...]) -> Floats:
    share = features.styles[:, [STYLES.index(name) for name in wanted]].max(1)
    return np.asarray(_STYLE * np.log(_LEAST_STYLE + (1 - _LEAST_STYLE) * share))


def _palette(features: Features, seasons: Mapping[str, float]) -> Floats:
    if not seasons:
        return np.zeros(len(features.items))
    weights = np.array([seasons.get(name, 0.0) for name in SEASONS])
    fit = features.seasons @ weights
    below = features.slot == SLOTS.index("bottom")
    weight = _PALETTE * np.where(below, _PALETTE_BELOW, 1.0)
    return np.asarray(weight * (fit - 0.5 * weights.sum()))


def _taste(features: Features, profile: Profile) -> Floats:
    """Return (n,): the tastes for what an item is, added up."""
    tastes = profile.tastes
    kinds = [
        tastes.get(("item", name), 0.0)
        + (tastes.get(("item", FAMILY_OF[name]), 0.0) if FAMILY_OF[name] != name else 0.0)
        + (tastes.get(("item", "bottom"), 0.0) if FAMILY_OF[name] in WORN_BELOW else 0.0)
        for name in CATEGORIES
    ]
    patterns = [tastes.get(("pattern", name), 0.0) for name in PATTERNS]
    colors = np.array([tastes.get(("color", name), 0.0) for name in BASIC_COLORS])
    styles = np.array([tastes.get(("style", name), 0.0) for name in STYLES])
    assert NONE == -1  # noqa: S101 - the last entry stands for what is not told
    told = features.style != NONE
    return np.asarray(
        np.array([*kinds, 0.0])[features.category]
        + np.array([*patterns, 0.0])[features.pattern]
        + features.shares @ colors
        + np.where(told, features.styles @ styles, 0.0)
    )


def _drawn(features: Features, seed: int) -> Floats:
    """Return (n,) in [0, 1): splitmix64 of each item's own number and the seed."""
    return features.lately.of("luck", seed, make=partial(_splitmix, features, seed))


def _splitmix(features: Features, seed: int) -> Floats:
    with np.errstate(over="ignore"):
        mixed = features.lot + np.uint64((seed * 0x9E3779B97F4A7C15) % 2**64)
        mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return np.asarray((mixed ^ (mixed >> np.uint64(31))) / 2**64, np.float64)
