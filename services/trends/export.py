"""``mapsi trends --export``: the table as a file, its form by its name."""

from __future__ import annotations

from pathlib import Path

from shared.errors import MapsiError, UsageError
from shared.trend_export import FORMATS, Format, csv_parts, write_parquet, write_xlsx
from shared.trend_figures import TrendTable


def export_table(table: TrendTable, path: Path, language: str) -> int:
    """Write all rows to ``path`` and return the number of lines.

    Raises UsageError for another ending, MapsiError where it cannot be written; then the file is
    as it was before.
    """
    file_format = _format_of(path)
    part = path.with_name(f".{path.name}.part")
    try:
        with part.open("wb") as file:
            if file_format == "parquet":
                write_parquet(table, file)
            elif file_format == "xlsx":
                write_xlsx(table, file, language)
            else:
                file.writelines(csv_parts(table, language))
        part.replace(path)
    except OSError as error:
        raise MapsiError(
            f"{path}: cannot be written ({error.strerror}); name another file with --export",
            text_ko=f"{path}: 쓸 수 없습니다({error.strerror}). --export에 다른 파일을 지정하세요",
            reason="not_written",
        ) from error
    finally:
        part.unlink(missing_ok=True)
    return len(table.rows) * len(table.weeks)


def _format_of(path: Path) -> Format:
    ending = path.suffix.lower().removeprefix(".")
    if ending not in FORMATS:
        raise UsageError(
            f"{path}: a table is written as .csv, .parquet or .xlsx; name such a file",
            text_ko=f"{path}: 표는 .csv, .parquet, .xlsx로 저장합니다. 파일 이름을 바꾸세요",
            reason="unknown_format",
        )
    return ending
