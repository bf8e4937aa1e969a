"""`mapsi trends --export`."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from arro3.io import read_parquet
from click.testing import CliRunner, Result

from services.trends.commands import trends
from shared.errors import MapsiError, UsageError
from shared.records import open_database, upgrade
from tests.samples.seasons import fill

ASKED = ["--weeks", "2", "--until", "2026-02-22", "--lang", "en"]


@pytest.fixture(autouse=True)
def counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("MAPSI_DATA_DIR", str(tmp_path))
    url = f"sqlite:///{tmp_path}/mapsi.db"
    upgrade(url)
    with closing(open_database(url)) as database, database.transaction() as session:
        fill(session, weeks=3)
    yield


def run(path: Path, *options: str) -> Result:
    arguments = [*ASKED, *options, "--export", str(path)]
    return CliRunner().invoke(trends, arguments, catch_exceptions=False)


def test_the_name_says_the_form(tmp_path: Path) -> None:
    assert run(tmp_path / "t.csv").stdout.startswith(f"{tmp_path / 't.csv'}: 28 lines")
    with (tmp_path / "t.csv").open(newline="") as file:
        assert len(list(csv.DictReader(file))) == 28
    run(tmp_path / "t.parquet")
    assert read_parquet(str(tmp_path / "t.parquet")).read_all().num_rows == 28
    run(tmp_path / "T.XLSX")
    assert (tmp_path / "T.XLSX").read_bytes().startswith(b"PK")


def test_a_korean_file_has_korean_headings(tmp_path: Path) -> None:
    run(tmp_path / "t.csv", "--lang", "ko")
    assert (tmp_path / "t.csv").read_text(encoding="utf-8-sig").startswith("주(월요일),아이템,색")


def test_another_form_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"\.csv, \.parquet or \.xlsx"):
        run(tmp_path / "t.pdf")


def test_a_folder_that_is_not_there_is_told_and_nothing_is_left(tmp_path: Path) -> None:
    with pytest.raises(MapsiError, match="cannot be written"):
        run(tmp_path / "nowhere" / "t.csv")
    assert not list(tmp_path.glob("**/*.part"))
