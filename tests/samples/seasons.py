"""A database with two and a half years of made-up weekly counts: seasons, a rise, a fall."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from typing import Final

import numpy as np
from sqlalchemy import insert
from sqlalchemy.orm import Session

from shared.contracts.vocabulary import ALL
from shared.records.trends import Cell, HarmonyCell, PairCell, TrendWeek

LAST: Final = date(2026, 2, 16)
"""The Monday of the last week that has looks."""

RISES: Final = ("trousers", "beige")
FALLS: Final = ("skirt", "pink")
SOURCES: Final = ("거리 사진", "instagram", "mastodon")
_CELLS: Final = {
    ("trousers", "black"): (0.16, 0.00),
    ("trousers", "navy"): (0.10, 0.05),
    RISES: (0.04, 0.00),
    ("long_sleeved_outwear", "gray"): (0.11, 0.60),
    ("long_sleeved_outwear", "beige"): (0.09, 0.55),
    ("short_sleeved_shirt", "white"): (0.12, -0.60),
    ("long_sleeved_shirt", "white"): (0.09, 0.20),
    ("long_sleeved_shirt", "blue"): (0.05, 0.10),
    ("short_sleeved_dress", "red"): (0.03, -0.50),
    ("shorts", "blue"): (0.05, -0.80),
    FALLS: (0.05, 0.00),
    ("skirt", "black"): (0.06, 0.10),
    ("vest", "yellow_green"): (0.01, -0.30),
    ("trousers", "brown"): (0.03, 0.20),
}
"""Share of looks, and how much more in winter."""

Key = tuple[date, str, str, str]


def fill(session: Session, *, weeks: int = 130, looks: int = 900, last: date = LAST) -> None:
    """Write the counts of ``weeks`` weeks of about ``looks`` looks each."""
    random = np.random.default_rng(2)
    counts: Counter[Key] = Counter()
    pairs: Counter[tuple[date, str]] = Counter()
    for back in range(weeks - 1, -1, -1):
        week = last - timedelta(weeks=back)
        for source, part in zip(SOURCES, (0.5, 0.3, 0.2), strict=True):
            total = int(looks * part)
            counts[week, ALL, ALL, source] = total
            for (item, color), (share, winter) in _CELLS.items():
                expected = share * _season(week, winter) * _turn((item, color), back)
                number = int(random.binomial(total, min(expected, 0.9)))
                for key in ((item, color), (item, ALL), (ALL, color)):
                    counts[week, *key, source] += number
            pairs[week, source] = int(total * 0.05)
        session.add(TrendWeek(week=week, version=1))
    _write(session, counts, pairs)


def _season(week: date, winter: float) -> float:
    return 1 + winter * float(np.cos(2 * np.pi * week.timetuple().tm_yday / 365))


def _turn(cell: tuple[str, str], back: int) -> float:
    """What was planted: over the last six weeks one cell doubles and one halves."""
    lately = max(0, 6 - back) / 6
    return {RISES: 1 + lately, FALLS: 1 - 0.5 * lately}.get(cell, 1.0)


def _write(session: Session, counts: Counter[Key], pairs: Counter[tuple[date, str]]) -> None:
    session.execute(
        insert(Cell),
        [
            {"week": week, "pattern": ALL, "item": item, "color": color, "style": "casual",
             "source": source, "looks": number}
            for (week, item, color, source), number in counts.items()
        ],
    )  # fmt: skip
    sides = (
        (("long_sleeved_outwear", "beige"), ("trousers", "navy")),
        (("long_sleeved_outwear", ALL), ("trousers", ALL)),
    )
    session.execute(
        insert(PairCell),
        [
            {"week": week, "item": one[0], "color": one[1], "other_item": other[0],
             "other_color": other[1], "source": source, "looks": number}
            for (week, source), number in pairs.items() for one, other in sides
        ],
    )  # fmt: skip
    harmonies = (("neutral", 6), ("neutral_accent", 3), ("analogous", 1))
    session.execute(
        insert(HarmonyCell),
        [
            {"week": week, "harmony": harmony, "style": "casual", "source": source,
             "looks": number * part}
            for (week, source), number in pairs.items() for harmony, part in harmonies
        ],
    )  # fmt: skip
