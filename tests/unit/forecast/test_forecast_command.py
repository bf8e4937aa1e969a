"""`mapsi forecast`: files as people have them, and what it says of bad ones."""

from __future__ import annotations

import csv
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result

from services.trends.forecast.commands import forecast_series
from services.trends.forecast.evaluate import evaluate_forecast
from services.trends.forecast.series_file import BadSeriesError, read_series

START = date(2022, 1, 3)


@pytest.fixture(autouse=True)
def english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAPSI_LANG", "en")


def lines(weeks: int = 130, names: tuple[str, ...] = ("navy coat", "a,b")) -> list[list[str]]:
    rows, random = [["week", *names]], np.random.default_rng(5)
    for week in range(weeks):
        day = START + timedelta(weeks=week)
        season = 0.05 + 0.02 * np.sin(2 * np.pi * week / 52) + 0.002 * random.normal()
        rows.append([day.isoformat(), *(f"{season * (at + 1):.6f}" for at in range(len(names)))])
    return rows


def save(path: Path, rows: list[list[str]], *, encoding: str = "utf-8") -> Path:
    with path.open("w", newline="", encoding=encoding) as file:
        csv.writer(file).writerows(rows)
    return path


def run(path: Path, *options: str) -> Result:
    return CliRunner().invoke(forecast_series, [str(path), *options], catch_exceptions=False)


def test_the_same_columns_come_out_for_the_weeks_that_follow(tmp_path: Path) -> None:
    result = run(save(tmp_path / "series.csv", lines()), "--horizon", "8")
    rows = list(csv.reader(result.stdout.splitlines()))
    assert rows[0] == ["week", "navy coat", "a,b"]
    assert [row[0] for row in rows[1:]] == [
        (START + timedelta(weeks=130 + ahead)).isoformat() for ahead in range(8)
    ]
    for row in rows[1:]:
        assert 0 < float(row[1]) < float(row[2])


def test_intervals_stand_beside_each_series(tmp_path: Path) -> None:
    out = tmp_path / "ahead.csv"
    run(save(tmp_path / "series.csv", lines()), "--intervals", "--out", str(out), "--horizon", "4")
    header, *rows = csv.reader(out.read_text().splitlines())
    assert header[1:6] == [
        "navy coat", "navy coat.lo80", "navy coat.hi80", "navy coat.lo95", "navy coat.hi95",
    ]  # fmt: skip
    for row in rows:
        middle, low80, high80, low95, high95 = map(float, row[1:6])
        assert low95 <= low80 <= middle <= high80 <= high95


def test_it_says_how_good_such_forecasts_were(tmp_path: Path) -> None:
    path = save(tmp_path / "series.csv", lines())
    result = run(path, "--horizon", "13")
    assert "Backtest, the last 13 weeks held back, 2 times: seasonal MASE" in result.stderr
    assert "MASE" not in result.stdout
    assert "백테스트" in run(path, "--horizon", "13", "--lang", "ko").stderr
    assert run(path, "--no-backtest").stderr == ""
    short = run(save(tmp_path / "short.csv", lines(20)), "--horizon", "4")
    assert "these are 20 weeks" in short.stderr


def test_order_gaps_and_missing_weeks_do_not_matter(tmp_path: Path) -> None:
    rows = lines()
    rows[20][1], rows[30][1], rows[31][2] = "", "NaN", "n/a"
    torn = [rows[0], *reversed(rows[1:50]), *rows[55:], ["", "", ""]]
    series = read_series(save(tmp_path / "torn.csv", torn))
    assert series.values.shape == (2, 130)
    assert series.weeks == tuple(START + timedelta(weeks=week) for week in range(130))
    missing = np.flatnonzero(np.isnan(series.values[0])).tolist()
    assert missing == [19, 29, 49, 50, 51, 52, 53]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp949"])
def test_names_in_korean_come_through_whatever_excel_saved(tmp_path: Path, encoding: str) -> None:
    path = save(tmp_path / "한글 파일.csv", lines(names=("바지 남색",)), encoding=encoding)
    assert run(path, "--horizon", "1").stdout.startswith("week,바지 남색\n")


def test_weeks_may_be_iso_weeks(tmp_path: Path) -> None:
    rows = lines()
    for row in rows[1:]:
        row[0] = f"{date.fromisoformat(row[0]):%G-W%V}"
    result = run(save(tmp_path / "iso.csv", rows), "--horizon", "2")
    assert [line.split(",")[0] for line in result.stdout.splitlines()] == [
        "week", "2024-W27", "2024-W28",
    ]  # fmt: skip


def spoiled(row: int, column: int, value: str) -> list[list[str]]:
    rows = lines()
    rows[row][column] = value
    return rows


BAD = {
    "text": (spoiled(3, 2, "many"), "line 4, column 3 (a,b): 'many' is no number"),
    "infinite": (spoiled(3, 1, "inf"), "line 4, column 2 (navy coat): 'inf' is no number"),
    "thousands": (spoiled(3, 1, "1,234"), "line 4, column 2 (navy coat): '1,234' is no number"),
    "no week": (spoiled(5, 0, "spring"), "line 6, column 1: 'spring' is no week"),
    "no date": (spoiled(5, 0, "2022-02-31"), "line 6, column 1: '2022-02-31' is no week"),
    "twice": (
        spoiled(5, 0, "2022-01-10"),
        "line 6, column 1: the week 2022-01-10 stands on line 3",
    ),
    "weekday": (spoiled(5, 0, "2022-02-01"), "line 6, column 1: 2022-02-01 is no whole number of"),
    "year": (spoiled(5, 0, "2222-01-07"), "line 6, column 1: 2222-01-07 is more than 2600 weeks"),
    "width": ([*lines(), ["2024-07-01", "1"]], "line 132: 2 columns where the first line has 3"),
    "no header": (lines()[1:], "line 1: the first line must name the columns"),
    "one column": ([["week"], ["2022-01-03"]], "line 1: there is no series"),
    "one week": (lines(1), "1 weeks are no history"),
    "empty": ([], "line 1: there is no series"),
    "no number": ([[*row[:2], ""] for row in lines()], "column 3 () has no number"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_file_is_told_by_line_and_column(tmp_path: Path, name: str) -> None:
    rows, text = BAD[name]
    path = save(tmp_path / "bad.csv", rows)
    with pytest.raises(BadSeriesError) as raised:
        read_series(path)
    told = raised.value
    assert f"{path}: {text}" in told.text
    assert told.text_ko != told.text
    assert "\n" not in told.text


@pytest.mark.parametrize(
    "data", [b"\xff\xfe\x00\x81\x00", b'week,a\n"2022', b"PK\x03\x04\x81\xff\xfe"]
)
def test_what_is_no_csv_is_refused(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "bad.csv"
    path.write_bytes(data)
    with pytest.raises(BadSeriesError):
        read_series(path)


def test_evaluate_prints_the_table_and_draws(tmp_path: Path) -> None:
    path = save(tmp_path / "series.csv", lines(160))
    picture = tmp_path / "curves.svg"
    result = CliRunner().invoke(
        evaluate_forecast,
        ["--data", str(path), "--horizon", "26", "--picture", str(picture)],
        catch_exceptions=False,
    )
    assert "2 series, 160 weeks" in result.stdout
    assert {"Mapsi", "harmonic", "seasonal"} <= {
        line.split()[0] for line in result.stdout.splitlines()
    }
    assert picture.read_text().count("<g ") == 2
