"""The early signal's counts: what the authors wear whose posts are liked most.

Of the authors with three posts or more whose likes are known, in the half year before the weeks
that are told, those whose likes a post are among the highest tenth of their source. A source
needs twenty such authors. The weeks themselves are left out, so that a look that is liked because
it is new does not make its author one of them.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from sqlalchemy import delete, func, insert, select
from sqlalchemy.orm import Session

from services.trends.cube import count
from services.trends.facts import read_looks
from services.trends.rollup import note_weeks
from shared.contracts.vocabulary import ALL, GROUPS
from shared.records import Database
from shared.records.ingestion import Post
from shared.records.trend_queries import monday
from shared.records.trends import Fact, LeaderCell, TrendWeek
from shared.trend_figures import window
from shared.trend_outlook import EARLY_WEEKS

MIN_POSTS: Final = 3
MIN_AUTHORS: Final = 20
HIGHEST: Final = 0.1
LEARNT: Final = timedelta(weeks=26)
_Cells = dict[tuple[date, str, str, str], int]


def refresh_leaders(database: Database, *, today: date) -> int:
    """Count the most liked authors' looks of the last weeks anew; return how many looks.

    The weeks end with the last one that has looks, as a table's; the running one is counted, too.
    """
    with database.reading() as session:
        last = session.scalar(
            select(func.max(TrendWeek.week)).where(TrendWeek.week <= monday(today))
        )
        if last is None:
            return 0
        weeks = window(last, EARLY_WEEKS + 1)
        cells = _cells(session, weeks, _leaders(session, before=weeks[0]))
    with database.transaction() as session:
        database.alone(session, "mapsi-leaders")
        _replace(database, session, cells)
    return sum(looks for (_, item, color, _), looks in cells.items() if (item, color) == (ALL, ALL))


def _leaders(session: Session, *, before: date) -> set[tuple[str, str]]:
    """Return source and author of those whose posts are liked most."""
    end = datetime.combine(before, time(), UTC)
    likes = func.avg(Post.likes)
    rows = session.execute(
        select(Post.source, Post.author, likes)
        .where(
            Post.posted_at >= end - LEARNT,
            Post.posted_at < end,
            Post.author.is_not(None),
            Post.likes.is_not(None),
        )
        .group_by(Post.source, Post.author)
        .having(func.count() >= MIN_POSTS)
    )
    by_source: dict[str, list[tuple[float, str]]] = defaultdict(list)
    for source, author, mean in rows:
        by_source[source].append((float(mean), str(author)))
    return {
        (source, author)
        for source, authors in by_source.items()
        if len(authors) >= MIN_AUTHORS
        for _, author in sorted(authors, reverse=True)[: round(len(authors) * HIGHEST)]
    }


def _cells(session: Session, weeks: Sequence[date], leaders: set[tuple[str, str]]) -> _Cells:
    if not leaders:
        return {}
    stored = read_looks(session, Fact.week.in_(weeks), Fact.counted, Fact.author.is_not(None))
    looks = [known.look for known in stored if (known.look.source, known.look.author) in leaders]
    cells: Counter[tuple[date, str, str, str]] = Counter()
    for key, number in count(looks).cells.items():
        if key.pattern == ALL and key.item not in GROUPS:
            cells[key.week, key.item, key.color, key.source] += number
    return dict(cells)


def _replace(database: Database, session: Session, cells: _Cells) -> None:
    """Write the cells if they differ, and say that their weeks have changed."""
    names = (LeaderCell.week, LeaderCell.item, LeaderCell.color, LeaderCell.source)
    stored = {
        tuple(key): looks for *key, looks in session.execute(select(*names, LeaderCell.looks))
    }
    if stored == cells:
        return
    session.execute(delete(LeaderCell))
    if cells:
        rows = [
            {"week": week, "item": item, "color": color, "source": source, "looks": looks}
            for (week, item, color, source), looks in cells.items()
        ]
        session.execute(insert(LeaderCell), rows)
    note_weeks(database, session, {key[0] for key in stored.keys() | cells.keys()})
