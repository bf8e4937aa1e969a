"""API keys: shown once when they are made; only their hash is kept."""

from __future__ import annotations

import hashlib
import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, Literal

from sqlalchemy import bindparam, select

from shared.errors import UsageError
from shared.records import Database
from shared.records.gateway import ApiKey

Role = Literal["user", "admin", "guest"]
PREFIX: Final = "mapsi_"
FRESH: Final = 2.0
"""Seconds for which a key that was found valid is not looked up again."""
_KEPT: Final = 10_000
_COLUMNS: Final = ApiKey.__table__.c
_FIND: Final = select(_COLUMNS.key_id, _COLUMNS.name, _COLUMNS.role).where(
    _COLUMNS.secret_hash == bindparam("of_hash"), _COLUMNS.revoked_at.is_(None)
)


@dataclass(frozen=True)
class Holder:
    """Whose valid key it is."""

    key_id: str
    name: str
    role: str


class KeyRing:
    """Keys that were found valid some moments ago; safe for threads.

    A key that is revoked opens nothing ``FRESH`` seconds later, in whatever process.
    """

    def __init__(self, search: Callable[[Database, str], Holder | None] | None = None) -> None:
        self._search = search or find_key
        self._lock = threading.Lock()
        self._found: OrderedDict[str, tuple[float, Holder]] = OrderedDict()

    def recall(self, key: str) -> Holder | None:
        """Return whose valid key ``key`` is, if it was found lately."""
        found = self._found.get(hash_of_secret(key))
        if found is None or time.monotonic() - found[0] > FRESH:
            return None
        return found[1]

    def find(self, database: Database, key: str) -> Holder | None:
        """Look ``key`` up, and keep it if it is valid."""
        looked = time.monotonic()
        found = self._search(database, key)
        with self._lock:
            if found is None:
                self._found.pop(hash_of_secret(key), None)
                return None
            self._found[hash_of_secret(key)] = (looked, found)
            self._found.move_to_end(hash_of_secret(key))
            while len(self._found) > _KEPT:
                self._found.popitem(last=False)
        return found

    def drop(self, key_id: str) -> None:
        """Look a key up the next time it comes: it was revoked here."""
        with self._lock:
            for secret, (_, key) in list(self._found.items()):
                if key.key_id == key_id:
                    del self._found[secret]


def create_key(database: Database, name: str, role: Role) -> str:
    """Make a key and return it; nobody can read it later."""
    key = PREFIX + secrets.token_urlsafe(32)
    with database.transaction() as session:
        session.add(
            ApiKey(
                key_id=secrets.token_hex(8),
                secret_hash=hash_of_secret(key),
                name=name[:120],
                role=role,
                created_at=datetime.now(UTC),
                revoked_at=None,
            )
        )
    return key


def find_key(database: Database, key: str) -> Holder | None:
    """Return whose valid key ``key`` is, or None."""
    with database.glance() as connection:
        row = connection.execute(_FIND, {"of_hash": hash_of_secret(key)}).one_or_none()
    return None if row is None else Holder(*row)


def list_keys(database: Database) -> list[ApiKey]:
    """Return all keys, the revoked ones too, oldest first."""
    with database.reading() as session:
        return list(session.scalars(select(ApiKey).order_by(ApiKey.created_at, ApiKey.key_id)))


def revoke_key(database: Database, key_id: str) -> None:
    """Make a key invalid within ``FRESH`` seconds; UsageError where there is no such key."""
    with database.transaction() as session:
        key = session.get(ApiKey, key_id)
        if key is None:
            raise UsageError(
                f"there is no key {key_id}; see `mapsi gateway keys list`",
                text_ko=f"키가 없습니다: {key_id}. `mapsi gateway keys list`를 보세요",
                reason="unknown_key",
            )
        key.revoked_at = key.revoked_at or datetime.now(UTC)


def hash_of_secret(key: str) -> str:
    """Return what is kept of a key or token: 256 random bits need no slow hash."""
    return hashlib.sha256(key.encode()).hexdigest()
