"""Reading trend tables, again and again: only weeks that have changed are read anew.

``trend_weeks`` says how often each week's counts have changed. A reader keeps, for each set of
rows asked for, every week's counts as arrays, and the finished tables; it asks the database for
the versions, and then only for the weeks whose version is another.
"""

from __future__ import annotations

from collections import OrderedDict, defaultdict
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from threading import Lock
from typing import Any, Final, TypeVar

import numpy as np
import numpy.typing as npt
from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from shared.analytics.movement import HISTORY
from shared.records.trend_leaders import arrange, read_leaders
from shared.records.trend_queries import (
    TrendQuery,
    conditions,
    dimension_columns,
    everything,
    monday,
    values_of,
)
from shared.records.trends import Cell, TrendWeek
from shared.trend_figures import History, TrendTable, Values, tabulate, whole_weeks, window
from shared.trend_outlook import EARLY_WEEKS

Versions = dict[date, int]
Ints = npt.NDArray[np.int64]
Kept = TypeVar("Kept")

_TABLES: Final = 64
_SLICES: Final = 12
_WEEK: Final = timedelta(weeks=1)


@dataclass
class _Slice:
    """The weekly counts of one set of rows, as far as they were read."""

    values: dict[Values, int] = field(default_factory=dict)
    sources: dict[str, int] = field(default_factory=dict)
    weeks: dict[date, tuple[int, Ints]] = field(default_factory=dict)
    """Version, and (3, n): row, source, looks."""

    def arrays(self, weeks: Sequence[date], *, rows: int, sources: Mapping[str, int]) -> Ints:
        """Return looks (rows, sources, weeks), the sources in the order of ``sources``."""
        looks = np.zeros((rows, len(sources), len(weeks)), np.int64)
        place = np.array([sources[name] for name in self.sources], np.int64)
        for at, week in enumerate(weeks):
            row, source, number = self.weeks[week][1]
            looks[row, place[source], at] = number
        return looks


class TrendReader:
    """Reads trend tables of one database; safe for threads."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._slices: OrderedDict[Hashable, _Slice] = OrderedDict()
        self._tables: OrderedDict[Hashable, TrendTable] = OrderedDict()

    def read(self, session: Session, query: TrendQuery, *, today: date) -> TrendTable:
        """Return the weekly looks that ``query`` asks for.

        The window ends with the last week that has looks of the query's style and sources, so
        that an archive shows its own time; weeks after ``today``'s (a wrong clock) never end it.
        """
        end = monday(min(today, query.until or today))
        known = session.execute(
            select(TrendWeek.week, TrendWeek.version).where(TrendWeek.week <= end)
        )
        versions: Versions = dict(known.all())
        key = (query, today, tuple(sorted(versions.items())))
        with self._lock:
            found = _recall(self._tables, key)
            if found is None:
                found = self._table(session, query, versions, today=today)
                _keep(self._tables, key, found, limit=_TABLES)
        return found

    def _table(
        self, session: Session, query: TrendQuery, versions: Versions, *, today: date
    ) -> TrendTable:
        empty = TrendTable(by=query.by, weeks=(), totals=(), running=False, rows=())
        totals = self._totals(session, query, versions)
        seen = [week for week in versions if totals.weeks[week][1].size]
        if not seen or (query.since and max(seen) < monday(query.since)):
            return empty
        last = max(seen)
        shown = _shown(query, last)
        first = max(min(seen), min(last - timedelta(weeks=HISTORY - 1), shown[0] - _WEEK))
        weeks = _stretch(first, last)
        rows = self._rows(session, query, _between(versions, first, last))
        history = _history(rows, totals, weeks)
        recent = whole_weeks(history.weeks, today)[-EARLY_WEEKS:]
        leaders = read_leaders(session, query, recent)
        table = tabulate(
            history,
            by=query.by,
            weeks=shown,
            today=today,
            leaders=arrange(leaders, query, values=history.values, sources=tuple(totals.sources))
            if leaders
            else None,
        )
        if query.stage is None:
            return table
        return replace(
            table, rows=tuple(row for row in table.rows if row.figures.stage == query.stage)
        )

    def _totals(self, session: Session, query: TrendQuery, versions: Versions) -> _Slice:
        key = ("totals", query.style, query.source, query.sources)
        return self._slice(key, session, versions, query=None, where=everything(query))

    def _rows(self, session: Session, query: TrendQuery, versions: Versions) -> _Slice:
        cut = (query.style, query.source, query.item, query.color, query.pattern, query.sources)
        return self._slice((query.by, cut), session, versions, query=query, where=conditions(query))

    def _slice(
        self,
        key: Hashable,
        session: Session,
        versions: Versions,
        *,
        query: TrendQuery | None,
        where: Sequence[ColumnElement[bool]],
    ) -> _Slice:
        found = _recall(self._slices, key) or _Slice()
        _keep(self._slices, key, found, limit=_SLICES)
        stale = [
            week
            for week, version in versions.items()
            if found.weeks.get(week, (0, None))[0] != version
        ]
        if stale:
            _refresh(found, session, stale, versions=versions, query=query, where=where)
        return found


def read_trends(session: Session, query: TrendQuery, *, today: date) -> TrendTable:
    """Return the table that a new reader would."""
    return TrendReader().read(session, query, today=today)


def _refresh(
    found: _Slice,
    session: Session,
    stale: Sequence[date],
    *,
    versions: Versions,
    query: TrendQuery | None,
    where: Sequence[ColumnElement[bool]],
) -> None:
    columns = dimension_columns(query.by) if query else []
    told = list(dict.fromkeys([Cell.week, Cell.source, *columns]))
    weeks = Cell.week.in_(stale) if len(stale) < 8 else Cell.week.between(min(stale), max(stale))
    rows = session.execute(
        select(Cell.week, Cell.source, func.sum(Cell.looks), *columns)
        .where(weeks, *where)
        .group_by(*told)
    )
    read: dict[date, list[tuple[int, int, int]]] = defaultdict(list)
    for week, source, looks, *names in rows:
        values = values_of(query.by, names) if query else ()
        at = found.values.setdefault(values, len(found.values))
        place = found.sources.setdefault(source, len(found.sources))
        read[week].append((at, place, int(looks)))
    for week in stale:
        counts = np.array(read[week], np.int64).reshape(-1, 3).T
        found.weeks[week] = (versions[week], counts)


def _history(rows: _Slice, totals: _Slice, weeks: Sequence[date]) -> History:
    known = [week for week in weeks if week in rows.weeks]
    at = [place for place, week in enumerate(weeks) if week in rows.weeks]
    names = {name: place for place, name in enumerate(totals.sources)}
    looks = np.zeros((len(rows.values), len(names), len(weeks)))
    looks[:, :, at] = rows.arrays(known, rows=len(rows.values), sources=names)
    every = np.zeros((len(names), len(weeks)))
    every[:, at] = totals.arrays(known, rows=1, sources=names)[0]
    return History(values=tuple(rows.values), weeks=tuple(weeks), looks=looks, totals=every)


def _shown(query: TrendQuery, last: date) -> tuple[date, ...]:
    if query.since is None:
        return window(last, query.weeks)
    return window(last, (last - monday(query.since)) // _WEEK + 1)


def _stretch(first: date, last: date) -> tuple[date, ...]:
    return window(last, (last - first) // _WEEK + 1)


def _between(versions: Versions, first: date, last: date) -> Versions:
    return {week: version for week, version in versions.items() if first <= week <= last}


def _recall(kept: OrderedDict[Hashable, Kept], key: Hashable) -> Kept | None:
    found = kept.get(key)
    if found is not None:
        kept.move_to_end(key)
    return found


def _keep(kept: OrderedDict[Hashable, Any], key: Hashable, value: object, *, limit: int) -> None:
    kept[key] = value
    while len(kept) > limit:
        kept.popitem(last=False)
