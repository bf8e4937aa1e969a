"""Objects as files below one folder."""

from __future__ import annotations

import errno
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final
from uuid import uuid4

from shared.errors import RetryableError
from shared.storage.base import (
    InvalidKeyError,
    ObjectNotFoundError,
    StorageDeniedError,
    StorageFullError,
    StorageUnavailableError,
    check_key,
    check_prefix,
)

_FULL: Final = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_DENIED: Final = {errno.EACCES, errno.EPERM, errno.EROFS}
_STALE_SECONDS: Final = 3600


class FolderStore:
    """Keeps each object in the file that its key names.

    A file is written beside the objects, flushed to the disk and renamed, so that neither a
    killed process nor a power cut leaves half an object. Content types are not kept.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._incoming = root / ".incoming"
        self._clear_stale()

    def put(self, key: str, data: bytes, *, content_type: str) -> None:
        target = self._root / check_key(key)
        written = self._incoming / uuid4().hex
        with self._told(key):
            try:
                self._write(written, data)
                target.parent.mkdir(parents=True, exist_ok=True)
                written.replace(target)
            finally:
                written.unlink(missing_ok=True)

    def get(self, key: str) -> bytes:
        with self._told(key):
            try:
                return (self._root / check_key(key)).read_bytes()
            except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
                raise ObjectNotFoundError(key) from None

    def exists(self, key: str) -> bool:
        with self._told(key):
            return (self._root / check_key(key)).is_file()

    def delete(self, key: str) -> None:
        with self._told(key), suppress(FileNotFoundError, NotADirectoryError):
            (self._root / check_key(key)).unlink()

    def list(self, prefix: str = "") -> Iterator[str]:
        folder = check_prefix(prefix).rpartition("/")[0]
        with self._told(prefix):
            yield from self._walk(f"{folder}/" if folder else "", prefix)

    def folders(self, prefix: str) -> Iterator[str]:
        folder = self._root / check_prefix(prefix)
        with self._told(prefix):
            try:
                with os.scandir(folder) as entries:
                    yield from sorted(e.name for e in entries if e.is_dir() and e.name[0] != ".")
            except (FileNotFoundError, NotADirectoryError):
                return

    def check(self) -> None:
        with self._told("check"):
            probe = self._incoming / uuid4().hex
            self._write(probe, b"")
            probe.unlink()

    def _walk(self, folder: str, prefix: str) -> Iterator[str]:
        """Enter only folders that can hold keys with ``prefix``."""
        try:
            with os.scandir(self._root / folder) as entries:
                names = sorted(e.name + "/" * e.is_dir() for e in entries if e.name[0] != ".")
        except (FileNotFoundError, NotADirectoryError):
            return
        for name in names:
            key = folder + name
            if name.endswith("/") and (key.startswith(prefix) or prefix.startswith(key)):
                yield from self._walk(key, prefix)
            elif not name.endswith("/") and key.startswith(prefix):
                yield key

    def _write(self, path: Path, data: bytes) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())

    def _clear_stale(self) -> None:
        """Remove what killed writers left, once it is an hour old."""
        with suppress(OSError):
            for left in self._incoming.iterdir():
                if time.time() - left.stat().st_mtime > _STALE_SECONDS:
                    left.unlink()

    @contextmanager
    def _told(self, key: str) -> Iterator[None]:
        """Turn the system's errors into ours, naming the folder."""
        try:
            yield
        except (NotADirectoryError, IsADirectoryError, FileExistsError) as error:
            raise InvalidKeyError(key) from error  # one key is the folder of another
        except OSError as error:
            raise self._failure(error) from error

    def _failure(self, error: OSError) -> RetryableError:
        if error.errno in _FULL:
            return StorageFullError(str(self._root))
        detail = error.strerror or str(error)
        if error.errno in _DENIED:
            return StorageDeniedError(str(self._root), detail=detail)
        return StorageUnavailableError(str(self._root), detail=detail)
