"""What a recommendation is made of: outfits, why each was chosen, and what stands in the way. Pure.

Scores are sums of logarithms, so that each part multiplies the others: a part of 0 says nothing,
0.1 is about 10 % better, -3 rules a thing out unless there is nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from math import exp
from typing import Final, Literal

from services.gateway.catalog.domain import Item
from services.gateway.people.domain import Trait
from shared.contracts.vocabulary import FAMILY_OF, WORN_BELOW

Language = Literal["ko", "en"]
Slot = Literal["top", "bottom", "outer", "dress"]
SLOTS: Final[tuple[Slot, ...]] = ("top", "bottom", "outer", "dress")

VISIBLE_SHARE: Final = 0.1
"""A colour is seen on a piece, and can be avoided, from this share of its surface."""

STYLE_SHARE: Final = 0.35
"""A piece has a style, and can be avoided for it, from this probability, or as its likeliest."""

_ITEMS: Final = 4_096
"""Items of which it is kept what they are."""

Measure = Literal["looks", "growth_4w"]
Part = Literal[
    "style", "palette", "trend", "rules", "taste", "asked", "harmony", "coherence", "patterns"
]
ObstacleKind = Literal[
    "empty", "budget", "stock", "avoid", "gender", "item", "color", "pattern", "occasion", "none"
]


def slot_of(category: str) -> Slot:
    """Return where on the body a category is worn."""
    family = FAMILY_OF[category]
    if family in WORN_BELOW:
        return "bottom"
    return "top" if family == "top" else "outer" if family == "outer" else "dress"


@dataclass(frozen=True, eq=False)
class Cited:
    """One number that a reason gives, as ``GET /v1/trends`` tells it."""

    series: Mapping[str, str]
    """The row: ``{"item": "trousers", "color": "beige"}``."""
    measure: Measure
    weeks: tuple[date, ...]
    """Mondays of the whole weeks that it is about, oldest first."""
    value: float
    """``looks``: their sum over ``weeks``. ``growth_4w``: share against the four weeks before."""
    low: float | None = None
    high: float | None = None
    """The 95 % interval, where the measure has one; None: no bound."""


@dataclass(frozen=True)
class Reason:
    """Why an outfit was chosen, in both languages, with the numbers in it."""

    kind: Literal["trend", "palette", "style", "harmony", "situation", "taste", "budget"]
    ko: str
    en: str
    cited: tuple[Cited, ...] = ()

    def text(self, language: Language) -> str:
        """Return the sentence."""
        return self.ko if language == "ko" else self.en


@dataclass(frozen=True)
class Tip:
    """How to wear it."""

    ko: str
    en: str


@dataclass(frozen=True)
class Outfit:
    """Pieces that go together: top and bottom or a dress, and maybe outerwear."""

    outfit_id: str
    """Opaque; the same pieces have the same one."""
    pieces: tuple[Item, ...]
    """Outerwear first, then dress or top, then what is worn below."""
    logit: float
    """Sum of ``parts``; larger is better, comparable within one recommendation."""
    parts: Mapping[Part, float]
    reasons: tuple[Reason, ...] = ()
    tip: Tip | None = None

    @property
    def total(self) -> int:
        """KRW of all pieces."""
        return sum(piece.price for piece in self.pieces)

    @property
    def score(self) -> float:
        """``logit`` between 0 and 1."""
        return 1 / (1 + exp(-self.logit))


@dataclass(frozen=True)
class Obstacle:
    """Why there are fewer outfits than were asked for, and what would help most."""

    kind: ObstacleKind
    words: tuple[str, ...]
    """The vocabulary words that are in the way; empty for a budget or the stock."""
    found: int
    """Outfits there are."""
    relaxed: int
    """Outfits there were without the obstacle, as far as was looked (``SEARCHED`` at most)."""
    budget: int | None
    """KRW from which there would be enough; only of kind ``budget``."""
    ko: str
    en: str

    def text(self, language: Language) -> str:
        """Return the sentence."""
        return self.ko if language == "ko" else self.en


@dataclass(frozen=True)
class Recommendation:
    """Outfits, best and most different first."""

    outfits: tuple[Outfit, ...]
    why_few: Obstacle | None = None
    """Told where there are fewer than three, or than were asked for."""


def main_color(item: Item) -> str | None:
    """Return the basic colour of the largest part of a piece; None: no colour was seen."""
    return item.colors[0].basic if item.colors else None


@lru_cache(maxsize=_ITEMS)
def main_style(item: Item) -> str | None:
    """Return the likeliest style of a piece; None: not told."""
    return max(item.styles, key=lambda name: (item.styles[name], name)) if item.styles else None


def visible_colors(item: Item) -> frozenset[str]:
    """Return the basic colours that are seen on a piece."""
    shares: dict[str, float] = {}
    for color in item.colors:
        shares[color.basic] = shares.get(color.basic, 0.0) + color.share
    seen = {name for name, share in shares.items() if share >= VISIBLE_SHARE}
    return frozenset(seen | {color.basic for color in item.colors[:1]})


@lru_cache(maxsize=_ITEMS)
def styles_of(item: Item) -> frozenset[str]:
    """Return the styles that a piece has."""
    strong = {name for name, share in item.styles.items() if share >= STYLE_SHARE}
    return frozenset(strong | {name for name in (main_style(item),) if name})


@lru_cache(maxsize=_ITEMS)
def words_of(item: Item) -> frozenset[str]:
    """Return every vocabulary word that is true of a piece; none of them may be avoided."""
    family = FAMILY_OF[item.category]
    below = {"bottom"} if family in WORN_BELOW else set()
    pattern = {item.pattern} if item.pattern else set()
    kind = {item.category, family}
    return frozenset(kind | below | pattern) | visible_colors(item) | styles_of(item)


def traits(outfit: Outfit) -> tuple[Trait, ...]:
    """Return what liking or refusing an outfit says something about, each once."""
    found: list[Trait] = []
    for piece in outfit.pieces:
        found.append(("item", piece.category))
        color, style = main_color(piece), main_style(piece)
        found += [("color", color)] if color else []
        found += [("style", style)] if style else []
        found += [("pattern", piece.pattern)] if piece.pattern else []
    return tuple(dict.fromkeys(found))


def reasons(outfit: Outfit, language: Language) -> tuple[str, ...]:
    """Return why an outfit was chosen, the strongest first."""
    return tuple(reason.text(language) for reason in outfit.reasons)


def tip(outfit: Outfit, language: Language) -> str | None:
    """Return how to wear it; None: there is nothing to say."""
    if outfit.tip is None:
        return None
    return outfit.tip.ko if language == "ko" else outfit.tip.en


@dataclass(frozen=True)
class Situation:
    """What a look is for: where it is worn, and in what weather."""

    occasion: tuple[str, ...] = ()
    season: tuple[str, ...] = ()
    """Of the year: said, or today's where neither it nor the weather was."""
    weather: tuple[str, ...] = ()
    """How warm it is: said, or else told by the season, said or today's."""
    rain: bool = False
    assumed: bool = False
    """Nobody said the weather or the season: today's date tells both, and weighs less."""
