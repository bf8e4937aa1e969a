"""The log file of one child process."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Final

KEPT: Final = 3


class RotatedLog:
    """Takes a child's output as it comes; at ``max_bytes`` the file is set aside as ``.1``."""

    def __init__(self, path: Path, *, max_bytes: int) -> None:
        self.path = path
        self._max_bytes = max_bytes
        self._file = path.open("ab", buffering=0)

    def write(self, output: bytes) -> None:
        """Append ``output`` at once: a log is read while its process runs.

        What a full disk does not take is lost; the process must not stand still for its log.
        """
        with contextlib.suppress(OSError):
            if self._file.tell() >= self._max_bytes:
                self._set_aside()
            self._file.write(output)

    def last_line(self) -> str:
        """Return the last line that says something, cut to 200 characters; ``""`` if none."""
        with self.path.open("rb") as log:
            log.seek(max(0, self.path.stat().st_size - 8_192))
            lines = [line.strip() for line in log.read().decode(errors="replace").splitlines()]
        return next((line[:200] for line in reversed(lines) if line), "")

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def _set_aside(self) -> None:
        self._file.close()
        for age in range(KEPT, 0, -1):
            older = self._aged(age)
            newer = self._aged(age - 1) if age > 1 else self.path
            if newer.exists():
                newer.replace(older)
        self._file = self.path.open("ab", buffering=0)

    def _aged(self, age: int) -> Path:
        return self.path.with_name(f"{self.path.name}.{age}")
