"""Reading what the most liked authors wear."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date

import numpy as np
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shared.analytics.contrasts import Floats
from shared.contracts.vocabulary import ALL, CATEGORIES
from shared.records.trend_queries import TrendQuery
from shared.records.trends import LeaderCell
from shared.trend_figures import Values


def read_leaders(
    session: Session, query: TrendQuery, weeks: Sequence[date]
) -> dict[tuple[str, str, str], int]:
    """Return the most liked authors' looks over ``weeks`` by item, colour and source.

    Empty where the query asks for what is not kept of them: a pattern, a family or a style.
    """
    told = {"item", "color"}.issuperset(query.by) and not (query.style or query.pattern)
    if not told or (query.item and query.item not in CATEGORIES):
        return {}
    cut = [LeaderCell.source == query.source] if query.source else []
    if query.sources is not None:
        cut.append(LeaderCell.source.in_(query.sources))
    rows = session.execute(
        select(LeaderCell.item, LeaderCell.color, LeaderCell.source, func.sum(LeaderCell.looks))
        .where(LeaderCell.week.in_(weeks), *cut)
        .group_by(LeaderCell.item, LeaderCell.color, LeaderCell.source)
    )
    return {(item, color, source): int(looks) for item, color, source, looks in rows}


def arrange(
    found: Mapping[tuple[str, str, str], int],
    query: TrendQuery,
    *,
    values: Sequence[Values],
    sources: Sequence[str],
) -> tuple[Floats, Floats]:
    """Return those looks as (rows, sources), and all of them as (sources,)."""
    place = {source: at for at, source in enumerate(sources)}
    by_row: dict[Values, Floats] = defaultdict(lambda: np.zeros(len(sources)))
    every = np.zeros(len(sources))
    for (item, color, source), number in found.items():
        if (item, color) == (ALL, ALL):
            every[place[source]] += number
        cell = {"item": item, "color": color}
        if _is_row(query, cell):
            by_row[tuple(cell[name] for name in query.by)][place[source]] += number
    looks = np.stack([by_row[row] for row in values]) if values else np.zeros((0, len(sources)))
    return looks, every


def _is_row(query: TrendQuery, cell: Mapping[str, str]) -> bool:
    """Answer whether a cell is at the level that the query's rows are at."""
    asked = {"item": query.item, "color": query.color}
    return all(
        value == asked[name] if asked[name] else (value != ALL) == (name in query.by)
        for name, value in cell.items()
    )
