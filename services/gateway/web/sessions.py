"""Browsers that are signed in: a random token in a cookie, its hash here, the key nowhere.

A guest is a key that nobody knows, made for one browser, and erased when it is not used.
"""

from __future__ import annotations

import secrets
from datetime import UTC, datetime, timedelta
from typing import Final

from sqlalchemy import delete, select, update

from services.gateway.keys import Holder, create_key, find_key, hash_of_secret
from shared.records import Database
from shared.records.gateway import ApiKey, PageSession

KEPT: Final = timedelta(days=30)
"""A session, or a guest, that is not used for so long is forgotten."""
TICKET_KEPT: Final = timedelta(hours=1)
_TOUCHED: Final = timedelta(days=1)


def open_session(database: Database, key_id: str, *, kind: str = "session") -> str:
    """Return the token of a new session of a key; nobody can read it later."""
    token, now = secrets.token_urlsafe(32), datetime.now(UTC)
    with database.transaction() as session:
        session.add(
            PageSession(
                token_hash=hash_of_secret(token),
                key_id=key_id,
                kind=kind,
                created_at=now,
                used_at=now,
            )
        )
    return token


def open_guest(database: Database) -> str:
    """Make a guest and return the token of their first session."""
    key = find_key(database, create_key(database, "guest", "guest"))
    assert key is not None  # noqa: S101 - made this moment
    return open_session(database, key.key_id)


def find_session(database: Database, token: str) -> Holder | None:
    """Return whose session it is, or None; the day of its last use is kept."""
    now = datetime.now(UTC)
    with database.glance() as connection:
        row = connection.execute(
            select(ApiKey.key_id, ApiKey.name, ApiKey.role, PageSession.used_at)
            .join(PageSession, PageSession.key_id == ApiKey.key_id)
            .where(PageSession.token_hash == hash_of_secret(token), PageSession.kind == "session")
            .where(ApiKey.revoked_at.is_(None), PageSession.used_at > now - KEPT)
        ).one_or_none()
    if row is None:
        return None
    if row.used_at < now - _TOUCHED:
        with database.transaction() as session:
            session.execute(
                update(PageSession)
                .where(PageSession.token_hash == hash_of_secret(token))
                .values(used_at=now)
            )
    return Holder(row.key_id, row.name, row.role)


def redeem_ticket(database: Database, ticket: str) -> str | None:
    """Return the token of a session for a ticket, once and within the hour; else None."""
    oldest = datetime.now(UTC) - TICKET_KEPT
    with database.transaction() as session:
        key_id = session.scalar(
            delete(PageSession)
            .where(PageSession.token_hash == hash_of_secret(ticket), PageSession.kind == "ticket")
            .where(PageSession.created_at > oldest)
            .returning(PageSession.key_id)
        )
    return None if key_id is None else open_session(database, key_id)


def close_session(database: Database, token: str) -> None:
    """Forget a session."""
    with database.transaction() as session:
        session.execute(delete(PageSession).where(PageSession.token_hash == hash_of_secret(token)))


def idle_guests(database: Database, *, now: datetime) -> list[str]:
    """Forget what was not used for ``KEPT``; return the guests that are left without a session."""
    with database.transaction() as session:
        session.execute(delete(PageSession).where(PageSession.used_at < now - KEPT))
        guests = select(ApiKey.key_id).where(
            ApiKey.role == "guest",
            ApiKey.revoked_at.is_(None),
            ApiKey.created_at < now - KEPT,
            ApiKey.key_id.not_in(select(PageSession.key_id)),
        )
        return list(session.scalars(guests))
