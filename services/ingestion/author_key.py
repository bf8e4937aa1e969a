"""The secret behind the pseudonyms: from the settings, or made once for the data folder."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from services.ingestion.settings import IngestionSettings
from shared.errors import RetryableError
from shared.settings import Settings


def author_key(settings: Settings, own: IngestionSettings) -> bytes:
    """Return the key; where there is none yet, make one that only this user may read.

    Raises RetryableError where the data folder cannot be used.
    """
    if own.author_key is not None:
        return own.author_key.get_secret_value().encode()
    path = settings.data_dir / "author.key"
    try:
        return _read(path) or _make(path)
    except OSError as error:
        raise RetryableError(
            f"{path}: {error.strerror}; make the data folder writable or set "
            "MAPSI_INGESTION_AUTHOR_KEY",
            text_ko=f"{path}: {error.strerror}. 데이터 폴더를 쓸 수 있게 하거나 "
            "MAPSI_INGESTION_AUTHOR_KEY를 정하세요",
            reason="author_key",
        ) from error


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes().strip()
    except FileNotFoundError:
        return b""


def _make(path: Path) -> bytes:
    """Write a new key; of processes that do so at once the first wins, and all read its key."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".author.key.{secrets.token_hex(8)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_hex(32))
            file.flush()
            os.fsync(file.fileno())
        path.hardlink_to(draft)  # fails where the name is taken, and is never half-written
    except FileExistsError:
        pass
    finally:
        draft.unlink()
    return _read(path)
