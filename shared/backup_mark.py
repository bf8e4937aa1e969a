"""When the last backup was finished: the command that makes it ends, and others must know."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from shared.storage import ObjectNotFoundError, ObjectStore

_KEY: Final = "operations/last-backup.txt"


def note_backup(storage: ObjectStore, finished: datetime) -> None:
    """Keep the moment (aware) in the store that was backed up."""
    storage.put(_KEY, finished.isoformat().encode(), content_type="text/plain")


def last_backup(storage: ObjectStore) -> datetime | None:
    """Return when the last backup was finished; None where none ever was, or none can be read."""
    try:
        return datetime.fromisoformat(storage.get(_KEY).decode())
    except (ObjectNotFoundError, ValueError):
        return None
