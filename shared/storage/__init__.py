"""Photos, masks and results by key, in a folder or in an S3 bucket."""

from __future__ import annotations

from shared.storage.base import (
    InvalidKeyError,
    ObjectNotFoundError,
    ObjectStore,
    StorageDeniedError,
    StorageFullError,
    StorageUnavailableError,
)
from shared.storage.opening import open_storage, open_url

__all__ = [
    "InvalidKeyError",
    "ObjectNotFoundError",
    "ObjectStore",
    "StorageDeniedError",
    "StorageFullError",
    "StorageUnavailableError",
    "open_storage",
    "open_url",
]
