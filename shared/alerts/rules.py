"""A rule, and what it found: "beige trousers grow 30 % in 4 weeks with support 200"."""

from __future__ import annotations

import hashlib
import re
from datetime import date
from typing import Annotated, Any, Final, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from shared.contracts.vocabulary import (
    BASIC_COLORS,
    CATEGORIES,
    FAMILIES,
    PATTERNS,
    STYLES,
    label,
)

Weeks = Literal[1, 4, 52]
HORIZONS: Final[dict[int, str]] = {1: "growth_wow", 4: "growth_4w", 52: "growth_yoy"}
"""Last week against the one before; four weeks against the four before; against a year ago."""
SURE: Final = 0.05
"""A false discovery rate up to which a growth is more than chance."""
_ADDRESS: Final = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9.-]{1,190}")


def _one_of(*possible: str) -> AfterValidator:
    def check(value: str) -> str:
        if value not in possible:
            raise ValueError(f"choose one of {', '.join(possible)}")
        return value

    return AfterValidator(check)


def _webhook(value: str) -> str:
    if urlsplit(value).scheme not in ("http", "https") or not urlsplit(value).hostname:
        raise ValueError("write the address as https://host/path")
    return value


def _email(value: str) -> str:
    if not _ADDRESS.fullmatch(value):
        raise ValueError("write the address as name@host")
    return value


class Rule(BaseModel):
    """What is watched, from when on it is news, and who is told."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(min_length=1, max_length=80, pattern=r"^[^\x00-\x1f\x7f]+$")
    item: Annotated[str, _one_of(*CATEGORIES, *FAMILIES)] | None = Field(
        default=None, description="one of the 13 categories, or a family"
    )
    color: Annotated[str, _one_of(*BASIC_COLORS)] | None = Field(
        default=None, description="a basic colour"
    )
    pattern: Annotated[str, _one_of(*PATTERNS)] | None = None
    style: Annotated[str, _one_of(*STYLES)] | None = Field(
        default=None, description="only looks of this style"
    )
    source: str | None = Field(default=None, max_length=64, description="only this source")
    growth: float = Field(
        ge=-1,
        le=100,
        description="of the share: 0.3 is 30 % more, and news from there on; -0.3 is 30 % less",
    )
    weeks: Weeks = Field(
        default=4,
        description="1: the last whole week against the one before; 4: the last four against the "
        "four before; 52: the last four against the same a year ago",
    )
    support: int = Field(
        default=200, ge=20, le=10_000_000, description="looks in the weeks compared, at least"
    )
    surely: bool = Field(
        default=False, description="only what is more than chance: false discovery rate up to 5 %"
    )
    webhook: Annotated[str, AfterValidator(_webhook)] | None = Field(default=None, max_length=2000)
    email: Annotated[str, AfterValidator(_email)] | None = Field(default=None, max_length=254)
    language: Literal["ko", "en"] = "en"

    @model_validator(mode="after")
    def _check_whole(self) -> Rule:
        if not (self.item or self.color or self.pattern):
            raise ValueError("name at least one of item, color and pattern")
        if self.growth == 0:
            raise ValueError("growth is the change that is news, such as 0.3; it cannot be 0")
        return self

    @property
    def by(self) -> tuple[str, ...]:
        """The dimensions of the table whose row is watched."""
        item = "item" if self.item in CATEGORIES else "family"
        named = ((item, self.item), ("color", self.color), ("pattern", self.pattern))
        return tuple(name for name, value in named if value)

    @property
    def values(self) -> tuple[str, ...]:
        """The row's values, in the order of ``by``."""
        return tuple(value for value in (self.item, self.color, self.pattern) if value)

    def what(self, language: str) -> str:
        """Return what is watched, as people say it: "beige trousers"."""
        words = (self.style, self.pattern, self.color, self.item)
        told = " ".join(label(word, language) for word in words if word)
        return f"{told} ({self.source})" if self.source else told


class Finding(BaseModel):
    """What a rule found in the last whole week."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    week: date = Field(description="Monday of the last whole week")
    growth: float | None = Field(description="of the share; null: too few looks to say")
    low: float | None
    high: float | None = Field(description="95 % interval of the growth")
    q_value: float | None = Field(description="false discovery rate over all rows of the table")
    support: int = Field(description="looks in the weeks compared")
    share: float | None = Field(description="of all looks of the last whole week")
    stage: str | None

    def is_news(self, rule: Rule) -> bool:
        """Tell whether the rule's conditions are met."""
        if self.growth is None or self.support < rule.support:
            return False
        if rule.surely and (self.q_value is None or self.q_value > SURE):
            return False
        return self.growth >= rule.growth if rule.growth > 0 else self.growth <= rule.growth


class ViewQuery(BaseModel):
    """What ``GET /v1/trends`` is asked; unset fields are left out."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    by: str = Field(default="item,color", max_length=80, description="dimensions with commas")
    weeks: int = Field(default=12, ge=1, le=520)
    item: Annotated[str, _one_of(*CATEGORIES, *FAMILIES)] | None = None
    color: Annotated[str, _one_of(*BASIC_COLORS)] | None = None
    pattern: Annotated[str, _one_of(*PATTERNS)] | None = None
    style: str | None = Field(default=None, max_length=32)
    source: str | None = Field(default=None, max_length=64)
    market: str | None = Field(default=None, max_length=64)
    stage: str | None = Field(default=None, max_length=16)

    def parameters(self) -> dict[str, Any]:
        """Return the query string's parts."""
        return self.model_dump(exclude_none=True)


def event_id(rule_id: str, week: date) -> str:
    """Return the id of what a rule says of a week: the same at every try."""
    return hashlib.sha256(f"{rule_id} {week.isoformat()}".encode()).hexdigest()[:32]
