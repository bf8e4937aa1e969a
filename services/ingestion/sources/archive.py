"""A ZIP, read entry by entry; nothing is ever written under a name from it."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property, partial
from pathlib import Path, PurePosixPath
from typing import Final
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from services.ingestion.refusals import RefusedError
from services.ingestion.sources.base import Candidate, Entry, Passed, Refused, source_name
from services.ingestion.sources.folder import is_litter
from shared.photo_checks import MAX_BYTES, PhotoError

_ENCRYPTED: Final = 0x1
_NAME_IS_UTF8: Final = 0x800
_DRIVE: Final = re.compile("[A-Za-z]:")
_GROWTH: Final = 20
"""Photos are compressed already: an archive that grows more than this is no archive of photos."""
_HARMLESS: Final = 200_000_000
"""Below so many bytes no archive is called a bomb."""
_DAMAGE: Final = (BadZipFile, EOFError, OSError, ValueError, zlib.error)


@contextmanager
def open_archive(path: Path) -> Iterator[ArchiveSource]:
    """Open a ZIP. Raises RefusedError where it is damaged or a bomb."""
    try:
        archive = ZipFile(path)
    except (*_DAMAGE, NotImplementedError) as error:
        raise RefusedError(path.name, "bad_archive", detail=str(error)) from error
    with archive:
        source = ArchiveSource(path, archive)
        unpacked = sum(info.file_size for info in source.files if info.file_size <= MAX_BYTES)
        growth = unpacked / max(1, path.stat().st_size)
        if unpacked > _HARMLESS and growth > _GROWTH:
            raise RefusedError(path.name, "zip_bomb", detail=f"{growth:.0f}")
        yield source


@dataclass(frozen=True)
class ArchiveSource:
    """The files of one open ZIP, in the order of their names."""

    path: Path
    archive: ZipFile

    @property
    def name(self) -> str:
        return source_name(self.path.stem, otherwise="archive")

    def count(self) -> int:
        return len(self.files)

    @cached_property
    def files(self) -> list[ZipInfo]:
        """All entries that are no folders."""
        return sorted(
            (info for info in self.archive.infolist() if not info.is_dir()),
            key=lambda info: info.filename,
        )

    def entries(self) -> Iterator[Entry]:
        for info in self.files:
            yield self._entry(info)

    def _entry(self, info: ZipInfo) -> Entry:
        inner = PurePosixPath(_entry_name(info).replace("\\", "/"))
        name = f"{self.path.name}/{inner}"
        if any(is_litter(part) for part in inner.parts if part not in ("..", ".")):
            return Passed(name)
        try:
            _check(info, inner, name=name)
        except (RefusedError, PhotoError) as error:
            return Refused(name, error)
        read = partial(_read, self.archive, info, name=name)
        return Candidate(name=name, read=read, modified_at=_modified_at(info))


def _check(info: ZipInfo, inner: PurePosixPath, *, name: str) -> None:
    if inner.is_absolute() or ".." in inner.parts or _DRIVE.match(str(inner)):
        raise RefusedError(name, "unsafe_name")
    if info.flag_bits & _ENCRYPTED:
        raise RefusedError(name, "encrypted")
    if info.compress_type not in (ZIP_STORED, ZIP_DEFLATED):  # LZMA may ask for 4 GB of memory
        raise RefusedError(name, "unknown_compression")
    if info.file_size > MAX_BYTES:
        raise PhotoError(name, "too_large")


def _read(archive: ZipFile, info: ZipInfo, *, name: str) -> bytes:
    """Return the entry's bytes: never more than its header says, which is checked."""
    try:
        return archive.read(info)
    except (*_DAMAGE, NotImplementedError, RuntimeError) as error:
        raise RefusedError(name, "bad_archive", detail=str(error)) from error


def _entry_name(info: ZipInfo) -> str:
    """Return the entry's name as it was meant.

    Without the UTF-8 flag Python reads code page 437; but Korean Windows writes CP949 there,
    and macOS UTF-8.
    """
    if info.flag_bits & _NAME_IS_UTF8 or info.filename.isascii():
        return info.filename
    raw = info.filename.encode("cp437", "replace")
    for encoding in ("utf-8", "cp949"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return info.filename


def _modified_at(info: ZipInfo) -> datetime | None:
    try:
        return datetime(*info.date_time, tzinfo=UTC)
    except ValueError:  # a ZIP may say month 0
        return None
