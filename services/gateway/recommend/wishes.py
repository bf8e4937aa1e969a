"""What must be so: what is asked for is in the look, what is avoided is not. Pure."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from services.gateway.chat.domain import Slots
from services.gateway.people.domain import Profile
from services.gateway.recommend.features import Bools, Features
from shared.contracts.vocabulary import BASIC_COLORS, GENDERS

Constraint = Literal["stock", "avoid", "gender", "rules", "budget", "item", "color", "pattern"]

_NOT_FOR_MEN: Final = ("dress", "skirt", "sling")
"""Kept from men where the shop does not call it men's and nobody asked for it."""


@dataclass(frozen=True)
class Limits:
    """What a person and this wish hold together; what holds for once comes first."""

    avoid: frozenset[str]
    genders: tuple[str, ...]
    budget: int | None

    @staticmethod
    def of(wanted: Slots, profile: Profile) -> Limits:
        """Return the limits; what is avoided for once is avoided beside what always is."""
        genders = wanted.gender or ((profile.gender,) if profile.gender else ())
        budget = wanted.budget if wanted.budget is not None else profile.budget
        return Limits(
            avoid=frozenset(wanted.avoid) | profile.avoid,
            genders=() if "any" in genders else genders,
            budget=budget,
        )


@dataclass(frozen=True, eq=False)
class Ask:
    """One thing that a piece of the look must be."""

    mask: Bools
    """(n,): the items that are."""


def asks(
    features: Features, wanted: Slots, dropped: frozenset[Constraint] = frozenset()
) -> list[Ask]:
    """Return what pieces of the look must be.

    Where an item is named, one piece must be that item, in the colour and pattern named; else
    one piece must have the colour, and one, maybe another, the pattern. Alternatives each will do.
    """
    parts: dict[Constraint, Bools] = {}
    if wanted.item and "item" not in dropped:
        parts["item"] = features.having(wanted.item)
    if wanted.color and "color" not in dropped:
        parts["color"] = np.isin(features.color, [BASIC_COLORS.index(c) for c in wanted.color])
    if wanted.pattern and "pattern" not in dropped:
        parts["pattern"] = features.having(wanted.pattern)
    if "item" in parts:
        return [Ask(np.logical_and.reduce(list(parts.values())))]
    return [Ask(mask) for mask in parts.values()]


def allowed(
    features: Features,
    limits: Limits,
    wanted: Slots,
    *,
    never: Bools,
    dropped: frozenset[Constraint] = frozenset(),
    spared: str | None = None,
) -> Bools:
    """Return (n,): the items that may be in the look at all.

    ``never``: what the rules keep out; it stays where exactly that kind of piece is asked for.
    ``spared``: a word that is avoided and shall not be for now.
    """
    found = np.ones(len(features.items), bool)
    named = features.having(wanted.item)
    if "stock" not in dropped:
        found &= features.available
    if "avoid" not in dropped:
        avoid = limits.avoid - {spared}
        found &= ~(features.having(avoid) | features.named(avoid))
    if "gender" not in dropped:
        found &= _for(features, limits, named)
    if "rules" not in dropped:
        found &= ~never | named
    if limits.budget is not None and "budget" not in dropped:
        found &= features.price <= limits.budget
    return found


def kept(features: Features, keep: Collection[str]) -> tuple[list[Ask], Bools]:
    """Return what asks for the pieces that stay, and (n,): the items that leave them their place.

    ``keep``: item ids; one that is not there is asked for in vain.
    """
    free = np.ones(len(features.items), bool)
    found = []
    for item_id in keep:
        mask = np.array([item.item_id == item_id for item in features.items], bool)
        free &= mask | ~np.isin(features.slot, features.slot[mask])
        found.append(Ask(mask))
    return found, free


def _for(features: Features, limits: Limits, named: Bools) -> Bools:
    if not limits.genders:
        return np.ones(len(features.items), bool)
    places = [GENDERS.index(name) for name in (*limits.genders, "any")]
    found = np.isin(features.gender, places)
    if limits.genders == ("men",):
        theirs = features.gender == GENDERS.index("men")
        found &= ~features.having(_NOT_FOR_MEN) | theirs | named
    return found
