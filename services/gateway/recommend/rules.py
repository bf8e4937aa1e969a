"""What to wear when: the table in ``rules.toml``, and what it says of pieces and looks. Pure."""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Sequence
from datetime import date
from functools import cache, lru_cache, partial
from pathlib import Path
from typing import Final

import numpy as np
from pydantic import BaseModel, ConfigDict

from services.gateway.catalog.domain import Item
from services.gateway.chat.domain import Slots
from services.gateway.recommend.domain import Situation, Tip, main_color, styles_of
from services.gateway.recommend.features import Bools, Features, Floats, Ints
from services.gateway.recommend.formality import dress_code, formalities, formality_of
from shared.contracts.vocabulary import BASIC_COLORS, FAMILY_OF

_TABLE: Final = Path(__file__).with_name("rules.toml")

CLIMATE: Final = {
    "spring": ("cool", "warm"),
    "summer": ("hot",),
    "autumn": ("cool",),
    "winter": ("cold",),
}
"""Korea's weather by season; several: each counts in part."""

_MONTHS: Final[dict[int, tuple[str, ...]]] = {
    1: ("cold",), 2: ("cold",), 3: ("cool",), 4: ("cool",), 5: ("warm",), 6: ("warm",),
    7: ("hot",), 8: ("hot",), 9: ("warm",), 10: ("cool",), 11: ("cool", "cold"), 12: ("cold",),
}  # fmt: skip
_SEASONS: Final = ("winter", "spring", "summer", "autumn")
"""Each three months, from December: of the northern hemisphere."""
_ASSUMED: Final = 0.7
"""What today's date tells of weather and season weighs so much of what a person says of them."""


class _Conditional(BaseModel):
    """Holds in some situations; an empty condition holds always."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    occasion: tuple[str, ...] = ()
    weather: tuple[str, ...] = ()
    season: tuple[str, ...] = ()
    effect: float
    ko: str
    en: str

    def weight(self, situation: Situation) -> float:
        """Return how far the rule holds, in [0, 1]: of several values said, each is a part."""
        if "rain" in self.weather:
            return float(situation.rain)
        weight = 1.0
        for named, said in (
            (self.occasion, situation.occasion),
            (self.weather, situation.weather),
            (self.season, situation.season),
        ):
            if named:
                weight *= sum(word in named for word in said) / max(1, len(said))
        return weight * _ASSUMED if self.is_assumed(situation) else weight

    def is_assumed(self, situation: Situation) -> bool:
        """Tell whether today's date, and nobody's word, says that the rule holds."""
        told_by_date = bool(self.weather or self.season) and "rain" not in self.weather
        return told_by_date and situation.assumed


class LookRule(_Conditional):
    """Speaks against a look that lacks something."""

    lacks: tuple[str, ...]


class Rule(_Conditional):
    """Speaks for or against a piece; an empty condition holds always."""

    category: tuple[str, ...] = ()
    family: tuple[str, ...] = ()
    color: tuple[str, ...] = ()
    pattern: tuple[str, ...] = ()
    style: tuple[str, ...] = ()
    formality: tuple[float, float] = (0.0, 1.0)
    """From and to, both included."""
    never: bool = False

    def is_about(self, item: Item) -> bool:
        """Tell whether a piece is what the rule speaks of."""
        least, most = self.formality
        return (
            (not self.category or item.category in self.category)
            and (not self.family or FAMILY_OF[item.category] in self.family)
            and (not self.color or main_color(item) in self.color)
            and (not self.pattern or item.pattern in self.pattern)
            and (not self.style or not styles_of(item).isdisjoint(self.style))
            and least <= formality_of(item) <= most
        )

    def places(self, features: Features) -> Ints:
        """Return the items that the rule speaks of, as places in the catalogue."""
        key = f"rule {self.id}"
        if key not in features.computed:
            features.computed[key] = np.flatnonzero(self._mask(features))
        found: Ints = features.computed[key]
        return found

    def _mask(self, features: Features) -> Bools:
        least, most = self.formality
        formal = formalities(features)
        found = (least <= formal) & (formal <= most)
        for words in (self.category, self.family, self.pattern, self.style):
            if words:
                found &= features.having(words)
        if self.color:
            found &= np.isin(features.color, [BASIC_COLORS.index(word) for word in self.color])
        return found


class TipRule(BaseModel):
    """Something to say of a look; an empty condition holds always."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    occasion: tuple[str, ...] = ()
    weather: tuple[str, ...] = ()
    harmony: tuple[str, ...] = ()
    has: tuple[str, ...] = ()
    lacks: tuple[str, ...] = ()
    ko: str
    en: str

    def holds(self, situation: Situation) -> bool:
        """Tell whether it can be said in this situation."""
        return (not self.occasion or not set(self.occasion).isdisjoint(situation.occasion)) and (
            not self.weather or not set(self.weather).isdisjoint(_weathers(situation))
        )

    def can_be_said(self, words: Collection[str], harmony: str | None) -> bool:
        """Tell whether it can be said of a look with these words."""
        return (
            (not self.harmony or harmony in self.harmony)
            and all(word in words for word in self.has)
            and not any(word in words for word in self.lacks)
        )


class Rules(BaseModel):
    """The table."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    rule: tuple[Rule, ...]
    look: tuple[LookRule, ...]
    tip: tuple[TipRule, ...]


@cache
def table() -> Rules:
    """Return the table; ValueError where it is not well formed."""
    return Rules.model_validate(tomllib.loads(_TABLE.read_text("utf-8")))


def situation_of(wanted: Slots, today: date) -> Situation:
    """Return what the look is for; where nobody said weather or season, today's date tells both."""
    warmth = tuple(word for word in wanted.weather if word != "rain")
    if not warmth and wanted.season:
        warmth = tuple(dict.fromkeys(w for season in wanted.season for w in CLIMATE[season]))
    return Situation(
        occasion=wanted.occasion,
        season=wanted.season or (() if warmth else (_SEASONS[today.month % 12 // 3],)),
        weather=warmth or _MONTHS[today.month],
        rain="rain" in wanted.weather,
        assumed=not warmth,
    )


def effects(features: Features, situation: Situation) -> tuple[Floats, Bools]:
    """Return what the rules say of n items: the sum of effects (n,), and (n,) what is kept out."""
    return features.lately.of("rules", situation, make=partial(_effects, features, situation))


def _effects(features: Features, situation: Situation) -> tuple[Floats, Bools]:
    total = dress_code(features, situation.occasion)
    never = np.zeros(len(features.items), bool)
    for rule, weight in _in_force(situation):
        found = rule.places(features)
        total[found] += weight * rule.effect
        if rule.never and weight == 1:
            never[found] = True
    return total, never


@lru_cache(maxsize=256)
def bare(situation: Situation) -> float:
    """Return what the rules say of a look without outerwear; 0 or less."""
    return sum(
        rule.effect * rule.weight(situation) for rule in table().look if "outer" in rule.lacks
    )


def speaking_for(pieces: Sequence[Item], situation: Situation) -> tuple[Rule, Item] | None:
    """Return the rule that speaks most for one of the pieces because of what was said."""
    for rule in _speaking(situation):
        for piece in pieces:
            if rule.is_about(piece):
                return rule, piece
    return None


@lru_cache(maxsize=256)
def _speaking(situation: Situation) -> tuple[Rule, ...]:
    """Return the rules that speak for pieces because of what was said, the strongest first."""
    strong = [
        (weight * rule.effect, rule)
        for rule, weight in _in_force(situation)
        if rule.effect > 0 and not rule.is_assumed(situation)
    ]
    return tuple(rule for _, rule in sorted(strong, key=lambda one: -one[0]))


def tip_for(words: Collection[str], situation: Situation, harmony: str | None) -> Tip | None:
    """Return the first tip that can be said of a look with these words."""
    for rule in _tips(situation):
        if rule.can_be_said(words, harmony):
            return Tip(ko=rule.ko, en=rule.en)
    return None


@lru_cache(maxsize=256)
def _tips(situation: Situation) -> tuple[TipRule, ...]:
    return tuple(rule for rule in table().tip if rule.holds(situation))


@lru_cache(maxsize=256)
def _in_force(situation: Situation) -> tuple[tuple[Rule, float], ...]:
    """Return the rules that hold, each with how far."""
    weights = [(rule, rule.weight(situation)) for rule in table().rule]
    return tuple((rule, weight) for rule, weight in weights if weight > 0)


def _weathers(situation: Situation) -> tuple[str, ...]:
    return (*situation.weather, "rain") if situation.rain else situation.weather
