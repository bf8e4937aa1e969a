"""What `mapsi trends` shows, and what it says where there is nothing to show."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import update

from services.trends.commands import trends
from services.trends.rollup import count_photos, settle_photos
from shared.errors import RetryableError, UsageError
from shared.records import Database
from shared.records.ingestion import Photo
from shared.records.trends import Cell
from tests.samples.looks import analyzed, photo, settled, weeks_later


@pytest.fixture(autouse=True)
def data_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("MAPSI_DATA_DIR", str(tmp_path))
    monkeypatch.delenv("MAPSI_DATABASE_URL", raising=False)
    monkeypatch.setenv("MAPSI_LANG", "en")
    return tmp_path


@pytest.fixture
def counted(database: Database) -> Database:
    """Week 0: 20 looks with black trousers. Week 1: 20 looks, half of them red vests."""
    first = [analyzed(photo(f"a{i}")) for i in range(20)]
    second = [
        analyzed(
            photo(f"b{i}", posted_at=weeks_later(1)),
            [("vest", "red") if i % 2 else ("trousers", "black")],
            styles={"casual": 0.9} if i % 2 else {},
        )
        for i in range(20)
    ]
    count_photos(database, first, author_cap=3)
    count_photos(database, second, author_cap=3)
    return database


def run(*args: str) -> Result:
    return CliRunner().invoke(trends, args, catch_exceptions=False)


def line_with(word: str, result: Result) -> str:
    return next(line for line in result.stdout.splitlines() if word in line)


def stored_photo(name: str) -> Photo:
    ref = photo(name)
    return Photo(
        photo_id=ref.photo_id, key=ref.key, width=ref.width, height=ref.height,
        perceptual_hash=0, fine_hash=bytes(32), look_id=ref.look_id, posted_at=ref.posted_at,
        source=ref.source, received_at=datetime.now(UTC),
    )  # fmt: skip


def test_the_table_shows_counts_share_change_and_weeks(counted: Database) -> None:
    result = run("--weeks", "2")
    assert result.exit_code == 0
    assert line_with("trousers", result).split() == [
        "trousers", "black", "30", "75.0%", "10", "-50.0", "(-50%)", "█▅",
    ]  # fmt: skip
    assert line_with("vest", result).split() == ["vest", "red", "10", "25.0%", "10", "+50.0", "▁█"]
    assert "40 looks" in result.stdout


def test_the_table_speaks_korean(counted: Database) -> None:
    result = run("--lang", "ko")
    assert line_with("바지", result).split()[:3] == ["바지", "검정", "30"]
    assert "민소매 상의" in result.stdout
    assert "모두 40개" in result.stdout
    assert "trousers" not in result.stdout


def test_the_language_is_the_settings_one(
    counted: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MAPSI_LANG", "ko")
    assert "아이템" in run().stdout


def test_rows_can_be_told_by_any_dimensions(counted: Database) -> None:
    result = run("--by", "style,item")
    assert line_with("casual", result).split()[:3] == ["casual", "vest", "10"]
    assert line_with("unknown", result).split()[:3] == ["unknown", "trousers", "30"]


def test_a_style_can_be_asked_alone(counted: Database) -> None:
    result = run("--style", "casual")
    assert "vest" in result.stdout
    assert "trousers" not in result.stdout


def test_rows_that_are_left_out_are_named(counted: Database) -> None:
    result = run("--top", "1")
    assert "vest" not in result.stdout
    assert "1 more rows; --top 2" in result.stdout


def test_json_is_one_object_with_every_week(counted: Database) -> None:
    told: dict[str, Any] = json.loads(run("--json", "--weeks", "2").stdout)
    assert told["by"] == ["item", "color"]
    assert told["weeks"] == ["2026-09-07", "2026-09-14"]
    assert told["totals"] == [20, 20]
    row = told["rows"][0]
    assert (row["item"], row["color"], row["looks"]) == ("trousers", "black", [20, 10])
    assert row["change"]["points"] == pytest.approx(-0.5)
    assert row["change"]["high"] < 0


def test_a_source_with_signs_of_its_own_is_shown_as_text(database: Database) -> None:
    count_photos(database, [analyzed(photo("a", source="[red]x\x1b[31m"))], author_cap=3)
    result = run("--by", "source")
    assert "[red]x?[31m" in result.stdout
    assert "[red]x?[31m" in run("--source", "nobody").stdout


def test_an_empty_folder_says_how_to_begin_and_stays_empty(tmp_path: Path) -> None:
    result = run()
    assert result.exit_code == 0
    assert "mapsi ingest" in result.stdout
    assert str(tmp_path) in result.stdout
    assert "mapsi ingest" in run("--recount").stdout
    assert list(tmp_path.iterdir()) == []


def test_an_empty_database_says_how_to_begin_in_korean(database: Database) -> None:
    assert "아직 사진이 없습니다" in run("--lang", "ko").stdout


def test_photos_under_way_are_named(database: Database) -> None:
    with database.transaction() as session:
        session.add_all([stored_photo("a"), stored_photo("b")])
    settle_photos(database, [settled(photo("a"))], author_cap=3)
    assert "1 of 2 photos are under way" in run().stdout
    assert "사진 2장 가운데 1장" in run("--lang", "ko").stdout


def test_photos_that_ended_without_a_look_are_named(database: Database) -> None:
    settle_photos(database, [settled(photo("a")), settled(photo("b"), "failed")], author_cap=3)
    count_photos(database, [analyzed(photo("c"), [])], author_cap=3)
    assert "1 photos are not fashion, 1 show no garment, 1 failed" in run().stdout
    assert "mapsi retry" in run("--lang", "ko").stdout


def test_a_filter_without_looks_names_the_sources(counted: Database) -> None:
    assert "Sources that have looks: street" in run("--source", "shop").stdout


def test_empty_json_stays_json_and_the_advice_goes_aside() -> None:
    result = run("--json")
    assert json.loads(result.stdout)["rows"] == []
    assert "mapsi ingest" in result.stderr


def test_a_recount_of_right_counts_says_so(counted: Database) -> None:
    assert "every cell is right" in run("--recount").stdout


def test_a_recount_shows_and_repairs_wrong_counts(counted: Database) -> None:
    with counted.transaction() as session:
        session.execute(
            update(Cell).where(Cell.item == "vest", Cell.color == "red").values(looks=7)
        )
    result = run("--recount")
    assert line_with("vest", result).split()[-2:] == ["7", "10"]
    assert "1 cells differed" in result.stdout
    assert "every cell is right" in run("--recount").stdout


def test_an_unknown_dimension_is_one_clear_error(counted: Database) -> None:
    with pytest.raises(UsageError, match="item, family, color, pattern, style, source"):
        run("--by", "item,fabric")


def test_weeks_below_one_are_a_usage_error() -> None:
    result = run("--weeks", "0")
    assert result.exit_code == 2
    assert "1<=x<=520" in result.output


def test_a_file_that_is_no_database_is_one_clear_error(tmp_path: Path) -> None:
    (tmp_path / "mapsi.db").write_bytes(b"no database" * 1000)
    with pytest.raises(RetryableError, match="damaged"):
        run()
