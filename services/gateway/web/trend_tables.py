"""What is worn in which colour in one week, and what with what: the tables of the trend page."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from math import ceil
from typing import Final

from services.gateway.domain import Language
from services.gateway.web.trend_address import Asked
from shared.contracts.vocabulary import BASIC_COLORS, CATEGORIES, label
from shared.records.trend_pairs import PairTable
from shared.trend_figures import TrendTable

HEATS: Final = 9


@dataclass(frozen=True)
class Heat:
    """One cell of the heat map."""

    text: str
    level: int
    """0 to ``HEATS``, of the largest share of the week."""
    name: str
    photos: str


@dataclass(frozen=True)
class HeatMap:
    """Item by colour, in one week."""

    week: date
    earlier: date | None
    later: date | None
    colors: tuple[tuple[str, str], ...]
    """Name and label."""
    rows: tuple[tuple[str, tuple[Heat, ...]], ...] = field(default=())


def heat_map(table: TrendTable, asked: Asked, language: Language) -> HeatMap:
    """Return the shares of a table by item and colour in one week of its window."""
    weeks = list(table.weeks)
    last = len(weeks) - 1 - (table.running and len(weeks) > 1)
    at = next((at for at, monday in enumerate(weeks) if monday.isoformat() == asked.week), last)
    looks = {row.values: row.looks[at] for row in table.rows}
    most = max([1, *looks.values()])
    items = [item for item in CATEGORIES if any(values[0] == item for values in looks)]
    colors = [color for color in BASIC_COLORS if any(values[1] == color for values in looks)]
    return HeatMap(
        week=weeks[at],
        earlier=weeks[at - 1] if at else None,
        later=weeks[at + 1] if at + 1 < len(weeks) else None,
        colors=tuple((color, label(color, language)) for color in colors),
        rows=tuple(
            (
                label(item, language),
                tuple(
                    _heat(
                        asked, {"item": item, "color": color}, looks.get((item, color), 0),
                        total=table.totals[at], most=most, week=weeks[at], language=language,
                    )
                    for color in colors
                ),
            )
            for item in items
        ),
    )  # fmt: skip


@dataclass(frozen=True)
class Together:
    """Two garments that are worn together."""

    one: str
    other: str
    looks: int
    lift: str
    low: str
    high: str


def together(table: PairTable, language: Language, *, most: int) -> list[Together]:
    """Return the pairs that are surely worn together more often than by chance."""
    sure = [pair for pair in table.pairs if pair.q_value <= 0.05 and pair.lift > 1]
    return [
        Together(
            one=label(pair.one[0], language),
            other=label(pair.other[0], language),
            looks=pair.looks,
            lift=f"{pair.lift:.1f}",
            low=f"{pair.interval[0]:.1f}",
            high=f"{pair.interval[1]:.1f}",
        )
        for pair in sure[:most]
    ]


def _heat(
    asked: Asked,
    named: dict[str, str],
    looks: int,
    *,
    total: int,
    most: int,
    week: date,
    language: Language,
) -> Heat:
    return Heat(
        text=f"{100 * looks / total:.1f}" if total and looks else "·",
        level=ceil(HEATS * looks / most),
        name=f"{label(named['color'], language)} {label(named['item'], language)}",
        photos=asked.photos(named, week, week),
    )
