"""Ten million facts: how fast the trends answer over HTTP, and how fast photos are counted.

``python -m tests.benchmarks.trend_scale`` makes facts, the cells they add up to (both with numpy),
a gateway on them, and asks it. DuckDB, the peer, answers the same question by a scan of the same
facts in Parquet. Then some weeks (``--recount``; 110 are all) are counted again from their facts
by the service, which must find no difference, and photos are counted in batches on SQLite and
PostgreSQL (``--photos 0``: not). On a busy machine compare ratios and the worker's CPU time.
"""

from __future__ import annotations

import argparse
import logging
import sqlite3
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from threading import Thread
from time import perf_counter, process_time, sleep
from typing import Any

import httpx
import numpy as np
import structlog
from rich.console import Console
from rich.table import Table

from services.gateway.app import create_app
from services.gateway.keys import create_key
from services.gateway.server import server_for
from services.gateway.settings import GatewaySettings
from services.trends import cube
from services.trends.bulk import insert_rows
from services.trends.cube import CellKey
from services.trends.recount import recount_weeks
from services.trends.rollup import count_photos, note_weeks
from shared.bus import connect
from shared.contracts.vocabulary import BASIC_COLORS, CATEGORIES, PATTERNS, STYLES
from shared.records import Database, open_database, upgrade
from shared.records.trends import Cell
from shared.settings import Settings
from tests.benchmarks.trend_counting import CAP, MOMENT, SIZES, counting
from tests.samples.looks import analyzed, photo
from tests.samples.many_facts import SOURCES, WEEKS, Week, counted_of, rows_of, weeks_of
from tests.servers.valkey import running_valkey

QUERIES = (
    "",
    "?by=item",
    "?by=item,color&style=casual",
    "?by=item,pattern",
    "?by=family,color&source=street",
    "?by=color&item=top",
    "?by=style",
    "?by=item&stage=rising",
)
SCAN = (
    "SELECT week, item, color, source, count(DISTINCT photo_id) FROM '{}' "
    "WHERE counted GROUP BY ALL"
)


@dataclass
class Times:
    """Seconds of one kind of request by the clock, and of this process's CPU."""

    name: str
    seconds: list[float]
    cpu: list[float]

    def row(self) -> tuple[str, str, str, str]:
        """Return the name, the median and the late ones, and the median of the CPU."""
        ranked = sorted(self.seconds)
        late = ranked[min(len(ranked) - 1, int(0.95 * len(ranked)))]
        told = (median(ranked), late, median(self.cpu))
        return self.name, *(f"{seconds * 1000:.1f}" for seconds in told)  # type: ignore[return-value]


def timed(name: str, actions: Iterable[Callable[[], object]]) -> Times:
    """Do ``actions`` one after the other."""
    seconds, cpu = [], []
    for action in actions:
        started, worked = perf_counter(), process_time()
        action()
        seconds.append(perf_counter() - started)
        cpu.append(process_time() - worked)
    return Times(name, seconds, cpu)


def fill(database: Database, facts: int, *, recounted: int, parquet: Path) -> list[Week]:
    """Write all weeks' cells, and the facts of the last ``recounted`` ones; return those."""
    kept = []
    for at, week in enumerate(weeks_of(facts)):
        counted = counted_of(week, cap=CAP)
        _write_parquet(week, counted, parquet)
        with database.transaction() as session:
            insert_rows(database, session, Cell, _cells(week, counted))
            note_weeks(database, session, [week.monday])
        if at >= WEEKS - recounted:
            kept.append(week)
            _write_facts(database, week, counted)
    return kept


def _cells(week: Week, counted: Any) -> list[tuple[Any, ...]]:
    """Return the week's cells by the counting rule, for all looks at once."""
    look = np.repeat(np.arange(len(counted)), week.item.shape[1])
    kept = counted[look]
    codes = cube._codes(
        look[kept],
        cube._places(cube._ITEMS, CATEGORIES)[week.item.ravel()[kept]],
        color=cube._places(cube._COLORS, BASIC_COLORS)[week.color.ravel()[kept]],
        pattern=cube._places(cube._PATTERNS, PATTERNS)[week.pattern.ravel()[kept]],
    )
    codes = np.unique(codes)
    stratum = week.style * len(SOURCES) + week.source
    keys, numbers = np.unique(
        stratum[codes // cube._CELLS] * cube._CELLS + codes % cube._CELLS, return_counts=True
    )
    return [
        (
            week.monday,
            *cube._NAMES[key % cube._CELLS],
            STYLES[key // cube._CELLS // len(SOURCES)],
            SOURCES[key // cube._CELLS % len(SOURCES)],
            number,
        )
        for key, number in zip(keys.tolist(), numbers.tolist(), strict=True)
    ]


def _write_facts(database: Database, week: Week, counted: Any) -> None:
    marks = ", ".join("?" * 13)
    names = (
        "photo_id, look_id, week, item, color, color_name, hex, pattern, style, source, author, "
        "score, counted"
    )
    with closing(sqlite3.connect(str(database.engine.url.database))) as connection, connection:
        connection.executemany(
            f"INSERT INTO facts ({names}) VALUES ({marks})", rows_of(week, counted)
        )


def _write_parquet(week: Week, counted: Any, folder: Path) -> None:
    """Write the columns of a week's facts that the peer's scan reads."""
    from arro3.core import Array, DataType, RecordBatch
    from arro3.io import write_parquet

    def texts(names: Sequence[str], places: Any) -> Array:
        return Array(np.array(names, object)[places].tolist(), type=DataType.string())

    every = np.repeat(np.arange(len(counted)), week.item.shape[1])
    columns = {
        "photo_id": texts(week.photo_ids, every),
        "week": texts([week.monday.isoformat()], np.zeros(len(every), int)),
        "item": texts(CATEGORIES, week.item.ravel()),
        "color": texts(BASIC_COLORS, week.color.ravel()),
        "source": texts(SOURCES, week.source[every]),
        "counted": Array(counted[every].tolist(), type=DataType.bool()),
    }
    write_parquet(RecordBatch.from_pydict(columns), folder / f"{week.monday}.parquet")


def ask(folder: Path, settings: Settings, database: Database, rounds: int) -> list[Times]:
    """Ask a gateway on a real port, again and again."""
    with ExitStack() as stack:
        stack.enter_context(running_valkey(settings))
        structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
        context = connect(settings)
        stack.callback(context.app.close)
        app = create_app(GatewaySettings(requests_per_minute=1_000_000), context, database)
        url = stack.enter_context(_serving(app))
        key = create_key(database, "bench", "user")
        client = stack.enter_context(
            httpx.Client(base_url=url, headers={"Authorization": f"Bearer {key}"}, timeout=300)
        )

        def question(query: str = "") -> Callable[[], object]:
            return lambda: client.get(f"/v1/trends{query}").raise_for_status()

        def after_a_look() -> Iterator[Callable[[], object]]:
            for at in range(max(5, rounds // 10)):
                new = analyzed(photo(f"new{at}", posted_at=MOMENT), styles={"casual": 0.8})
                count_photos(database, [new], author_cap=CAP)
                yield question()

        turns = [question(QUERIES[at % len(QUERIES)]) for at in range(rounds)]
        return [
            timed("each question for the first time", map(question, QUERIES)),
            timed("/v1/trends, unchanged", [question()] * rounds),
            timed(f"{len(QUERIES)} questions in turn, unchanged", turns),
            timed("/v1/trends, a look counted before each", after_a_look()),
        ]


@contextmanager
def _serving(app: Any) -> Iterator[str]:
    server = server_for(app, host="127.0.0.1", port=0)
    thread = Thread(target=server.run)
    thread.start()
    try:
        while not server.started:
            sleep(0.01)
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()


def scan(path: Path, rounds: int) -> Times:
    """Let DuckDB answer the first question from the facts."""
    import duckdb

    question = SCAN.format(path / "*.parquet")
    return timed(
        "DuckDB: the same counts by a scan of the facts",
        [lambda: duckdb.sql(question).fetchall()] * rounds,
    )


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--facts", type=int, default=10_000_000)
    parser.add_argument("--recount", type=int, default=WEEKS, help="weeks counted again")
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument("--photos", type=int, default=9_600)
    parser.add_argument("--batches", type=int, nargs="+", default=SIZES, help="photos in each")
    parser.add_argument("--repeat", type=int, default=1, help="count so often, tell the best")
    options = parser.parse_args()
    console = Console(width=120)
    if options.facts:
        reading(console, options)
    if options.photos:
        console.print(counting(options.photos, rounds=options.repeat, sizes=options.batches))


def reading(console: Console, options: argparse.Namespace) -> None:
    """Print what counting again finds, and how long questions take."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        settings = Settings(data_dir=folder, lang="en")
        upgrade(settings.database)
        with closing(open_database(settings.database)) as database:
            facts = folder / "facts"
            facts.mkdir()
            weeks = fill(database, options.facts, recounted=options.recount, parquet=facts)
            differing = recount_weeks(database, [week.monday for week in weeks], author_cap=CAP)
            wrong = [found for found in differing if isinstance(found.key, CellKey)]
            console.print(f"Counted again: {len(weeks)} weeks, {len(wrong)} cells differ")
            table = Table(
                "request", "p50 ms", "p95 ms", "CPU ms", title=f"{options.facts:,} facts, SQLite"
            )
            for times in (
                *ask(folder, settings, database, options.rounds),
                scan(facts, max(3, options.rounds // 40)),
            ):
                table.add_row(*times.row())
            console.print(table)
            console.print(f"Database: {(folder / 'mapsi.db').stat().st_size / 1e6:,.0f} MB")


if __name__ == "__main__":
    main()
