"""Weekly series as CSV: the first column the week, one column a series."""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Final

import numpy as np

from shared.errors import MapsiError
from shared.forecast import Forecast, Values
from shared.quoting import quotable

GAPS: Final = frozenset({"", "nan", "na", "n/a", "null", "none", "-"})
"""What stands for "not measured", in any case of letters."""

MAX_WEEKS: Final = 2600
"""Weeks from the first to the last at most, fifty years: more is a mistyped year."""

_ISO_WEEK: Final = re.compile(r"(\d{4})-?W(\d{2})")
_DAY: Final = re.compile(r"(\d{4})([-/.])(\d{1,2})\2(\d{1,2})(?:[T ]00:00(?::00)?)?")


@dataclass(frozen=True)
class Series:
    """The series of a file."""

    header: tuple[str, ...]
    """The first column's name, which may be empty, and the series' names."""
    weeks: tuple[date, ...]
    """Every week from the first to the last, also those that the file leaves out."""
    values: Values
    """Series x weeks; NaN where the file says nothing."""
    iso_weeks: bool
    """The file writes weeks as 2026-W07."""


class BadSeriesError(MapsiError):
    """A file that cannot be read as weekly series: which line, which column, and the fix."""

    def __init__(self, path: Path, text: str, text_ko: str) -> None:
        name = quotable(str(path))
        super().__init__(f"{name}: {text}", text_ko=f"{name}: {text_ko}", reason="bad_series")


def read_series(path: Path) -> Series:
    """Return the series of ``path``, weeks in order; BadSeriesError names line and column."""
    rows = _rows(path)
    number, header = next(rows, (1, []))
    if len(header) < 2:
        raise BadSeriesError(
            path,
            f"line {number}: there is no series; the first column is the week, then one column "
            "a series, with commas between",
            f"{number}행: 시계열이 없습니다. 첫 열은 주, 다음 열부터 시계열이며 쉼표로 나눕니다",
        )
    if _ISO_WEEK.fullmatch(header[0].strip()) or _DAY.fullmatch(header[0].strip()):
        raise BadSeriesError(
            path,
            f"line {number}: the first line must name the columns, and this is a week",
            f"{number}행: 첫 행은 열 이름이어야 하는데 주가 있습니다",
        )
    found: dict[date, tuple[int, list[float]]] = {}
    iso_weeks = False
    for number, row in rows:
        week, is_iso = _week(path, number, row[0])
        iso_weeks |= is_iso
        if len(row) != len(header):
            raise _wrong_width(path, number, row, header)
        if week in found:
            raise _twice(path, number, row[0], found[week][0])
        _check_step(path, number, row[0], week, next(iter(found.items()), None))
        found[week] = (number, [_value(path, number, row, header, at) for at in range(1, len(row))])
    return _filled(path, tuple(header), found, iso_weeks=iso_weeks)


def write_series(series: Series, told: Forecast, *, intervals: bool) -> str:
    """Return CSV with the same columns for the coming weeks.

    With ``intervals``, four columns follow each series: ``.lo80 .hi80 .lo95 .hi95``, empty where
    the history is too short to tell.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    bounds = {
        ".lo80": told.low80, ".hi80": told.high80, ".lo95": told.low95, ".hi95": told.high95,
    }  # fmt: skip
    endings = tuple(bounds) if intervals else ()
    columns = [("", told.middle), *((ending, bounds[ending]) for ending in endings)]
    writer.writerow(
        [series.header[0], *(name + ending for name in series.header[1:] for ending, _ in columns)]
    )
    for ahead in range(told.middle.shape[1]):
        week = series.weeks[-1] + timedelta(weeks=ahead + 1)
        named = f"{week:%G-W%V}" if series.iso_weeks else week.isoformat()
        figures = [values[row, ahead] for row in range(len(told.middle)) for _, values in columns]
        writer.writerow([named, *map(_number, figures)])
    return text.getvalue()


def _rows(path: Path) -> Iterator[tuple[int, list[str]]]:
    """Yield (line, fields) of the lines that are not blank."""
    reader = csv.reader(io.StringIO(_text(path)), strict=True)
    try:
        for row in reader:
            if any(field.strip() for field in row):
                yield reader.line_num, row
    except csv.Error as error:
        raise BadSeriesError(
            path,
            f"line {reader.line_num}: this is no CSV ({error}); save it as CSV, UTF-8",
            f"{reader.line_num}행: CSV가 아닙니다({error}). CSV(UTF-8)로 저장하세요",
        ) from error


def _text(path: Path) -> str:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise BadSeriesError(
            path, f"cannot be read ({error.strerror})", f"읽을 수 없습니다({error.strerror})"
        ) from error
    for encoding in ("utf-8-sig", "cp949"):  # what Excel saves in Korea is the second
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise BadSeriesError(
        path, "this is no text; save it as CSV, UTF-8", "텍스트가 아닙니다. CSV(UTF-8)로 저장하세요"
    )


def _week(path: Path, number: int, text: str) -> tuple[date, bool]:
    """Return the week's date, and whether it is written as an ISO week."""
    stripped = text.strip()
    try:
        if iso := _ISO_WEEK.fullmatch(stripped):
            return date.fromisocalendar(int(iso[1]), int(iso[2]), 1), True
        if day := _DAY.fullmatch(stripped):
            return date(int(day[1]), int(day[3]), int(day[4])), False
    except ValueError:
        pass
    shown = quotable(text, limit=40)
    raise BadSeriesError(
        path,
        f"line {number}, column 1: {shown!r} is no week; write 2026-02-16 or 2026-W08",
        f"{number}행 1열: {shown!r}은(는) 주가 아닙니다. 2026-02-16이나 2026-W08로 쓰세요",
    )


def _value(path: Path, number: int, row: Sequence[str], header: Sequence[str], at: int) -> float:
    text = row[at].strip()
    if text.lower() in GAPS:
        return math.nan
    try:
        value = float(text)
    except ValueError:
        value = math.inf
    if math.isfinite(value):
        return value
    shown, name = quotable(row[at], limit=40), quotable(header[at], limit=40)
    raise BadSeriesError(
        path,
        f"line {number}, column {at + 1} ({name}): {shown!r} is no number; write 0.031, or "
        "nothing for a gap",
        f"{number}행 {at + 1}열({name}): {shown!r}은(는) 숫자가 아닙니다. 0.031처럼 쓰거나, "
        "측정하지 않았으면 비워 두세요",
    )


def _wrong_width(
    path: Path, number: int, row: Sequence[str], header: Sequence[str]
) -> BadSeriesError:
    return BadSeriesError(
        path,
        f"line {number}: {len(row)} columns where the first line has {len(header)}",
        f"{number}행: 첫 행은 {len(header)}열인데 {len(row)}열입니다",
    )


def _twice(path: Path, number: int, text: str, before: int) -> BadSeriesError:
    shown = quotable(text, limit=40)
    return BadSeriesError(
        path,
        f"line {number}, column 1: the week {shown} stands on line {before} already; keep one",
        f"{number}행 1열: {shown} 주가 {before}행에도 있습니다. 하나만 남기세요",
    )


def _check_step(
    path: Path,
    number: int,
    text: str,
    week: date,
    first: tuple[date, tuple[int, list[float]]] | None,
) -> None:
    if first is None:
        return
    start, (line, _) = first
    shown = quotable(text, limit=40)
    if (week - start).days % 7:
        raise BadSeriesError(
            path,
            f"line {number}, column 1: {shown} is no whole number of weeks from line {line}'s "
            f"{start}; name each week by the same weekday",
            f"{number}행 1열: {shown}이(가) {line}행의 {start}에서 7일 단위로 떨어져 있지 "
            "않습니다. 모든 주를 같은 요일로 쓰세요",
        )
    if abs((week - start).days) > 7 * MAX_WEEKS:
        raise BadSeriesError(
            path,
            f"line {number}, column 1: {shown} is more than {MAX_WEEKS} weeks from line {line}'s "
            f"{start}; correct the year",
            f"{number}행 1열: {shown}이(가) {line}행의 {start}에서 {MAX_WEEKS}주 넘게 떨어져 "
            "있습니다. 연도를 확인하세요",
        )


def _filled(
    path: Path,
    header: tuple[str, ...],
    found: dict[date, tuple[int, list[float]]],
    *,
    iso_weeks: bool,
) -> Series:
    if len(found) < 2:
        raise BadSeriesError(
            path,
            f"{len(found)} weeks are no history; give two at least, better three years",
            f"주가 {len(found)}개뿐입니다. 2주 이상, 되도록 3년 이상이 필요합니다",
        )
    first, last = min(found), max(found)
    weeks = tuple(first + timedelta(days=days) for days in range(0, (last - first).days + 1, 7))
    nothing = [math.nan] * (len(header) - 1)
    values = np.array([found[week][1] if week in found else nothing for week in weeks]).T
    for row, name in enumerate(header[1:]):
        if np.isnan(values[row]).all():
            raise BadSeriesError(
                path,
                f"column {row + 2} ({quotable(name, limit=40)}) has no number; fill or remove it",
                f"{row + 2}열({quotable(name, limit=40)})에 숫자가 없습니다. 채우거나 지우세요",
            )
    return Series(header, weeks, values, iso_weeks)


def _number(value: float) -> str:
    return "" if math.isnan(value) else f"{value:.8g}"
