"""What every service relies on from the database, the same on SQLite and PostgreSQL."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from threading import Barrier, Thread, Timer

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError

from shared.errors import RetryableError, UsageError
from shared.records import Database, open_database, upgrade
from shared.records.many_rows import is_one_of
from shared.records.trends import Cell, Fact, Settlement
from tests.together import run_together

pytestmark = pytest.mark.integration

SEOUL = timezone(timedelta(hours=9))
NOON = datetime(2026, 9, 1, 12, 0, 0, 123456, tzinfo=SEOUL)


def mark(photo_id: str = "a", at: datetime = NOON, *, reason: str = "torn") -> Settlement:
    return Settlement(
        photo_id=photo_id, outcome="failed", stage="color", reason=reason, models={}, settled_at=at
    )


def names(database: Database) -> list[str]:
    with database.reading() as session:
        return list(session.scalars(select(Settlement.photo_id).order_by(Settlement.photo_id)))


def test_a_moment_comes_back_as_the_same_moment_in_utc(database: Database) -> None:
    with database.transaction() as session:
        session.add(mark())
    with database.reading() as session:
        kept = session.scalars(select(Settlement.settled_at)).one()
    assert kept == NOON
    assert kept.utcoffset() == timedelta(0)


def test_moments_of_different_zones_compare_by_time(database: Database) -> None:
    early = datetime(2026, 9, 1, 8, 30, tzinfo=SEOUL)  # 23:30 of the day before, in UTC
    late = datetime(2026, 9, 1, 0, 0, tzinfo=UTC)
    with database.transaction() as session:
        session.add_all([mark("early", early), mark("late", late)])
    with database.reading() as session:
        found = session.scalars(
            select(Settlement.photo_id).where(Settlement.settled_at < late)
        ).all()
    assert found == ["early"]


def test_a_moment_without_a_zone_is_refused(database: Database) -> None:
    with pytest.raises(Exception, match="naive"), database.transaction() as session:
        session.add(mark(at=datetime(2026, 9, 1)))  # noqa: DTZ001


def test_an_error_undoes_the_whole_transaction(database: Database) -> None:
    with pytest.raises(ZeroDivisionError), database.transaction() as session:
        session.add(mark())
        session.flush()
        raise ZeroDivisionError
    assert names(database) == []


def test_a_broken_rule_is_a_bug_and_no_reason_to_try_again(database: Database) -> None:
    with database.transaction() as session:
        session.add(mark("a"))
    with pytest.raises(IntegrityError), database.transaction() as session:
        session.add(mark("a"))


def test_korean_text_and_emoji_survive(database: Database) -> None:
    with database.transaction() as session:
        session.add(mark(reason="사진 모음/한강 🌉.jpg: 잘린 파일"))
    with database.reading() as session:
        kept = session.scalars(select(Settlement.reason)).one()
    assert kept == "사진 모음/한강 🌉.jpg: 잘린 파일"


def test_a_reader_sees_one_moment_while_a_writer_goes_on(database: Database) -> None:
    with database.reading() as session:
        before = session.scalar(select(func.count()).select_from(Settlement))
        with database.transaction() as other:
            other.add(mark())
        assert session.scalar(select(func.count()).select_from(Settlement)) == before == 0
    assert names(database) == ["a"]


def test_many_rows_are_kept_as_they_were_sent(database: Database) -> None:
    sent = [
        {
            "photo_id": "a", "look_id": "a", "week": date(2026, 9, 7), "item": "vest",
            "color": "red", "color_name": "it's \"홍색\" \\", "hex": "#ff0000", "pattern": None,
            "style": "unknown", "source": "거리 🌉 $.x", "author": None, "score": 0.1,
            "counted": True,
        },
        {
            "photo_id": "b", "look_id": "a", "week": date(2026, 12, 28), "item": "vest",
            "color": "red", "color_name": "", "hex": "#ff0000", "pattern": "solid",
            "style": "unknown", "source": "", "author": "kim", "score": 1.0, "counted": False,
        },
    ]  # fmt: skip
    with database.transaction() as session:
        session.execute(database.insert_many(Fact, sent))
    with database.reading() as session:
        kept = session.scalars(select(Fact).order_by(Fact.fact_id)).all()
    assert [{name: getattr(fact, name) for name in sent[0]} for fact in kept] == sent


def test_a_question_may_name_more_values_than_a_statement_takes_parameters(
    database: Database,
) -> None:
    with database.transaction() as session:
        session.add_all([mark(name) for name in ("a", 'b"\\', "다")])
    asked = ["a", 'b"\\', *map(str, range(70_000))]
    with database.reading() as session:
        found = select(Settlement.photo_id).where(is_one_of(session, Settlement.photo_id, asked))
        assert set(session.scalars(found)) == {"a", 'b"\\'}
        nothing = select(Settlement.photo_id).where(is_one_of(session, Settlement.photo_id, []))
        assert session.scalars(nothing).all() == []


def test_a_server_that_goes_away_while_rows_are_copied_is_tried_again(database: Database) -> None:
    if database.is_sqlite:
        pytest.skip("SQLite has no server")
    with pytest.raises(RetryableError), database.transaction() as session:
        backend = session.scalar(text("SELECT pg_backend_pid()"))
        with database.transaction() as other:
            other.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": backend})
        with database.copying(session, "COPY tombstones FROM STDIN") as copy:
            for _ in range(100_000):
                copy.write_row(("photo", "0" * 64, "", NOON, None))
    with database.transaction() as session:
        session.add(mark())
    assert names(database) == ["a"]


def test_two_writers_of_one_counter_lose_nothing(database: Database) -> None:
    """Both read and write the same row in a loop; each waits for the other's commit."""
    key = {
        "week": NOON.date(),
        "pattern": "*",
        "item": "*",
        "color": "*",
        "style": "unknown",
        "source": "s",
    }

    def add_fifty() -> None:
        insert = database.insert(Cell)
        upsert = insert.on_conflict_do_update(
            index_elements=list(key), set_={"looks": Cell.looks + insert.excluded.looks}
        )
        for _ in range(50):
            with database.transaction() as session:
                session.execute(upsert, [{**key, "looks": 1}])

    run_together(add_fifty, add_fifty)
    with database.reading() as session:
        assert session.scalars(select(Cell.looks)).one() == 100


def test_work_that_must_be_alone_is_alone(database: Database) -> None:
    inside: list[str] = []

    def enter_and_leave() -> None:
        for _ in range(10):
            with database.transaction() as session:
                database.alone(session, "one at a time")
                inside.append("in")
                session.execute(text("SELECT 1"))
                inside.append("out")

    run_together(enter_and_leave, enter_and_leave)
    assert inside == ["in", "out"] * 20


def test_held_writers_wait_and_readers_do_not(database: Database) -> None:
    done: list[str] = []

    def write() -> None:
        with database.transaction() as session:
            session.add(mark("b"))
        done.append("written")

    writer = Thread(target=write)
    with database.transaction() as session:
        database.hold_writers(session, Settlement)
        writer.start()
        writer.join(timeout=0.5)
        with database.reading() as reader:
            assert reader.scalar(select(func.count()).select_from(Settlement)) == 0
        assert done == []
    writer.join()
    assert done == ["written"]


def test_a_database_that_was_never_set_up_says_so(database_url: str) -> None:
    with (
        closing(open_database(database_url)) as database,
        pytest.raises(RetryableError, match="mapsi up") as caught,
        database.reading() as session,
    ):
        session.scalars(select(Cell.looks)).all()
    assert caught.value.reason == "database_not_set_up"
    assert "\n" not in caught.value.text


def test_a_busy_sqlite_file_can_be_tried_again(sqlite_database_url: str) -> None:
    upgrade(sqlite_database_url)
    path = sqlite_database_url.removeprefix("sqlite:///")
    with (
        closing(open_database(f"{sqlite_database_url}?timeout=0.1")) as database,
        closing(sqlite3.connect(path, isolation_level=None)) as other,
    ):
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(RetryableError, match="locked"), database.transaction() as session:
            session.add(mark())
        other.execute("ROLLBACK")
        with database.transaction() as session:
            session.add(mark())


def test_a_new_file_that_another_process_holds_is_waited_for(tmp_path: Path) -> None:
    file = tmp_path / "mapsi.db"
    with closing(sqlite3.connect(file, check_same_thread=False)) as other:
        other.execute("BEGIN IMMEDIATE")
        release = Timer(0.3, other.rollback)
        release.start()
        with (
            closing(open_database(f"sqlite:///{file}")) as database,
            database.transaction() as session,
        ):
            mode = session.connection().exec_driver_sql("PRAGMA journal_mode").scalar_one()
        release.join()
    assert mode == "wal"


def test_a_full_disk_can_be_tried_again(sqlite_database_url: str) -> None:
    upgrade(sqlite_database_url)
    with closing(open_database(sqlite_database_url)) as database:
        with database.engine.connect() as connection:
            pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
            connection.exec_driver_sql(f"PRAGMA max_page_count={pages}")
        with pytest.raises(RetryableError, match="full"), database.transaction() as session:
            session.add_all([mark(str(index), reason="x" * 4000) for index in range(10)])
        assert names(database) == []


def test_a_damaged_file_names_the_damage(tmp_path: Path) -> None:
    (tmp_path / "mapsi.db").write_bytes(b"no database at all, only text" * 100)
    with (
        closing(open_database(f"sqlite:///{tmp_path}/mapsi.db")) as database,
        pytest.raises(RetryableError, match="damaged"),
        database.reading() as session,
    ):
        session.execute(select(1))


def test_a_folder_that_cannot_be_made_names_the_setting(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError, match="MAPSI_DATA_DIR"):
        open_database(f"sqlite:///{tmp_path}/file/mapsi.db")


def test_a_wrong_url_names_the_setting() -> None:
    with pytest.raises(UsageError, match="MAPSI_DATABASE_URL"):
        open_database("not a url")


def test_a_server_that_is_away_can_be_tried_again(tmp_path: Path) -> None:
    with (
        closing(open_database(f"postgresql+psycopg://mapsi@/postgres?host={tmp_path}")) as database,
        pytest.raises(RetryableError) as caught,
        database.reading() as session,
    ):
        session.execute(select(1))
    assert caught.value.reason == "database_away"
    assert "\n" not in caught.value.text


def test_a_cut_connection_can_be_tried_again(postgres_database_url: str) -> None:
    upgrade(postgres_database_url)
    with closing(open_database(postgres_database_url)) as database:
        with pytest.raises(RetryableError), database.transaction() as session:
            session.add(mark())
            session.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))
        with database.transaction() as session:
            session.add(mark("after"))
        assert names(database) == ["after"]


def test_a_deadlock_can_be_tried_again(postgres_database_url: str) -> None:
    upgrade(postgres_database_url)
    together = Barrier(2)
    errors: list[Exception] = []
    with closing(open_database(postgres_database_url)) as database:
        with database.transaction() as session:
            session.add_all([mark("a"), mark("b")])

        def change(first: str, second: str) -> None:
            try:
                with database.transaction() as session:
                    session.get_one(Settlement, first).reason = "changed"
                    session.flush()
                    together.wait()
                    session.get_one(Settlement, second).reason = "changed"
            except RetryableError as error:
                errors.append(error)

        run_together(lambda: change("a", "b"), lambda: change("b", "a"))
    assert len(errors) == 1
