"""Outfits for one person and wish. Pure: the same of all four and the seed give the same looks."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from itertools import chain, combinations
from typing import Final

import numpy as np

from services.gateway.catalog.domain import Catalog
from services.gateway.chat.domain import Slots
from services.gateway.people.domain import Profile
from services.gateway.recommend import outfit_ids
from services.gateway.recommend.diversity import choose
from services.gateway.recommend.domain import (
    SLOTS,
    Obstacle,
    Outfit,
    Part,
    Recommendation,
    Situation,
    words_of,
)
from services.gateway.recommend.features import NONE, Features, Floats, Ints, features_of
from services.gateway.recommend.matching import together
from services.gateway.recommend.obstacles import Search, obstacle
from services.gateway.recommend.reasoning import Brief, harmony_name, reasons_for
from services.gateway.recommend.remembering import key_of, remembered
from services.gateway.recommend.rules import bare, situation_of, tip_for
from services.gateway.recommend.scoring import ENOUGH, Unary, luck, unary
from services.gateway.recommend.search import Hunt, Pool, search
from services.gateway.recommend.trending import TrendEvidence
from services.gateway.recommend.wishes import Constraint, Limits, allowed, asks, kept

FEW: Final = 3
"""Where there are fewer outfits than this, and than were asked for, it is said why."""

VARIETIES: Final = 64
"""Seeds that give different looks: so many strangers with one wish need not be searched for."""

_STRANGER: Final = 0.6
_KNOWN: Final = 0.9
"""How much quality counts against difference: who is not known yet sees looks that differ more."""

_ORDER: Final = (2, 3, 0, 1)
"""Outerwear, dress, top, bottom: places in ``SLOTS``."""


def recommend(
    catalog: Catalog,
    wanted: Slots,
    profile: Profile,
    trend: TrendEvidence,
    *,
    today: date,
    limit: int = 3,
    seed: int = 0,
    seen: Collection[str] = (),
    keep: Collection[str] = (),
) -> Recommendation:
    """Return up to ``limit`` outfits that hold every limit, best and most different first.

    ``seen``: ids of outfits shown before; they are not shown again, and their pieces rather not.
    ``keep``: ids of items that every look must have, as where one piece of a look is changed.
    ``seed``: there are ``VARIETIES`` different ones; the next repeats the first.
    """
    wish = Request(
        features=features_of(catalog),
        wanted=wanted,
        profile=profile,
        trend=trend,
        situation=situation_of(wanted, today),
        seed=seed % VARIETIES,
        keep=tuple(keep),
    )
    lately = remembered(wish.features)
    key = key_of(profile, wanted, wish.situation, wish.seed, limit, tuple(seen), wish.keep)
    found = lately.recall(key, trend)
    if found is None:
        found = _recommend(wish, limit=limit, seen=seen)
        lately.keep(key, trend, found)
    return found


def _recommend(wish: Request, *, limit: int, seen: Collection[str]) -> Recommendation:
    pool, places = _unseen(wish, wish.pool(), seen)
    known = min(1.0, sum(map(abs, wish.profile.tastes.values())) / ENOUGH)
    rows = choose(
        pool,
        wish.features,
        limit=limit,
        balance=_STRANGER + (_KNOWN - _STRANGER) * known,
        seen=places,
    )
    outfits = tuple(_outfit(wish, pool.places[row]) for row in rows)
    return Recommendation(outfits, wish.why_few(len(outfits), min(FEW, limit)))


@dataclass(frozen=True, eq=False)
class Request:
    """One recommendation under way."""

    features: Features
    wanted: Slots
    profile: Profile
    trend: TrendEvidence
    situation: Situation
    seed: int
    keep: tuple[str, ...]

    @cached_property
    def limits(self) -> Limits:
        return Limits.of(self.wanted, self.profile)

    @cached_property
    def _valued(self) -> tuple[Unary, np.ndarray]:
        return unary(
            self.features,
            self.wanted,
            self.profile,
            trend=self.trend,
            situation=self.situation,
            asked=asks(self.features, self.wanted),
        )

    @property
    def unary(self) -> Unary:
        return self._valued[0]

    def hunt(self, dropped: frozenset[Constraint] = frozenset(), spared: str | None = None) -> Hunt:
        """Return what is searched for, without the limits dropped and the avoided word spared."""
        never = self._valued[1]
        staying, free = kept(self.features, self.keep)
        good = allowed(
            self.features, self.limits, self.wanted, never=never, dropped=dropped, spared=spared
        )
        return Hunt(
            features=self.features,
            allowed=good & free,
            asked=[*asks(self.features, self.wanted, dropped), *staying],
            unary=self.unary.total + luck(self.features, self.profile, self.seed),
            bare=bare(self.situation),
            budget=None if "budget" in dropped else self.limits.budget,
        )

    def pool(self) -> Pool:
        return search(self.hunt())

    def why_few(self, found: int, enough: int) -> Obstacle | None:
        """Return what is in the way where ``found`` outfits are not ``enough``."""
        if found >= enough:
            return None
        return obstacle(
            Search(self.features, self.wanted, self.limits, self.situation, self.hunt),
            found=found,
            enough=enough,
        )

    def parts(self, places: Ints) -> dict[Part, float]:
        """Return what speaks for a look, part by part."""
        worn = places[places != NONE]
        means = self.unary.told[:, worn].mean(1).tolist()
        parts: dict[Part, float] = dict(zip(self.unary.parts, means, strict=True))
        fits = together(self.features, worn, worn)
        pairs = list(combinations(range(len(worn)), 2))
        said: dict[Part, Floats] = {
            "harmony": fits.harmony, "coherence": fits.coherence, "patterns": fits.patterns,
        }  # fmt: skip
        for name, told in said.items():
            parts[name] = sum(float(told[pair]) for pair in pairs) / max(1, len(pairs))
        if places[SLOTS.index("outer")] == NONE:
            parts["rules"] += bare(self.situation)
        return parts


def _unseen(wish: Request, pool: Pool, seen: Collection[str]) -> tuple[Pool, list[int]]:
    """Return the looks not shown before, and the places of the items that were."""
    if not seen:
        return pool, []
    features = wish.features
    looks = outfit_ids.known_looks(seen, features)
    shown = [look.number for look in looks if look.number is not None]
    fresh = ~np.isin(outfit_ids.numbers(pool.places, features), shown)
    at = sorted(set(chain(*(look.places for look in looks))))
    return Pool(pool.places[fresh], pool.value[fresh]), at


def _outfit(wish: Request, places: Ints) -> Outfit:
    items = wish.features.items
    worn = [int(places[at]) for at in _ORDER if places[at] != NONE]
    pieces = tuple(items[at] for at in worn)
    parts = wish.parts(places)
    brief = Brief(
        wanted=wish.wanted,
        profile=wish.profile,
        trend=wish.trend,
        situation=wish.situation,
        budget=wish.limits.budget,
        fits=wish.features.seasons[worn],
    )
    outfit = Outfit(
        outfit_id=outfit_ids.outfit_id_of(pieces),
        pieces=pieces,
        logit=sum(parts.values()),
        parts=parts,
        reasons=reasons_for(pieces, brief),
    )
    words = frozenset().union(*(words_of(piece) for piece in pieces))
    return replace(outfit, tip=tip_for(words, wish.situation, harmony_name(pieces)))
