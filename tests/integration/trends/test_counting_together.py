"""Workers that count at the same time, on SQLite and PostgreSQL, count each look once."""

from __future__ import annotations

import json
import multiprocessing
import os
import random
import signal
from collections.abc import Sequence
from contextlib import closing
from functools import partial
from multiprocessing.connection import Connection

import pytest
from click.testing import CliRunner
from sqlalchemy import func, select

from services.trends import bulk, rollup
from services.trends.commands import trends
from services.trends.cube import CellKey, count
from services.trends.domain import is_counted, look_of_message
from services.trends.recount import recount, recount_from_analyses, within_cap
from services.trends.rollup import count_photos, settle_photos
from shared.contracts.photos import AnalyzedPhoto
from shared.contracts.vocabulary import ALL, BASIC_COLORS, CATEGORIES, STYLES
from shared.records import Database, open_database
from shared.records.trend_queries import TrendQuery
from shared.records.trend_reader import read_trends
from shared.records.trends import Cell, Fact, Settlement
from shared.storage import open_url
from tests.samples.looks import MONDAY, analysis_of, analyzed, photo, settled, weeks_later
from tests.together import run_together

pytestmark = pytest.mark.integration
CAP = 3
ITEMS, COLORS = ("vest", "skirt", "trousers"), ("red", "black", "white")


def history(photos: int, *, seed: int = 7) -> list[AnalyzedPhoto]:
    """Looks of few authors, weeks and garments, and some reposts."""
    dice = random.Random(seed)
    return [
        analyzed(
            photo(
                str(index),
                repeats=str(dice.randrange(index)) if index and dice.random() < 0.2 else None,
                author=dice.choice([None, "kim", "lee", "park"]),
                source=dice.choice(["street", "shop"]),
                posted_at=weeks_later(dice.randrange(3), days=dice.randrange(7)),
            ),
            [(dice.choice(ITEMS), dice.choice(COLORS)) for _ in range(dice.randrange(4))],
            styles=dice.choice([{}, {"casual": 0.8}]),
        )
        for index in range(photos)
    ]


def messages(photos: Sequence[AnalyzedPhoto], *, seed: int) -> list[list[AnalyzedPhoto]]:
    """All photos in some order, in messages of eight, each message twice somewhere."""
    dice = random.Random(seed)
    order = dice.sample(photos, len(photos))
    made = [order[start : start + 8] for start in range(0, len(order), 8)] * 2
    dice.shuffle(made)
    return made


def expected(photos: Sequence[AnalyzedPhoto]) -> dict[CellKey, int]:
    looks = [look_of_message(item) for item in photos if is_counted(item.photo) and item.garments]
    return dict(count(within_cap(looks, cap=CAP)).cells)


def cells(database: Database) -> dict[CellKey, int]:
    with database.reading() as session:
        columns = (getattr(Cell, name) for name in CellKey._fields)
        rows = session.execute(select(*columns, Cell.looks))
        return {CellKey._make(key): looks for *key, looks in rows}


@pytest.mark.parametrize("very_many", [1, 2_000])
def test_workers_with_the_same_photos_in_any_order_count_each_once(
    database: Database, monkeypatch: pytest.MonkeyPatch, very_many: int
) -> None:
    """On PostgreSQL also: none of them runs into a deadlock, which would raise here."""
    monkeypatch.setattr(bulk, "_VERY_MANY", very_many)
    photos = history(200)

    def work(seed: int) -> None:
        for message in messages(photos, seed=seed):
            count_photos(database, message, author_cap=CAP)

    run_together(*(partial(work, seed) for seed in range(4)))
    assert cells(database) == expected(photos)
    assert recount(database, author_cap=CAP) == []
    with database.reading() as session:
        garments = sum(len(item.garments) for item in photos)
        assert session.scalar(select(func.count()).select_from(Fact)) == garments


def test_workers_that_meet_in_opposite_order_do_not_lock_each_other_out(
    database: Database,
) -> None:
    def message(round_: int, weeks: Sequence[int], mark: int) -> list[AnalyzedPhoto]:
        """One look a week; the photos' ids, by which they are counted, follow ``weeks``."""
        refs = (photo("", posted_at=weeks_later(week)) for week in weeks)
        ids = (f"{round_:032x}{place:031x}{mark}" for place in range(len(weeks)))
        return [
            analyzed(ref.model_copy(update={"photo_id": name, "look_id": name}))
            for ref, name in zip(refs, ids, strict=True)
        ]

    weeks = range(32)
    for round_ in range(20):
        run_together(
            partial(count_photos, database, message(round_, weeks, 1), author_cap=CAP),
            partial(count_photos, database, message(round_, weeks[::-1], 2), author_cap=CAP),
        )
    assert set(cells(database).values()) == {40}


def test_a_large_batch_is_counted_like_small_ones(database: Database) -> None:
    """Also where it meets counts that are there, takes some back and has odd names in it."""
    photos = [
        analyzed(
            photo(
                str(index), author=f"author{index % 400}", source=["거리 \\", 'a "shop"'][index % 2]
            ),
            [(CATEGORIES[index % 13], BASIC_COLORS[index % 7]), ("vest", BASIC_COLORS[index % 11])],
            styles={STYLES[index % 6]: 1.0},
        )
        for index in range(3_000)
    ]
    count_photos(database, photos[:40], author_cap=CAP)
    count_photos(database, photos[:2_000], author_cap=CAP)
    count_photos(database, photos[2_000:], author_cap=CAP)
    assert cells(database) == expected(photos)
    assert recount(database, author_cap=CAP) == []


def test_one_message_in_two_hands_counts_once(database: Database) -> None:
    photos = history(160)
    for start in range(0, 160, 32):
        hand = partial(count_photos, database, photos[start : start + 32], author_cap=CAP)
        run_together(hand, hand)
    assert cells(database) == expected(photos)


def test_a_success_wins_over_a_failure_of_the_same_moment(database: Database) -> None:
    for index in range(20):
        ref = photo(str(index))
        run_together(
            partial(count_photos, database, [analyzed(ref)], author_cap=CAP),
            partial(settle_photos, database, [settled(ref, "failed", "killed")], author_cap=CAP),
        )
    with database.reading() as session:
        assert session.scalars(select(Settlement.outcome)).all() == ["analyzed"] * 20
    assert cells(database)[CellKey(MONDAY.date(), ALL, ALL, ALL, "unknown", "street")] == 20


def test_a_recount_beside_working_workers_finds_nothing_wrong(database: Database) -> None:
    photos = history(160)

    def work() -> None:
        for message in messages(photos, seed=1):
            count_photos(database, message, author_cap=CAP)

    def recount_often() -> None:
        for _ in range(6):
            assert recount(database, author_cap=CAP) == []

    run_together(work, work, recount_often)
    assert cells(database) == expected(photos)


def test_a_recount_repairs_what_another_cap_has_counted(database: Database) -> None:
    photos = history(120)
    for message in messages(photos, seed=2):
        count_photos(database, message, author_cap=1)
    assert recount(database, author_cap=CAP)
    assert cells(database) == expected(photos)
    count_photos(database, [analyzed(photo("new", author="kim"))], author_cap=CAP)
    assert recount(database, author_cap=CAP) == []


def test_the_stored_analyses_give_the_same_cube(
    database: Database, tmp_path_factory: pytest.TempPathFactory
) -> None:
    store = open_url(f"file://{tmp_path_factory.mktemp('objects')}")
    photos = history(60)
    for item in photos:
        data = analysis_of(item).model_dump_json().encode()
        store.put(item.analysis_key, data, content_type="application/json")
    count_photos(database, photos, author_cap=CAP)
    settle_photos(database, [settled(photo("other"))], author_cap=3)
    assert recount_from_analyses(database, store, author_cap=CAP) == cells(database)


def test_a_worker_killed_while_it_writes_leaves_nothing(database: Database) -> None:
    message = history(32)
    url = database.engine.url.render_as_string(hide_password=False)
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    worker = context.Process(target=hang_before_commit, args=(url, message, there))
    worker.start()
    assert here.recv() == "written"
    os.kill(worker.pid or 0, signal.SIGKILL)
    worker.join()
    assert cells(database) == {}
    assert count_photos(database, message, author_cap=CAP) == 32
    assert cells(database) == expected(message)


def hang_before_commit(url: str, message: list[AnalyzedPhoto], told: Connection) -> None:
    """Write everything, say so, and never commit."""
    add_looks = rollup.grow

    def add_and_hang(*args: object, **kwargs: object) -> None:
        add_looks(*args, **kwargs)  # type: ignore[arg-type]
        told.send("written")
        signal.pause()

    rollup.grow = add_and_hang
    with closing(open_database(url)) as database:
        count_photos(database, message, author_cap=CAP)


def test_the_command_reads_the_database_of_the_settings(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    count_photos(database, history(50), author_cap=CAP)
    url = database.engine.url.render_as_string(hide_password=False)
    monkeypatch.setenv("MAPSI_DATABASE_URL", url)
    result = CliRunner().invoke(trends, ["--json", "--by", "item", "--weeks", "3"])
    assert {row["item"] for row in json.loads(result.stdout)["rows"]} == set(ITEMS)
    assert "every cell is right" in CliRunner().invoke(trends, ["--recount", "--lang", "en"]).stdout


def test_the_table_reads_the_same_on_both_databases(database: Database) -> None:
    photos = history(200)
    count_photos(database, photos, author_cap=CAP)
    with database.reading() as session:
        table = read_trends(
            session,
            TrendQuery(by=("item", "style"), weeks=3, source="street"),
            today=weeks_later(2).date(),
        )
    weeks = tuple(weeks_later(week).date() for week in range(3))
    assert (table.weeks, table.running) == (weeks, True)
    told = {
        CellKey(week, ALL, row.values[0], ALL, row.values[1], "street"): looks
        for row in table.rows
        for week, looks in zip(weeks, row.looks, strict=True)
        if looks
    }
    assert told == {
        cell: looks
        for cell, looks in expected(photos).items()
        if cell.source == "street"
        and (cell.pattern, cell.color) == (ALL, ALL)
        and cell.item in ITEMS
    }
