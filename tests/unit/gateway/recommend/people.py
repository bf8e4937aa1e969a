"""Random people and wishes, by a seed."""

from __future__ import annotations

import random

from services.gateway.chat.domain import AVOIDABLE, VALUES, Slots
from services.gateway.people.domain import Profile
from shared.contracts.vocabulary import BASIC_COLORS, CATEGORIES, PATTERNS, SEASONS, STYLES

_TRAITS = [
    (kind, word)
    for kind, words in (
        ("style", STYLES), ("item", CATEGORIES), ("color", BASIC_COLORS), ("pattern", PATTERNS),
    )
    for word in words
]  # fmt: skip


def random_person(dice: random.Random) -> Profile:
    """Return somebody of whom more or less is known."""
    tastes = {trait: dice.uniform(-1, 1) for trait in dice.sample(_TRAITS, dice.randrange(12))}
    season = dice.choice((None, *SEASONS))
    return Profile(
        tastes=tastes,
        avoid=frozenset(dice.sample(sorted(AVOIDABLE), dice.choice((0, 1, 2, 3, 5)))),
        gender=dice.choice((None, "women", "men", "any")),
        budget=dice.choice((None, None, 60_000, 100_000, 200_000, 400_000)),
        seasons={name: 0.7 if name == season else 0.1 for name in SEASONS} if season else {},
    )


def random_wish(dice: random.Random) -> Slots:
    """Return what somebody asks for: mostly little."""
    said: dict[str, object] = {}
    for name, odds in (
        ("style", 0.3), ("item", 0.25), ("color", 0.15), ("season", 0.2), ("occasion", 0.4),
        ("gender", 0.1), ("personal_color", 0.1), ("pattern", 0.08), ("weather", 0.25),
    ):  # fmt: skip
        if dice.random() < odds:
            said[name] = tuple(dice.sample(VALUES[name], dice.choice((1, 1, 1, 2))))
    if dice.random() < 0.2:
        said["budget"] = dice.choice((0, 30_000, 80_000, 150_000, 300_000))
    if dice.random() < 0.3:
        said["avoid"] = tuple(dice.sample(sorted(AVOIDABLE), dice.choice((1, 2))))
    return Slots(**said)  # type: ignore[arg-type]
