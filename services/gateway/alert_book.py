"""Alert rules and saved views of each API key: made, listed, taken away."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shared.alerts.delivery import new_secret
from shared.alerts.rules import Rule, ViewQuery
from shared.errors import UsageError
from shared.records.alerts import AlertFiring, AlertRule, SavedView

MAX_RULES: Final = 100
MAX_VIEWS: Final = 200
CLI: Final = "cli"
"""Whose rules ``mapsi alerts add`` makes."""


def add_rule(session: Session, rule: Rule, *, key_id: str) -> AlertRule:
    """Write a rule down; one with a webhook gets a secret. UsageError where there are too many."""
    own = select(func.count()).select_from(AlertRule).where(AlertRule.key_id == key_id)
    if (session.scalar(own) or 0) >= MAX_RULES:
        raise _too_many("alert rules", "알림 규칙", MAX_RULES)
    row = AlertRule(
        rule_id=secrets.token_hex(16),
        key_id=key_id,
        rule=rule.model_dump(mode="json"),
        secret=new_secret() if rule.webhook else None,
        created_at=datetime.now(UTC),
    )
    session.add(row)
    return row


def rules_of(session: Session, key_id: str | None) -> list[AlertRule]:
    """Return the rules of a key, or all of them, oldest first."""
    rows = select(AlertRule).order_by(AlertRule.created_at, AlertRule.rule_id)
    if key_id is not None:
        rows = rows.where(AlertRule.key_id == key_id)
    return list(session.scalars(rows))


def find_rule(session: Session, rule_id: str, key_id: str | None) -> AlertRule | None:
    """Return a rule of a key (None: anybody's), or None."""
    row = session.get(AlertRule, rule_id)
    return row if row is not None and key_id in (None, row.key_id) else None


def firings_of(session: Session, rule_id: str, *, limit: int = 60) -> list[AlertFiring]:
    """Return what a rule said of each week, latest first."""
    rows = select(AlertFiring).where(AlertFiring.rule_id == rule_id)
    return list(session.scalars(rows.order_by(AlertFiring.week.desc()).limit(limit)))


def remove_rule(session: Session, row: AlertRule) -> None:
    """Delete a rule and what it said."""
    for firing in session.scalars(select(AlertFiring).where(AlertFiring.rule_id == row.rule_id)):
        session.delete(firing)
    session.delete(row)


def save_view(session: Session, name: str, query: ViewQuery, *, key_id: str) -> SavedView:
    """Write a view down under its name; one of the same name gets the new query."""
    now = datetime.now(UTC)
    row = session.scalar(
        select(SavedView).where(SavedView.key_id == key_id, SavedView.name == name)
    )
    if row is None:
        own = select(func.count()).select_from(SavedView).where(SavedView.key_id == key_id)
        if (session.scalar(own) or 0) >= MAX_VIEWS:
            raise _too_many("saved views", "저장된 보기", MAX_VIEWS)
        row = SavedView(
            view_id=secrets.token_hex(16), key_id=key_id, name=name, query={}, created_at=now,
            updated_at=now,
        )  # fmt: skip
        session.add(row)
    row.query, row.updated_at = query.parameters(), now
    return row


def views_of(session: Session, key_id: str) -> list[SavedView]:
    """Return the views of a key by name."""
    rows = select(SavedView).where(SavedView.key_id == key_id).order_by(SavedView.name)
    return list(session.scalars(rows))


def find_view(session: Session, view_id: str, key_id: str) -> SavedView | None:
    """Return a view of a key, or None."""
    row = session.get(SavedView, view_id)
    return row if row is not None and row.key_id == key_id else None


def _too_many(what: str, what_ko: str, limit: int) -> UsageError:
    return UsageError(
        f"there are {limit} {what} already; delete one first",
        text_ko=f"{what_ko}이 이미 {limit}개 있습니다. 먼저 하나를 지우세요",
        reason="too_many",
    )
