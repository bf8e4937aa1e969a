"""The trend table as a file that spreadsheets and notebooks open."""

from __future__ import annotations

import csv
import io
import zipfile
from xml.etree import ElementTree

import pytest
from arro3.io import read_parquet

from shared import trend_export
from shared.errors import UsageError
from shared.trend_export import csv_parts, file_name, write_parquet, write_xlsx
from shared.trend_figures import TrendTable, share_interval
from tests.samples.tables import table_of

TABLE = table_of(
    {("trousers", "navy", "거리"): [3, 4, 0], ("skirt", "pink", '=HYPERLINK("x")'): [1, 0, 2]},
    [10, 8, 0],
    by=("item", "color", "source"),
)


def as_csv(table: TrendTable, language: str) -> list[list[str]]:
    text = b"".join(csv_parts(table, language)).decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text, newline="")))


def sheet(table: TrendTable, language: str) -> list[list[str | float | None]]:
    """Return the cells of the first sheet; a formula is a failure."""
    file = io.BytesIO()
    write_xlsx(table, file, language)
    with zipfile.ZipFile(file) as book:
        root = ElementTree.fromstring(book.read("xl/worksheets/sheet1.xml"))
    space = {"x": "http://schemas.openxmlformats.org/spreadsheetml/2006/main"}
    assert not root.findall(".//x:f", space)
    rows: list[list[str | float | None]] = []
    for row in root.iterfind(".//x:row", space):
        cells: list[str | float | None] = []
        for cell in row:
            text = cell.findtext(".//x:t", None, space)
            value = cell.findtext("x:v", None, space)
            cells.append(text if text is not None else None if value is None else float(value))
        rows.append(cells)
    return rows


def test_a_program_reads_names_and_numbers() -> None:
    header, first, second, *_ = as_csv(TABLE, "en")
    assert header == [
        "week", "item", "color", "source", "looks", "total", "share", "share_low", "share_high",
    ]  # fmt: skip
    low, high = share_interval(3, 10)
    assert first[:6] == ["2026-02-02", "trousers", "navy", "거리", "3", "10"]
    assert [float(field) for field in first[6:]] == pytest.approx([0.3, low, high], abs=1e-6)
    assert second[0] == "2026-02-09"


def test_a_week_without_looks_has_no_share() -> None:
    assert as_csv(TABLE, "en")[3] == [
        "2026-02-16",
        "trousers",
        "navy",
        "거리",
        "0",
        "0",
        "",
        "",
        "",
    ]


def test_excel_in_korea_shows_korean() -> None:
    data = b"".join(csv_parts(TABLE, "ko"))
    assert data.startswith(b"\xef\xbb\xbf")
    header, first, *_ = as_csv(TABLE, "ko")
    assert header[:4] == ["주(월요일)", "아이템", "색", "출처"]
    assert first[1:4] == ["바지", "남색", "거리"]


def test_a_program_finds_no_mark_in_the_first_columns_name() -> None:
    assert b"".join(csv_parts(TABLE, "en")).startswith(b"week,")


@pytest.mark.parametrize("name", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1"])
def test_a_source_named_like_a_formula_stays_text(name: str) -> None:
    table = table_of({(name,): [1]}, [10], by=("source",))
    assert as_csv(table, "en")[1][1] == f"'{name}"
    assert sheet(table, "en")[1][1] == name.replace("\r", "\n") or name.strip()


def test_excel_has_dates_shares_and_labels() -> None:
    header, first, *_ = sheet(TABLE, "en")
    assert header[:2] == ["Week (Monday)", "Item"]
    assert first[0] == 46055  # 2026-02-02 in Excel's days
    assert first[1:4] == ["trousers", "navy", "거리"]
    assert first[4:7] == [3, 10, 0.3]
    assert sheet(TABLE, "ko")[1][1] == "바지"


def test_more_lines_than_a_sheet_holds_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trend_export, "MAX_EXCEL", 5)
    with pytest.raises(UsageError, match="fewer weeks"):
        write_xlsx(TABLE, io.BytesIO(), "en")


def test_parquet_keeps_types_and_gaps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trend_export, "_LINES", 4)  # two pieces
    file = io.BytesIO()
    write_parquet(TABLE, file)
    read = read_parquet(file).read_all()
    assert [str(field.type).strip() for field in read.schema][:2] == [
        "arro3.core.DataType<Date32>", "arro3.core.DataType<Utf8>",
    ]  # fmt: skip
    columns = {name: read[name].to_pylist() for name in read.schema.names}
    assert columns["source"] == ["거리"] * 3 + ['=HYPERLINK("x")'] * 3
    assert columns["looks"] == [3, 4, 0, 1, 0, 2]
    assert columns["share"][:3] == [0.3, 0.5, None]


@pytest.mark.parametrize("weeks", [0, 1])
def test_an_empty_table_is_a_file_with_a_heading(weeks: int) -> None:
    table = (
        table_of({("trousers",): [1] * weeks}, [3] * weeks, by=("item",))
        if weeks
        else (TrendTable(by=("item",), weeks=(), totals=(), running=False, rows=()))
    )
    assert len(as_csv(table, "en")) == 1 + weeks
    assert len(sheet(table, "ko")) == 1 + weeks
    file = io.BytesIO()
    write_parquet(table, file)
    assert read_parquet(file).read_all().num_rows == weeks
    assert file_name(table, "csv").startswith("mapsi-item")
