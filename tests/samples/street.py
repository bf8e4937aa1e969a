"""A street that was counted for two years: some colours and garments rise, others fall.

Every level that the chat asks for is filled: items, families, colours, patterns, styles, and
items and families in each colour and pattern.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import product
from typing import Any, Final

from sqlalchemy import insert
from sqlalchemy.orm import Session

from shared.contracts.vocabulary import ALL, FAMILY_OF
from shared.records.trends import Cell, TrendWeek

WEEKS: Final = 110
_ITEMS: Final = {
    "long_sleeved_shirt": 30, "short_sleeved_shirt": 22, "long_sleeved_outwear": 26,
    "trousers": 40, "skirt": 24, "long_sleeved_dress": 12,
}  # fmt: skip
_COLORS: Final = {"black": 1.0, "white": 0.9, "beige": 0.5, "navy": 0.6, "pink": 0.3}
_PATTERNS: Final = {"solid": 0.8, "striped": 0.15, "floral": 0.05}
_STYLES: Final = {"casual": 0.5, "minimal": 0.3, "street": 0.2}
_GROWING: Final = {"beige": 2.0, "pink": 0.45}
"""By how much the share of the last four weeks differs from before."""


def fill(session: Session, *, last: date) -> None:
    """Write the cells of ``WEEKS`` whole weeks, the last one that of the Monday ``last``."""
    weeks = [last - timedelta(weeks=back) for back in range(WEEKS - 1, -1, -1)]
    session.execute(insert(TrendWeek), [{"week": week, "version": 1} for week in weeks])
    for at, week in enumerate(weeks):
        session.execute(insert(Cell), list(_cells(week, recent=at >= WEEKS - 4, at=at)))


def _cells(week: date, *, recent: bool, at: int) -> Iterator[dict[str, Any]]:
    for style, part in _STYLES.items():
        sums: dict[tuple[str, str, str], int] = {}
        for item, color, pattern in product(_ITEMS, _COLORS, _PATTERNS):
            weight = _ITEMS[item] * _COLORS[color] * _PATTERNS[pattern] * part
            growth = _GROWING.get(color, 1.0) if recent else 1.0
            looks = round(3 * weight * growth) + (at + len(item)) % 2
            family = FAMILY_OF[item]
            names = {item, family, ALL}
            for cell in product((ALL, pattern), names, (ALL, color)):
                sums[cell] = sums.get(cell, 0) + looks
        for (pattern, item, color), looks in sums.items():
            yield {
                "week": week, "pattern": pattern, "item": item, "color": color,
                "style": style, "source": "street", "looks": looks,
            }  # fmt: skip
