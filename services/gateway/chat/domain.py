"""What a message says: the form in which the rules and a language model both answer. Pure."""

from __future__ import annotations

from datetime import date
from typing import Any, Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from shared.contracts.vocabulary import (
    BASIC_COLORS,
    CATEGORIES,
    FAMILIES,
    GENDERS,
    OCCASIONS,
    PATTERNS,
    SEASONS,
    STYLES,
    WEATHERS,
)

Language = Literal["ko", "en"]
Intent = Literal[
    "trend_query",
    "recommend",
    "generate",
    "refine",
    "answer",
    "personal_color",
    "similar",
    "preferences",
    "greeting",
    "help",
    "reset",
    "out_of_scope",
]

_ITEMS: Final = (*CATEGORIES, *(name for name in FAMILIES if name not in CATEGORIES), "bottom")
VALUES: Final[dict[str, tuple[str, ...]]] = {
    "style": STYLES,
    "item": _ITEMS,
    "color": BASIC_COLORS,
    "season": SEASONS,
    "occasion": OCCASIONS,
    "gender": GENDERS,
    "personal_color": SEASONS,
    "pattern": PATTERNS,
    "weather": WEATHERS,
}
"""Which words each slot of words may hold; ``budget`` is a number, ``avoid`` holds any of these."""

AVOIDABLE: Final = frozenset((*STYLES, *_ITEMS, *BASIC_COLORS, *PATTERNS))


class Slots(BaseModel):
    """What a message, or a whole conversation, asks for. Empty and None: nothing was said."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    style: tuple[str, ...] = ()
    item: tuple[str, ...] = ()
    color: tuple[str, ...] = ()
    season: tuple[str, ...] = ()
    occasion: tuple[str, ...] = ()
    gender: tuple[str, ...] = ()
    personal_color: tuple[str, ...] = ()
    pattern: tuple[str, ...] = ()
    weather: tuple[str, ...] = ()
    budget: int | None = Field(default=None, ge=0, description="at most so many KRW for a look")
    avoid: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _in_vocabulary(self) -> Self:
        for name, allowed in VALUES.items():
            for value in getattr(self, name):
                if value not in allowed:
                    raise ValueError(f"{name}: {value!r} is none of {', '.join(allowed)}")
        for value in self.avoid:
            if value not in AVOIDABLE:
                raise ValueError(f"avoid: {value!r} is no word that can be avoided")
        return self

    def wire(self) -> dict[str, Any]:
        """Return what was said, as clients see it: one value as a word, several as a list.

        ``avoid`` is always a list, ``budget`` a number.
        """
        said: dict[str, Any] = {}
        for name in VALUES:
            values = getattr(self, name)
            if values:
                said[name] = values[0] if len(values) == 1 else list(values)
        if self.budget is not None:
            said["budget"] = self.budget
        if self.avoid:
            said["avoid"] = list(self.avoid)
        return said


class Period(BaseModel):
    """A stretch of time that a message names; both days belong to it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    since: date
    until: date


class Understood(BaseModel):
    """What one message says."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    intent: Intent
    slots: Slots = Slots()
    language: Language
    period: Period | None = None
    compared_with: Period | None = None
    confidence: float = Field(default=1.0, ge=0, le=1)
    by: Literal["rules", "llm"] = "rules"
