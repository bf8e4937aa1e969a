"""Text files from people's machines, line by line."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from services.ingestion.refusals import RefusedError

_CHUNK: Final = 1 << 20
_ENCODINGS: Final = ("utf-8-sig", "cp949")
"""Korean Excel saves CSV as CP949 unless it is told otherwise."""


def read_lines(path: Path) -> Iterator[str]:
    """Yield the lines with their ends, as ``csv`` wants them. Raises RefusedError."""
    encoding = _encoding(path)
    with path.open(encoding=encoding, newline="") as file:
        yield from file


def _encoding(path: Path) -> str:
    for encoding in _ENCODINGS:
        decoder = codecs.getincrementaldecoder(encoding)()
        try:
            with path.open("rb") as file:
                while chunk := file.read(_CHUNK):
                    decoder.decode(chunk)
            decoder.decode(b"", final=True)
            return encoding
        except UnicodeDecodeError:
            continue
        except OSError as error:
            detail = error.strerror or str(error)
            raise RefusedError(path.name, "unreadable", detail=detail) from error
    raise RefusedError(path.name, "bad_encoding")
