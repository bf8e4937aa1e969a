"""A training set on disk: pictures, and ``metadata.jsonl`` with a line for each of them.

The form is that of Hugging Face's ``imagefolder``: ``file_name``, ``text``, and columns of ours.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Final

from pydantic import BaseModel, ConfigDict, ValidationError

from services.generation.lora.buckets import Box
from shared.errors import UsageError

METADATA: Final = "metadata.jsonl"
REPORT: Final = "report.json"
SHEET: Final = "sheet.jpg"


class Entry(BaseModel):
    """One picture. Only ``file_name`` and ``text`` are needed: a set of others trains as well."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    file_name: str
    text: str
    licence: str = "unknown"
    source: str = "unknown"
    credit: str | None = None
    photo_id: str | None = None
    """The photo in the store, so that what is deleted there can be deleted here."""
    group: str | None = None
    """Who posted it, as a pseudonym: one person's photos are learned from or held out together."""
    original_size: tuple[int, int] | None = None
    """Height, width of the photo before it was resized: SDXL is told."""
    crop: tuple[int, int] = (0, 0)
    """Top, left of the cut in the resized photo: SDXL is told."""
    veiled: tuple[Box, ...] = ()
    """Where faces were hidden, in the picture's pixels: nothing is learned there."""


def write_dataset(folder: Path, entries: list[Entry]) -> None:
    """Write the lines; the pictures lie there already. The last thing that is written."""
    lines = (entry.model_dump_json(exclude_none=True) + "\n" for entry in entries)
    (folder / METADATA).write_text("".join(lines), encoding="utf-8")


def read_dataset(folder: Path) -> list[Entry]:
    """Return the entries, or raise UsageError that names the line and what to do."""
    path = folder / METADATA
    if not path.exists():
        raise UsageError(
            f"{folder}: no {METADATA}; make a training set with `mapsi data lora`",
            text_ko=f"{folder}: {METADATA}이 없습니다. `mapsi data lora`로 학습 자료를 만드세요",
            reason="no_dataset",
        )
    entries = [
        _entry(line, folder, number)
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
        if line.strip()
    ]
    silent = [entry.file_name for entry in entries if not entry.text.strip()]
    if silent:
        raise UsageError(
            f"{path}: {len(silent)} pictures have no text, first {silent[0]}; write their captions",
            text_ko=f"{path}: 사진 {len(silent)}장에 설명(text)이 없습니다 (처음: {silent[0]}). "
            "설명을 적어 주세요",
            reason="no_captions",
        )
    return entries


def captions_hash(entries: list[Entry]) -> str:
    """Return the sha256 of all file names and captions: names the training set in what it made."""
    lines = sorted(json.dumps([entry.file_name, entry.text]) for entry in entries)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def _entry(line: str, folder: Path, number: int) -> Entry:
    where = f"{folder / METADATA}:{number}"
    try:
        entry = Entry.model_validate_json(line)
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"])
        raise UsageError(
            f"{where}: {field} {first['msg']}; correct the line",
            text_ko=f"{where}: {field} {first['msg']}. 이 줄을 고치세요",
            reason="bad_dataset",
        ) from error
    picture = folder / entry.file_name
    if not picture.resolve().is_relative_to(folder.resolve()) or not picture.is_file():
        raise UsageError(
            f"{where}: there is no picture {entry.file_name} in {folder}",
            text_ko=f"{where}: {folder} 안에 {entry.file_name} 사진이 없습니다",
            reason="bad_dataset",
        )
    return entry
