"""A folder, walked in the order of names; and a single photo."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final

from services.ingestion.refusals import RefusedError
from services.ingestion.sources.base import Entry, Passed, Refused, source_name
from services.ingestion.sources.files import file_candidate

_LITTER: Final = {"thumbs.db", "desktop.ini", "__macosx"}


def is_litter(name: str) -> bool:
    """Tell a hidden file or folder, or what Windows and macOS leave behind."""
    return name.startswith(".") or name.lower() in _LITTER


@dataclass(frozen=True)
class FolderSource:
    """All files below a folder. What is no photo is refused by its content, not by its name."""

    root: Path

    @cached_property
    def name(self) -> str:
        return source_name(self.root.resolve().name, otherwise="folder")

    def count(self) -> int:
        return len(self._found)

    def entries(self) -> Iterator[Entry]:
        for found in self._found:
            yield _entry(found, name=self._named(found)) if isinstance(found, Path) else found

    @cached_property
    def _found(self) -> list[Path | Entry]:
        return list(self._walk(self.root))

    def _walk(self, folder: Path) -> Iterator[Path | Entry]:
        try:
            with os.scandir(folder) as listing:
                children = sorted(listing, key=lambda child: child.name)
        except OSError as error:
            name = self._named(folder)
            detail = error.strerror or str(error)
            yield Refused(name, RefusedError(name, "unreadable", detail=detail))
            return
        for child in children:
            path = Path(child.path)
            if is_litter(child.name):
                yield Passed(self._named(path))
            elif child.is_dir(follow_symlinks=False):
                yield from self._walk(path)
            elif child.is_symlink() and child.is_dir():  # it may lead back to where we are
                name = self._named(path)
                yield Refused(name, RefusedError(name, "linked_folder"))
            else:
                yield path

    def _named(self, path: Path) -> str:
        """Name a file from the folder on: the same name from wherever the command is run."""
        return str(Path(self.name) / path.relative_to(self.root))


@dataclass(frozen=True)
class PhotoSource:
    """A single photo."""

    path: Path

    @property
    def name(self) -> str:
        return source_name(self.path.resolve().parent.name, otherwise="photos")

    def count(self) -> int:
        return 1

    def entries(self) -> Iterator[Entry]:
        yield _entry(self.path, name=self.path.name)


def _entry(path: Path, *, name: str) -> Entry:
    try:
        return file_candidate(path, name=name)
    except RefusedError as error:
        return Refused(name, error)
