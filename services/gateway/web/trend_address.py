"""What a trend page's address asks for, and what its filters offer; no request, no database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final
from urllib.parse import urlencode

from services.gateway.domain import Language
from shared.contracts.vocabulary import BASIC_COLORS, CATEGORIES, STYLES, label
from shared.errors import UsageError
from shared.records.trend_queries import TrendQuery, check, parse_dimensions

BYS: Final = ("item,color", "item", "color", "family", "style", "pattern", "source")
WEEKS: Final = (4, 12, 26, 52, 104)
_FIELDS: Final = ("by", "weeks", "item", "color", "style", "source")


@dataclass(frozen=True)
class Asked:
    """What a trend page's address asks for."""

    by: str = "item,color"
    weeks: int = 12
    item: str | None = None
    color: str | None = None
    style: str | None = None
    source: str | None = None
    week: str | None = None
    """Monday of the heat map; None: the last whole one."""

    @property
    def query(self) -> TrendQuery:
        """The question to the trend table; UsageError where it cannot be asked."""
        return TrendQuery(
            by=parse_dimensions(self.by),
            weeks=self.weeks,
            item=check("item", self.item),
            color=check("color", self.color),
            style=check("style", self.style),
            source=self.source,
        )

    @property
    def cut(self) -> dict[str, str]:
        """Which looks and rows are looked at."""
        given = {name: getattr(self, name) for name in ("item", "color", "style", "source")}
        return {name: value for name, value in given.items() if value}

    @property
    def parameters(self) -> str:
        """The question to the API, in full."""
        given = {name: getattr(self, name) for name in _FIELDS}
        return urlencode({name: value for name, value in given.items() if value})

    def photos(self, cell: Mapping[str, str], first: date, last: date) -> str:
        """Return the query of ``/v1/trends/photos``: a cell, from one Monday to another."""
        named = {("item" if name == "family" else name): value for name, value in cell.items()}
        period = {"since": first.isoformat(), "until": last.isoformat()}
        return urlencode(period | self.cut | named)


def asked_of(parameters: Mapping[str, str]) -> Asked:
    """Return what an address asks for; UsageError where it makes no sense."""
    given = {name: value for name, value in parameters.items() if name in _FIELDS and value}
    weeks = given.pop("weeks", "12")
    if not weeks.isdecimal() or not 1 <= int(weeks) <= 520:
        raise UsageError(
            f"{weeks!r} is no number of weeks from 1 to 520",
            text_ko=f"{weeks!r}: 1에서 520 사이의 주 수가 아닙니다",
            reason="bad_weeks",
        )
    asked = Asked(weeks=int(weeks), week=parameters.get("week") or None, **given)
    return asked if asked.query else Asked()


def choices(language: Language, sources: Sequence[str]) -> dict[str, list[tuple[str, str]]]:
    """Return what each filter offers: value and label."""
    named = {"item": CATEGORIES, "color": BASIC_COLORS, "style": STYLES}
    told = {
        name: [(value, label(value, language)) for value in values]
        for name, values in named.items()
    }
    return told | {"source": [(source, source) for source in sources]}
