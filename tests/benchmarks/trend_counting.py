"""How fast photos are counted in batches, and what that costs the worker and the server.

Beside it stands what a plain rollup of the same photos takes in the same run: a ledger of photo ids
and counts by week, item and colour, in one transaction; no facts, authors, families, patterns,
styles, sources, pairs or harmonies. What else the machine does slows both.
"""

from __future__ import annotations

import gc
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from os import sysconf
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

from rich.table import Table
from sqlalchemy import text

from services.trends.domain import look_of_message
from services.trends.rollup import count_photos
from shared.contracts.photos import AnalyzedPhoto
from shared.contracts.vocabulary import BASIC_COLORS, CATEGORIES, PATTERNS, STYLES
from shared.records import Database
from shared.records.many_rows import array_text
from tests.benchmarks.trends import databases
from tests.samples.looks import analyzed, photo
from tests.samples.many_facts import GARMENTS, SOURCES, WEEKS, Week, weeks_of

CAP = 3
MOMENT = datetime(2026, 9, 9, tzinfo=UTC)
SIZES = (32, 1_000, 3_200)
Batch = Sequence[AnalyzedPhoto]


@dataclass(frozen=True, order=True)
class Cost:
    """Seconds of one way to count."""

    clock: float
    worker: float
    """Of this process's processor time."""
    server: float
    """Of all PostgreSQL's processes."""


def counting(photos: int, *, rounds: int, sizes: Sequence[int] = SIZES) -> Table:
    """Count photos in batches of several sizes, on both databases; the quickest of ``rounds``."""
    table = Table("database", "photos a batch", "detections/s", "plain", "µs worker", "µs server")
    table.title = (
        f"Counting {photos} photos of {GARMENTS} garments, one worker, best of {rounds}; "
        "processor time for each detection"
    )
    week = next(weeks_of(GARMENTS * photos * WEEKS + 50_000))
    with databases() as opened:
        for name, database in opened.items():
            ways = (partial(count_photos, database, author_cap=CAP), plain_rollup(database))
            for size in sizes:
                tries = []
                for at in range(rounds):
                    items = [_message(week, at=i, mark=f"{size}/{at}") for i in range(photos)]
                    tries.append([_cost(database, items, size, way) for way in ways])
                full, plain = (min(costs) for costs in zip(*tries, strict=True))
                table.add_row(name, f"{size:,}", *_told(full, plain, GARMENTS * photos))
    return table


def _told(full: Cost, plain: Cost, detections: int) -> Iterator[str]:
    for cost in (full, plain):
        yield f"{detections / cost.clock:,.0f}"
    for seconds in (full.worker, full.server):
        yield f"{seconds / detections * 1e6:.0f}"


def plain_rollup(database: Database) -> Callable[[Batch], None]:
    """Make the plain ledger and counts; return what adds a batch to them."""
    with database.transaction() as session:
        session.execute(text("CREATE TABLE plain_ledger (photo_id text PRIMARY KEY)"))
        session.execute(
            text(
                "CREATE TABLE plain_counts (week text, item text, color text, looks int, "
                "PRIMARY KEY (week, item, color))"
            )
        )
    marks = "ON CONFLICT DO NOTHING"
    adds = (
        "ON CONFLICT (week, item, color) DO UPDATE SET looks = plain_counts.looks + excluded.looks"
    )

    def add(batch: Batch) -> None:
        ids = [(item.photo.photo_id,) for item in batch]
        cells = Counter(
            (look.week.isoformat(), piece.item, piece.color)
            for look in map(look_of_message, batch)
            for piece in look.garments
        )
        counts = sorted((*cell, looks) for cell, looks in cells.items())
        with database.transaction() as session:
            run = session.connection().exec_driver_sql
            if database.is_sqlite:
                run(f"INSERT INTO plain_ledger VALUES (?) {marks}", ids)
                run(f"INSERT INTO plain_counts VALUES (?, ?, ?, ?) {adds}", counts)
                return
            run(f"INSERT INTO plain_ledger SELECT * FROM unnest(%s::text[]) {marks}", _arrays(ids))
            run(
                "INSERT INTO plain_counts SELECT * FROM "
                f"unnest(%s::text[], %s::text[], %s::text[], %s::int[]) {adds}",
                _arrays(counts),
            )

    return add


def _arrays(rows: Sequence[Sequence[Any]]) -> tuple[str, ...]:
    return tuple(array_text(values) for values in zip(*rows, strict=True))


def _cost(database: Database, items: Batch, size: int, act: Callable[[Batch], object]) -> Cost:
    # A worker does not hold thousands of messages for the collector to walk through.
    gc.collect()
    gc.freeze()
    clock, worker, server = perf_counter(), process_time(), _server_seconds(database)
    for start in range(0, len(items), size):
        act(items[start : start + size])
    return Cost(
        clock=perf_counter() - clock,
        worker=process_time() - worker,
        server=_server_seconds(database) - server,
    )


def _server_seconds(database: Database) -> float:
    """Return the processor seconds of the server's living processes (Linux), 0 without one."""
    if database.is_sqlite:
        return 0.0
    with database.reading() as session:
        backend = session.scalar(text("SELECT pg_backend_pid()"))
    stats = {int(path.name): _stat(path) for path in Path("/proc").glob("[0-9]*")}
    server = stats[backend][0]
    return sum(seconds for pid, (parent, seconds) in stats.items() if server in (pid, parent))


def _stat(path: Path) -> tuple[int, float]:
    """Return a process's parent and its seconds; nothing of one that has just ended."""
    try:
        words = (path / "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0, 0.0
    return int(words[1]), (int(words[11]) + int(words[12])) / sysconf("SC_CLK_TCK")


def _message(week: Week, *, at: int, mark: str) -> AnalyzedPhoto:
    worn = [
        (CATEGORIES[item], BASIC_COLORS[color], PATTERNS[pattern])
        for item, color, pattern in zip(
            week.item[at], week.color[at], week.pattern[at], strict=True
        )
    ]
    ref = photo(
        f"{mark}-{week.photo_ids[at]}",
        author=f"author{week.author[at]}",
        source=SOURCES[week.source[at]],
        posted_at=MOMENT,
    )
    return analyzed(ref, worn, styles={STYLES[week.style[at]]: 0.8})
