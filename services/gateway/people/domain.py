"""What is known of a person, as the recommendations read it. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

Trait = tuple[str, str]
"""What a taste is about: kind (``style``, ``item``, ``color``, ``pattern``) and the word."""


@dataclass(frozen=True)
class Profile:
    """What is known of one person today. Empty and None: nothing is known."""

    tastes: Mapping[Trait, float] = field(default_factory=dict)
    """In [-1, 1]: dislikes to likes, already decayed to today."""
    avoid: frozenset[str] = frozenset()
    """Vocabulary words that must not appear."""
    gender: str | None = None
    budget: int | None = None
    """KRW for a look."""
    seasons: Mapping[str, float] = field(default_factory=dict)
    """Personal colour: probability of each of the four seasons; they add up to 1."""
