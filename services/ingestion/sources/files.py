"""Reading one file of the user's disk, with the size checked first."""

from __future__ import annotations

import stat
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from services.ingestion.domain import PostFacts
from services.ingestion.refusals import RefusedError
from services.ingestion.sources.base import Candidate
from shared.photo_checks import MAX_BYTES, PhotoError


def file_candidate(path: Path, *, name: str, facts: PostFacts | None = None) -> Candidate:
    """Return the file as a candidate; RefusedError where it is no file that can be looked at."""
    try:
        status = path.stat()
    except (FileNotFoundError, NotADirectoryError):
        raise RefusedError(name, "not_found") from None
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        raise RefusedError(name, "unreadable", detail=_said(error)) from error
    if not stat.S_ISREG(status.st_mode):  # a pipe would be read for ever
        raise RefusedError(name, "not_a_file")
    return Candidate(
        name=name,
        read=partial(read_file, path, name=name),
        facts=facts or PostFacts(),
        modified_at=datetime.fromtimestamp(status.st_mtime, UTC),
    )


def read_file(path: Path, *, name: str) -> bytes:
    """Return the file's bytes. Raises PhotoError where it is too large, else RefusedError."""
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise RefusedError(name, "unreadable", detail=_said(error)) from error
    if len(data) > MAX_BYTES:
        raise PhotoError(name, "too_large")
    return data


def _said(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error)
