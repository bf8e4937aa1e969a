"""The trend table as a file: CSV, Parquet or Excel, one line a cell and week.

English CSV and Parquet carry the vocabulary's names, for programs; Korean CSV and Excel carry
labels, for people. Korean CSV begins with a byte order mark, without which Excel in Korea takes
UTF-8 for CP949 and shows letter salad; English CSV has none, because a program that does not know
the mark would find it in the first column's name.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import islice
from typing import IO, Final, Literal

from shared.contracts.vocabulary import KOREAN, label
from shared.errors import UsageError
from shared.trend_figures import TrendTable, share_interval

Format = Literal["csv", "parquet", "xlsx"]
FORMATS: Final[tuple[Format, ...]] = ("csv", "parquet", "xlsx")
MEDIA_TYPES: Final[dict[Format, str]] = {
    "csv": "text/csv; charset=utf-8",
    "parquet": "application/vnd.apache.parquet",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
MAX_EXCEL: Final = 1_048_576 - 1
"""Lines under the heading that a sheet holds."""

_FIGURES: Final = ("looks", "total", "share", "share_low", "share_high")
_LINES: Final = 10_000
"""Lines that are in memory at once."""
_DANGEROUS: Final = ("=", "+", "-", "@", "\t", "\r", "\n")
_EPOCH: Final = date(1970, 1, 1)
_HEADINGS: Final = {
    "week": {"en": "Week (Monday)", "ko": "주(월요일)"},
    "item": {"en": "Item", "ko": "아이템"},
    "family": {"en": "Family", "ko": "분류"},
    "color": {"en": "Colour", "ko": "색"},
    "pattern": {"en": "Pattern", "ko": "무늬"},
    "style": {"en": "Style", "ko": "스타일"},
    "source": {"en": "Source", "ko": "출처"},
    "looks": {"en": "Looks", "ko": "룩 수"},
    "total": {"en": "All looks", "ko": "전체 룩 수"},
    "share": {"en": "Share", "ko": "비율"},
    "share_low": {"en": "Share, 95 % low", "ko": "비율 95% 하한"},
    "share_high": {"en": "Share, 95 % high", "ko": "비율 95% 상한"},
}


@dataclass(frozen=True)
class Line:
    """One cell in one week."""

    week: date
    values: tuple[str, ...]
    looks: int
    total: int
    share: float | None
    """None: no look in that week."""
    low: float | None
    """Bounds of the share's 95 % interval (Wilson's, as in the trend table)."""
    high: float | None

    @property
    def figures(self) -> tuple[int | float | None, ...]:
        """The numbers, in the order of the columns."""
        return self.looks, self.total, self.share, self.low, self.high


def lines(table: TrendTable) -> Iterator[Line]:
    """Yield the table cell by cell, best rank first, each week by week."""
    for row in table.rows:
        for week, looks, total in zip(table.weeks, row.looks, table.totals, strict=True):
            phi = row.figures.phi
            low, high = share_interval(looks, total, phi=phi) if total else (None, None)
            share = looks / total if total else None
            yield Line(week, row.values, looks, total, share, low, high)


def csv_parts(table: TrendTable, language: str) -> Iterator[bytes]:
    """Yield the table as CSV, in pieces of some thousand lines."""
    korean = language == "ko"
    if korean:
        yield b"\xef\xbb\xbf"
    yield _csv([_headings(table.by, language) if korean else _columns(table.by)])
    for part in _parts(lines(table)):
        yield _csv(
            [
                line.week.isoformat(),
                *(_labels(table.by, line, language) if korean else line.values),
                *map(_figure, line.figures),
            ]
            for line in part
        )


def write_parquet(table: TrendTable, file: IO[bytes]) -> None:
    """Write the table as Parquet (zstd), in row groups of some thousand lines."""
    from arro3.core import Array, DataType, Field, RecordBatch, RecordBatchReader, Schema
    from arro3.io import write_parquet as write

    text, whole, real = DataType.string(), DataType.int64(), DataType.float64()
    fields = [
        Field("week", DataType.date32(), nullable=False),
        *(Field(name, text, nullable=False) for name in table.by),
        *(Field(name, whole, nullable=False) for name in ("looks", "total")),
        *(Field(name, real) for name in ("share", "share_low", "share_high")),
    ]
    schema = Schema(fields)

    def batch(part: Sequence[Line]) -> RecordBatch:
        days = Array([(line.week - _EPOCH).days for line in part], type=DataType.int32())
        texts = [[line.values[at] for line in part] for at in range(len(table.by))]
        figures = list(zip(*(line.figures for line in part), strict=True))
        arrays = [
            days.cast(DataType.date32()),
            *(Array(column, type=text) for column in texts),
            *(Array(list(column), type=whole) for column in figures[:2]),
            *(Array(list(column), type=real) for column in figures[2:]),
        ]
        return RecordBatch.from_arrays(arrays, schema=schema)

    parts = (batch(part) for part in _parts(lines(table)))
    write(RecordBatchReader.from_batches(schema, parts), file, compression="zstd(3)")


def write_xlsx(table: TrendTable, file: IO[bytes], language: str) -> None:
    """Write the table as an Excel sheet with a filter; UsageError where it has too many lines."""
    import xlsxwriter

    number = len(table.rows) * len(table.weeks)
    if number > MAX_EXCEL:
        raise UsageError(
            f"{number:,} lines are more than an Excel sheet holds ({MAX_EXCEL:,}); "
            "ask for fewer weeks, or for csv or parquet",
            text_ko=f"{number:,}줄은 엑셀 시트 한도({MAX_EXCEL:,}줄)를 넘습니다. "
            "기간을 줄이거나 csv나 parquet으로 받으세요",
            reason="too_many_lines",
        )
    # Lines are on disk and not in memory; what looks like a formula or a link stays text.
    with xlsxwriter.Workbook(file, {"constant_memory": True}) as book:
        sheet = book.add_worksheet("트렌드" if language == "ko" else "Trends")
        bold, day = book.add_format({"bold": True}), book.add_format({"num_format": "yyyy-mm-dd"})
        percent = book.add_format({"num_format": "0.00%"})
        headings = _headings(table.by, language)
        sheet.set_column(0, len(headings) - 1, 14)
        sheet.freeze_panes(1, 0)
        for column, heading in enumerate(headings):
            sheet.write_string(0, column, heading, bold)
        for at, line in enumerate(lines(table), start=1):
            sheet.write_datetime(at, 0, line.week, day)
            for column, text in enumerate(_labels(table.by, line, language), start=1):
                sheet.write_string(at, column, text)
            for column, figure in enumerate(line.figures, start=1 + len(table.by)):
                if figure is not None:
                    sheet.write_number(
                        at, column, figure, percent if isinstance(figure, float) else None
                    )
        sheet.autofilter(0, 0, number, len(headings) - 1)


def file_name(table: TrendTable, file_format: Format) -> str:
    """Return a name that tells what is in it: ``mapsi-item-color-2026-02-16.csv``."""
    last = [table.weeks[-1].isoformat()] if table.weeks else []
    return "-".join(["mapsi", *table.by, *last]) + f".{file_format}"


def _parts(all_lines: Iterator[Line]) -> Iterator[list[Line]]:
    while part := list(islice(all_lines, _LINES)):
        yield part


def _columns(by: tuple[str, ...]) -> list[str]:
    return ["week", *by, *_FIGURES]


def _headings(by: tuple[str, ...], language: str) -> list[str]:
    return [_HEADINGS[name][language] for name in _columns(by)]


def _labels(by: tuple[str, ...], line: Line, language: str) -> list[str]:
    return [
        label(value, language) if name != "source" and value in KOREAN else value
        for name, value in zip(by, line.values, strict=True)
    ]


def _figure(figure: float | None) -> str:
    if figure is None:
        return ""
    return str(figure) if isinstance(figure, int) else f"{figure:.6f}"


def _csv(rows: Iterable[Sequence[str]]) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows([_harmless(field) for field in row] for row in rows)
    return text.getvalue().encode()


def _harmless(field: str) -> str:
    """Return a field that no spreadsheet takes for a formula: sources are named by strangers."""
    return f"'{field}" if field.startswith(_DANGEROUS) else field
