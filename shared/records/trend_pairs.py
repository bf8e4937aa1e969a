"""Reading what is worn with what, and how colours go together: only rollups are touched."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

import numpy as np
from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from shared.analytics.harmony import HARMONIES
from shared.analytics.movement import HISTORY
from shared.analytics.pairs import MIN_LOOKS, lifts
from shared.contracts.vocabulary import ALL
from shared.records.trend_queries import TrendQuery, looks_of, monday
from shared.records.trends import Cell, HarmonyCell, PairCell
from shared.trend_figures import History, TrendTable, tabulate, window

_WEEK: Final = timedelta(weeks=1)
Side = tuple[str, str]
"""Item and colour; the colour may be ALL."""


@dataclass(frozen=True)
class Pair:
    """Two garments worn together."""

    one: Side
    other: Side
    looks: int
    share: float
    confidence: float
    lift: float
    interval: tuple[float, float]
    q_value: float


@dataclass(frozen=True)
class PairTable:
    """Pairs of a window, the strongest first: by lift's lower bound, then by looks and names."""

    weeks: tuple[date, ...]
    looks: int
    pairs: tuple[Pair, ...]


def read_pairs(session: Session, query: TrendQuery, *, colored: bool, today: date) -> PairTable:
    """Return the pairs of the query's window, sources, item and colour.

    ``colored``: pairs of item and colour; else of items. An item or colour of the query is that of
    either garment.
    """
    last = session.scalar(
        select(func.max(Cell.week)).where(
            Cell.pattern == ALL,
            Cell.item == ALL,
            Cell.color == ALL,
            *looks_of(query),
            Cell.week <= monday(min(today, query.until or today)),
        )
    )
    if last is None:
        return PairTable(weeks=(), looks=0, pairs=())
    weeks = _weeks(query, last)
    between = Cell.week.between(weeks[0], weeks[-1])
    singles = _singles(session, query, between, colored=colored)
    looks = singles.get((ALL, ALL), 0)
    rows = _found(session, query, weeks, colored=colored)
    if not rows:
        return PairTable(weeks=weeks, looks=looks, pairs=())
    both = np.array([looks for _, _, looks in rows], np.float64)
    one = np.array([singles[side] for side, _, _ in rows], np.float64)
    other = np.array([singles[side] for _, side, _ in rows], np.float64)
    found = lifts(both, one, other, looks=looks)
    pairs = (
        Pair(
            one=row[0],
            other=row[1],
            looks=row[2],
            share=row[2] / looks,
            confidence=row[2] / one[at],
            lift=float(found.lift[at]),
            interval=(float(found.low[at]), float(found.high[at])),
            q_value=float(found.q[at]),
        )
        for at, row in enumerate(rows)
    )
    return PairTable(weeks=weeks, looks=looks, pairs=tuple(sorted(pairs, key=pair_rank)))


def pair_rank(pair: Pair) -> tuple[float, int, Side, Side]:
    """Return where a pair stands; smaller is better."""
    return -round(pair.interval[0], 9), -pair.looks, pair.one, pair.other


def read_harmonies(session: Session, query: TrendQuery, *, today: date) -> TrendTable:
    """Return colour harmonies as a table by ``harmony``; its totals are looks that have one."""
    cut = [
        column == value
        for column, value in ((HarmonyCell.style, query.style), (HarmonyCell.source, query.source))
        if value is not None
    ]
    if query.sources is not None:
        cut.append(HarmonyCell.source.in_(query.sources))
    end = monday(min(today, query.until or today))
    rows = session.execute(
        select(
            HarmonyCell.week, HarmonyCell.harmony, HarmonyCell.source, func.sum(HarmonyCell.looks)
        )
        .where(HarmonyCell.week <= end, *cut)
        .group_by(HarmonyCell.week, HarmonyCell.harmony, HarmonyCell.source)
    ).all()
    if not rows:
        return TrendTable(by=("harmony",), weeks=(), totals=(), running=False, rows=())
    last = max(row[0] for row in rows)
    shown = _weeks(query, last)
    first = max(min(row[0] for row in rows), min(last - (HISTORY - 1) * _WEEK, shown[0] - _WEEK))
    weeks = window(last, (last - first) // _WEEK + 1)
    names = sorted({row[2] for row in rows})
    looks = np.zeros((len(HARMONIES), len(names), len(weeks)))
    for week, harmony, source, number in rows:
        if week >= first:
            place = (week - first) // _WEEK
            looks[HARMONIES.index(harmony), names.index(source), place] += int(number)
    history = History(
        values=tuple((harmony,) for harmony in HARMONIES),
        weeks=weeks,
        looks=looks,
        totals=looks.sum(0),
    )
    return tabulate(history, by=("harmony",), weeks=shown, today=today)


def _weeks(query: TrendQuery, last: date) -> tuple[date, ...]:
    if query.since is None:
        return window(last, query.weeks)
    return window(last, max(1, (last - monday(query.since)) // _WEEK + 1))


def _singles(
    session: Session, query: TrendQuery, between: ColumnElement[bool], *, colored: bool
) -> dict[Side, int]:
    """Return the looks of each garment alone, and of all at (ALL, ALL)."""
    level = [] if colored else [Cell.color == ALL]
    rows = session.execute(
        select(Cell.item, Cell.color, func.sum(Cell.looks))
        .where(between, Cell.pattern == ALL, *level, *looks_of(query))
        .group_by(Cell.item, Cell.color)
    )
    return {(item, color): int(looks) for item, color, looks in rows}


def _found(
    session: Session, query: TrendQuery, weeks: Sequence[date], *, colored: bool
) -> list[tuple[Side, Side, int]]:
    number = func.sum(PairCell.looks)
    cut = [PairCell.source == query.source] if query.source else []
    if query.sources is not None:
        cut.append(PairCell.source.in_(query.sources))
    rows = session.execute(
        select(PairCell.item, PairCell.color, PairCell.other_item, PairCell.other_color, number)
        .where(
            PairCell.week.between(weeks[0], weeks[-1]),
            PairCell.color != ALL if colored else PairCell.color == ALL,
            *cut,
        )
        .group_by(PairCell.item, PairCell.color, PairCell.other_item, PairCell.other_color)
        .having(number >= MIN_LOOKS)
    )
    pairs = [((a, b), (c, d), int(looks)) for a, b, c, d, looks in rows]
    return [turned for pair in pairs if (turned := _turned(pair, query)) is not None]


def _turned(pair: tuple[Side, Side, int], query: TrendQuery) -> tuple[Side, Side, int] | None:
    """Return the pair with what was asked for first; None: it has none of it."""
    one, other, looks = pair
    for side, opposite in ((one, other), (other, one)):
        if query.item in (None, side[0]) and query.color in (None, side[1]):
            return side, opposite, looks
    return None
