"""What a weekly report tells, gathered from the weekly rollups."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Final

from sqlalchemy.orm import Session

from shared.forecast import Backtest
from shared.records.trend_pairs import Pair, read_harmonies, read_pairs
from shared.records.trend_queries import TrendQuery, monday
from shared.records.trend_reader import TrendReader
from shared.trend_figures import TrendRow, TrendTable, share_interval
from shared.trend_forecast import HISTORY, RowForecast, TableForecast, forecast_table
from shared.trend_outlook import Growth

HORIZON: Final = 12
"""Weeks ahead."""

CURVE: Final = 52
"""Weeks of the past that a forecast's curve shows."""

_MOVERS: Final = 6
_TOLD: Final = 6
_PAIRS: Final = 6
_MIN_PAIR: Final = 10
_PAIR_Q: Final = 0.05
_RISING: Final = frozenset({"rising", "emerging"})
_FALLING: Final = frozenset({"falling"})


@dataclass(frozen=True)
class Entry:
    """One cell: how much, whither, and how sure."""

    values: tuple[str, ...]
    looks: int
    """In the window."""
    share: float
    """Of the window's looks."""
    interval: tuple[float, float]
    """95 %, of ``share``."""
    growth: Growth | None
    """The last four weeks against the four before, whatever the sources' mix."""
    q_value: float | None
    stage: str | None
    shares: tuple[float | None, ...]
    """By week: the window's, for a cell that is forecast those of a year."""
    ahead: RowForecast | None = None


@dataclass(frozen=True)
class Digest:
    """A report's figures; without weeks where there are no looks."""

    weeks: tuple[date, ...]
    """Mondays of the window, whole weeks only."""
    looks: int
    rising: tuple[Entry, ...]
    falling: tuple[Entry, ...]
    items: tuple[Entry, ...]
    colors: tuple[Entry, ...]
    colors_before: tuple[tuple[str, float], ...]
    """Shares of colours in as many weeks before, in the order of ``colors``."""
    pairs: tuple[Pair, ...]
    harmonies: tuple[Entry, ...]
    sources: tuple[tuple[str, int], ...]
    """Name and looks, the loudest first."""
    told: tuple[Entry, ...]
    """The best-worn cells with their forecast."""
    learnt: int
    """Weeks that the forecast was made from."""
    backtest: Backtest | None


def gather(session: Session, *, weeks: int, today: date) -> Digest:
    """Return the digest of the last ``weeks`` whole weeks before ``today``'s."""
    until = monday(today) - timedelta(days=1)
    reader = TrendReader()

    def table(by: str, number: int) -> TrendTable:
        query = TrendQuery(by=tuple(by.split(",")), weeks=number, until=until)
        return reader.read(session, query, today=today)

    cells = table("item,color", max(HISTORY, weeks))
    if not cells.weeks:
        return EMPTY
    colors, before = table("color", weeks), table("color", 2 * weeks)
    items, sources = table("item", weeks), table("source", weeks)
    window = TrendQuery(weeks=weeks, until=until)
    pairs = read_pairs(session, window, colored=True, today=today).pairs
    harmonies = read_harmonies(session, window, today=today)
    told = forecast_table(cells, HORIZON)
    entries = _entries(cells, weeks)
    return Digest(
        weeks=cells.weeks[-weeks:],
        looks=sum(cells.totals[-weeks:]),
        rising=_movers(entries, _RISING),
        falling=_movers(entries, _FALLING),
        items=_entries(items, weeks),
        colors=_entries(colors, weeks),
        colors_before=_before(colors, before, weeks),
        pairs=_remarkable(pairs),
        harmonies=_entries(harmonies, weeks),
        sources=tuple((row.values[0], row.total) for row in sources.rows),
        told=_told(cells, told, weeks),
        learnt=told.learnt,
        backtest=told.backtest,
    )


def _entries(table: TrendTable, weeks: int) -> tuple[Entry, ...]:
    """Return the cells that were worn in the last ``weeks``, most worn first."""
    found = (_entry(row, table, weeks) for row in table.rows)
    return tuple(sorted((entry for entry in found if entry.looks), key=lambda one: -one.looks))


def _entry(row: TrendRow, table: TrendTable, weeks: int) -> Entry:
    looks, total = sum(row.looks[-weeks:]), sum(table.totals[-weeks:])
    whole = len(table.weeks) == weeks
    return Entry(
        values=row.values,
        looks=looks,
        share=looks / total if total else 0.0,
        interval=row.figures.interval if whole or not total else share_interval(looks, total),
        growth=row.figures.growth_4w,
        q_value=row.figures.q_value,
        stage=row.figures.stage,
        shares=_shares(row, table, weeks),
    )


def _shares(row: TrendRow, table: TrendTable, weeks: int) -> tuple[float | None, ...]:
    counts = zip(row.looks[-weeks:], table.totals[-weeks:], strict=True)
    return tuple(looks / total if total else None for looks, total in counts)


def _movers(entries: Iterable[Entry], stages: frozenset[str]) -> tuple[Entry, ...]:
    """Return the cells of these stages that moved the most looks, surely."""
    moved = [entry for entry in entries if entry.stage in stages and entry.growth is not None]
    return tuple(sorted(moved, key=_sure_points, reverse=True)[:_MOVERS])


def _sure_points(entry: Entry) -> float:
    """Return by how much the share moved at least, going by the growth's interval."""
    growth = entry.growth
    if growth is None:
        return 0.0
    before = entry.share / max(1 + growth.value, 0.1)
    if growth.value < 0:
        return before * max(0.0, -(growth.high if growth.high is not None else 0.0))
    return before * max(0.0, growth.low)


def _before(colors: TrendTable, both: TrendTable, weeks: int) -> tuple[tuple[str, float], ...]:
    """Return the colours' shares in the ``weeks`` before the window."""
    total = sum(both.totals[:weeks])
    if not total:
        return ()
    looks = {row.values: sum(row.looks[:weeks]) for row in both.rows}
    return tuple((row.values[0], looks.get(row.values, 0) / total) for row in colors.rows)


def _remarkable(pairs: Iterable[Pair]) -> tuple[Pair, ...]:
    """Return pairs that meet more often than chance would have it, no garment more than twice."""
    chosen: list[Pair] = []
    for pair in pairs:
        used = [side for one in chosen for side in (one.one, one.other)]
        if pair.looks < _MIN_PAIR or pair.q_value > _PAIR_Q or pair.interval[0] <= 1:
            continue
        if max(used.count(pair.one), used.count(pair.other)) < 2:
            chosen.append(pair)
    return tuple(chosen[:_PAIRS])


def _told(table: TrendTable, told: TableForecast, weeks: int) -> tuple[Entry, ...]:
    """Return the best-worn cells of the window that have a forecast."""
    found = []
    for row, ahead in zip(table.rows, told.rows, strict=False):
        if isinstance(ahead, RowForecast) and any(row.looks[-weeks:]):
            entry = _entry(row, table, weeks)
            past = _shares(row, table, min(CURVE, told.learnt))
            found.append(replace(entry, shares=past, ahead=ahead))
    return tuple(sorted(found, key=lambda one: -one.looks)[:_TOLD])


EMPTY: Final = Digest(
    weeks=(), looks=0, rising=(), falling=(), items=(), colors=(), colors_before=(), pairs=(),
    harmonies=(), sources=(), told=(), learnt=0, backtest=None,
)  # fmt: skip
