"""What the trend says of pieces, from the very tables that ``GET /v1/trends`` shows. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from math import log1p
from typing import Final

import numpy as np

from services.gateway.recommend.domain import Cited
from services.gateway.recommend.features import NONE, Features, Floats
from shared.contracts.vocabulary import BASIC_COLORS, CATEGORIES
from shared.trend_figures import TrendRow, TrendTable, whole_weeks
from shared.trend_outlook import Growth

WEEKS: Final = 12
"""Weeks of the tables: what ``GET /v1/trends`` shows where nothing else is asked for."""

TABLES: Final = (("item", "color"), ("item",), ("color",))
"""What the tables are told by."""

COUNTED_WEEKS: Final = 4
"""Whole weeks whose looks are counted, and whose growth is told."""

_STRONGEST: Final = 0.7
"""Growth, as a logarithm, that counts as much as growth can: about twice the share."""
_LEVEL: Final = 0.3
"""Part of the trend that is how much it is worn at all; the rest is growth."""
_DIGITS: Final = 6


@dataclass(frozen=True, eq=False)
class Seen:
    """One row of a trend table, as far as reasons cite it."""

    series: Mapping[str, str]
    weeks: tuple[date, ...]
    """Mondays of the whole weeks counted, oldest first."""
    looks: int
    growth: Growth | None

    @property
    def rises(self) -> bool:
        """The share grew, and chance alone would rarely do this."""
        return self.growth is not None and self.growth.low > 0

    def cite_looks(self) -> Cited:
        """Return the count as it is cited."""
        return Cited(self.series, "looks", self.weeks, self.looks)

    def cite_growth(self) -> Cited:
        """Return the growth as it is cited; there must be one."""
        growth = self.growth
        assert growth is not None  # noqa: S101 - who cites it has looked
        high = None if growth.high is None else round(growth.high, _DIGITS)
        value, low = round(growth.value, _DIGITS), round(growth.low, _DIGITS)
        return Cited(self.series, "growth_4w", self.weeks, value, low, high)


@dataclass(frozen=True, eq=False)
class TrendEvidence:
    """The tables of all looks, by item and colour, by item, by colour, as of one day."""

    tables: Mapping[tuple[str, ...], TrendTable]
    today: date

    def seen(self, **values: str) -> Seen | None:
        """Return the row of ``item`` and ``color``, or of one of them; None: not worn lately."""
        key = (tuple(values), tuple(values.values()))
        if key not in self._seen:
            self._seen[key] = self._look_up(*key)
        return self._seen[key]

    def _look_up(self, by: tuple[str, ...], words: tuple[str, ...]) -> Seen | None:
        table = self.tables.get(by)
        row = self._rows.get((by, words))
        if table is None or row is None:
            return None
        weeks = tuple(whole_weeks(table.weeks, self.today)[-COUNTED_WEEKS:])
        counted = dict(zip(table.weeks, row.looks, strict=True))
        looks = sum(counted[week] for week in weeks)
        if not looks:
            return None
        return Seen(dict(zip(by, words, strict=True)), weeks, looks, row.figures.growth_4w)

    def is_recent(self, seen: Seen) -> bool:
        """Tell whether its weeks ended lately, so that one may say "the last four weeks"."""
        return self.today - (seen.weeks[-1] + timedelta(weeks=1)) <= timedelta(days=8)

    @cached_property
    def strength(self) -> Floats:
        """Return (14, 17): what the trend speaks for an item of a colour, in [-1, 1].

        Growth counts by the end of its interval that is nearer to none, so that uncertain growth
        counts little. Where an item of a colour is too rare to tell, half of what its item and
        its colour do is taken. The last row and column are for what is not known.
        """
        grown = self._grown()
        worn = self._worn()
        return np.asarray(np.clip((1 - _LEVEL) * grown + _LEVEL * worn, -1, 1))

    @cached_property
    def _seen(self) -> dict[tuple[tuple[str, ...], tuple[str, ...]], Seen | None]:
        """What was looked up; there are no more keys than the vocabulary has words and pairs."""
        return {}

    @cached_property
    def _rows(self) -> dict[tuple[tuple[str, ...], tuple[str, ...]], TrendRow]:
        return {(by, row.values): row for by, table in self.tables.items() for row in table.rows}

    def _grown(self) -> Floats:
        items: Floats = np.array([self._bound(item=item) or 0.0 for item in CATEGORIES] + [0.0])
        colors = np.array([self._bound(color=color) or 0.0 for color in BASIC_COLORS] + [0.0])
        grown: Floats = (items[:, None] + colors) / 4
        for at, item in enumerate(CATEGORIES):
            for place, color in enumerate(BASIC_COLORS):
                bound = self._bound(item=item, color=color)
                if bound is not None:
                    grown[at, place] = bound
        return grown

    def _bound(self, **values: str) -> float | None:
        seen = self.seen(**values)
        if seen is None or seen.growth is None:
            return None
        growth = seen.growth
        if growth.low > 0:
            return min(1.0, log1p(growth.low) / _STRONGEST)
        if growth.high is not None and growth.high < 0:
            return max(-1.0, log1p(max(growth.high, -0.99)) / _STRONGEST)
        return 0.0

    def _worn(self) -> Floats:
        """Return (14, 17) in [-1, 1]: the logarithm of looks against the most worn of an item."""
        looks = np.zeros((len(CATEGORIES) + 1, len(BASIC_COLORS) + 1))
        for at, item in enumerate(CATEGORIES):
            for place, color in enumerate(BASIC_COLORS):
                seen = self.seen(item=item, color=color)
                looks[at, place] = seen.looks if seen else 0
        most = np.log1p(looks).max(1, keepdims=True)
        part = np.divide(np.log1p(looks), most, out=np.full_like(looks, 0.5), where=most > 0)
        part[:, -1] = 0.5
        return np.asarray(2 * part - 1)


def trend_strength(features: Features, evidence: TrendEvidence) -> Floats:
    """Return (n,) in [-1, 1]: what the trend speaks for each item."""
    assert NONE == -1  # noqa: S101 - the strength's last column stands for it
    return evidence.strength[features.category, features.color]
