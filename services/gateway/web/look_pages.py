"""What the lookbook's page shows before its script runs; no request, no database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Final
from urllib.parse import urlencode

from services.gateway.domain import Language
from shared.contracts.vocabulary import (
    BASIC_COLORS,
    CATEGORIES,
    GROUPS,
    PATTERNS,
    STYLES,
    label,
)
from shared.errors import UsageError
from shared.records.trend_queries import check

WEEKS: Final = (4, 12, 26, 52, 104, 520)
_CHECKED: Final = ("item", "color", "pattern", "style")


@dataclass(frozen=True)
class AskedLooks:
    """What a lookbook's address asks for."""

    kind: str = "street"
    item: str | None = None
    color: str | None = None
    pattern: str | None = None
    style: str | None = None
    source: str | None = None
    weeks: int = 52
    week: str | None = None
    like: str | None = None
    """A look's id: only looks that are dressed like it."""

    @property
    def parameters(self) -> str:
        """The question to the API."""
        given = {field.name: getattr(self, field.name) for field in fields(self)}
        return urlencode({name: value for name, value in given.items() if value is not None})


def asked_looks(parameters: Mapping[str, str]) -> AskedLooks:
    """Return what an address asks for; UsageError where it makes no sense."""
    names = {field.name for field in fields(AskedLooks)}
    given = {name: value for name, value in parameters.items() if name in names and value}
    weeks = given.pop("weeks", "52")
    if not weeks.isdecimal() or not 1 <= int(weeks) <= WEEKS[-1]:
        raise UsageError(
            f"{weeks!r} is no number of weeks from 1 to 520",
            text_ko=f"{weeks!r}: 1에서 520 사이의 주 수가 아닙니다",
            reason="bad_weeks",
        )
    if given.get("like"):
        given["kind"] = "street"
    if given.get("kind") == "drawn":
        given.pop("source", None)
    elif given.get("kind", "street") != "street":
        raise UsageError(
            f"{given['kind']!r} is no kind of look; choose street or drawn",
            text_ko=f"{given['kind']!r}: 없는 종류입니다. street와 drawn 중에서 고르세요",
            reason="unknown_kind",
        )
    for name in _CHECKED:
        check(name, given.get(name))
    return AskedLooks(weeks=int(weeks), **given)


def choices(
    asked: AskedLooks, language: Language, sources: Sequence[str]
) -> dict[str, list[tuple[str, str]]]:
    """Return what each filter offers: value and label; a drawing has no source."""
    named = {
        "item": (*GROUPS, *CATEGORIES),
        "color": BASIC_COLORS,
        "pattern": PATTERNS,
        "style": STYLES,
    }
    offered = {
        name: [(value, label(value, language)) for value in values]
        for name, values in named.items()
    }
    if asked.kind == "street":
        offered["source"] = [(source, source) for source in sources]
    return offered


def chosen(asked: AskedLooks, language: Language) -> list[tuple[str, str]]:
    """Return the filters that are set: name and what is told of each."""
    named = [(name, getattr(asked, name)) for name in _CHECKED]
    told = [(name, label(value, language)) for name, value in named if value]
    plain = [(name, getattr(asked, name)) for name in ("source", "week")]
    return told + [(name, value) for name, value in plain if value]
