"""How fast looks are counted and the table is read, on SQLite and PostgreSQL.

``python -m tests.benchmarks.trends`` prints two tables. PostgreSQL runs with its defaults: every
message's transaction is on the disk before the next one begins. On a busy machine compare the
worker's own CPU time, which waiting does not lengthen.
"""

from __future__ import annotations

import argparse
import random
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from statistics import median
from time import perf_counter, process_time

from rich.console import Console
from rich.table import Table

from services.trends.rollup import count_photos
from shared.contracts.photos import AnalyzedPhoto
from shared.contracts.vocabulary import BASIC_COLORS, CATEGORIES, STYLES
from shared.records import Database, open_database, upgrade
from shared.records.trend_queries import TrendQuery
from shared.records.trend_reader import read_trends
from tests.samples.looks import analyzed, photo, weeks_later
from tests.servers.postgres import running_postgres

WEEKS, AUTHORS, GARMENTS = 12, 2_000, 3
SIZES = (1, 8, 32)
"""Photos a message."""


def looks(photos: int, *, mark: str) -> list[AnalyzedPhoto]:
    """Return looks of three garments, spread evenly over all cells."""
    dice = random.Random(mark)
    return [
        analyzed(
            photo(
                f"{mark}-{index}",
                author=str(dice.randrange(AUTHORS)),
                posted_at=weeks_later(dice.randrange(WEEKS)),
            ),
            [(dice.choice(CATEGORIES), dice.choice(BASIC_COLORS)) for _ in range(GARMENTS)],
            styles={dice.choice(STYLES): 0.8},
        )
        for index in range(photos)
    ]


@contextmanager
def databases() -> Iterator[dict[str, Database]]:
    """Open one new database of each kind."""
    with tempfile.TemporaryDirectory() as folder, running_postgres() as postgres:
        urls = {"SQLite (WAL)": f"sqlite:///{folder}/mapsi.db", "PostgreSQL": postgres}
        for url in urls.values():
            upgrade(url)
        opened = {name: open_database(url) for name, url in urls.items()}
        yield opened
        for database in opened.values():
            database.close()


def seconds_to_count(
    database: Database, photos: list[AnalyzedPhoto], size: int
) -> tuple[float, float]:
    """Count ``photos`` in messages of ``size``; return seconds by the clock and of this CPU."""
    started, worked = perf_counter(), process_time()
    for start in range(0, len(photos), size):
        count_photos(database, photos[start : start + size], author_cap=3)
    return perf_counter() - started, process_time() - worked


def seconds_to_read(database: Database, query: TrendQuery) -> float:
    """Return the median of ten reads of the table, the connection being open."""
    times = []
    for _ in range(11):
        started = perf_counter()
        with database.reading() as session:
            read_trends(session, query, today=weeks_later(WEEKS).date())
        times.append(perf_counter() - started)
    return median(times[1:])


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--photos", type=int, default=960, help="counted for each line")
    photos = parser.parse_args().photos
    counting = Table(
        "database", "photos a message", "photos/s", "detections/s", "worker's CPU: ms a photo"
    )
    counting.title = f"Counting: {photos} photos of {GARMENTS} garments, one worker"
    reading = Table("database", "rows", "by item,color: ms", "by item,color,style,source: ms")
    reading.title = f"Reading the table of {WEEKS} weeks, median of 10"
    with databases() as opened:
        for name, database in opened.items():
            for size in SIZES:
                took, cpu = seconds_to_count(database, looks(photos, mark=f"{size}"), size)
                rates = (f"{rate / took:,.0f}" for rate in (photos, photos * GARMENTS))
                counting.add_row(name, str(size), *rates, f"{cpu / photos * 1000:.2f}")
            fine = TrendQuery(by=("item", "color", "style", "source"), weeks=WEEKS)
            with database.reading() as session:
                rows = len(read_trends(session, fine, today=weeks_later(WEEKS).date()).rows)
            times = (seconds_to_read(database, query) for query in (TrendQuery(), fine))
            reading.add_row(name, f"{rows:,}", *(f"{time * 1000:.1f}" for time in times))
    console = Console()
    console.print(counting)
    console.print(reading)


if __name__ == "__main__":
    main()
