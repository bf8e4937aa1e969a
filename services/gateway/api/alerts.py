"""Alerts: rules that watch the trend and tell a webhook or an e-mail address."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Path, Request, Response
from sqlalchemy.orm import Session

from services.gateway import alert_book
from services.gateway.access import By, Caller, Here, Spoken
from services.gateway.alert_views import (
    AlertList,
    AlertView,
    RuleIn,
    TestResult,
    alert_view,
)
from services.gateway.answers import Asked, IdempotencyKey, hash_of, once
from services.gateway.api.replies import ERRORS, NOT_FOUND, reply
from services.gateway.problems import not_found
from shared.alerts.delivery import Alert, deliver
from shared.alerts.rules import Rule, event_id
from shared.alerts.samples import sample
from shared.alerts.settings import AlertSettings
from shared.errors import MapsiError
from shared.records.alerts import AlertRule
from shared.settings import read

router = APIRouter(prefix="/v1/alerts", tags=["alerts"], responses=ERRORS)
RuleId = Annotated[str, Path(pattern="^[0-9a-f]{32}$")]


@router.post("", status_code=201, response_model=AlertView)
def add_alert(
    request: Request,
    rule: RuleIn,
    caller: By,
    gateway: Here,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Watch the trend by a rule: each Monday it looks at the week that has ended.

    The answer has the secret that signs the webhook; it is not told again.
    """

    def write(session: Session) -> dict[str, Any]:
        row = alert_book.add_rule(
            session, Rule.model_validate(rule.model_dump()), key_id=caller.key_id
        )
        return alert_view(row, [], secret=row.secret).model_dump(mode="json")

    request_hash = hash_of(b"alert", rule.model_dump_json().encode())
    asked = Asked(caller.key_id, idempotency_key, request_hash)
    body, _ = once(gateway.database, asked, write, status=201)
    return reply(request, AlertView.model_validate(body), status=201)


@router.get("", response_model=AlertList)
def list_alerts(request: Request, caller: By, gateway: Here) -> Response:
    """List the key's rules, oldest first; all of them for an admin."""
    with gateway.database.reading() as session:
        rows = alert_book.rules_of(session, _whose(caller))
        alerts = [
            alert_view(row, alert_book.firings_of(session, row.rule_id, limit=1)) for row in rows
        ]
    return reply(request, AlertList(alerts=alerts))


@router.get("/{rule_id}", response_model=AlertView, responses=NOT_FOUND)
def get_alert(request: Request, rule_id: RuleId, caller: By, gateway: Here) -> Response:
    """Tell a rule, and what it said of each week."""
    with gateway.database.reading() as session:
        row = _found(session, rule_id, caller)
        return reply(request, alert_view(row, alert_book.firings_of(session, rule_id)))


@router.delete("/{rule_id}", status_code=204, responses=NOT_FOUND)
def remove_alert(rule_id: RuleId, caller: By, gateway: Here) -> Response:
    """Stop watching."""
    with gateway.database.transaction() as session:
        alert_book.remove_rule(session, _found(session, rule_id, caller))
    return Response(status_code=204)


@router.post("/{rule_id}/test", response_model=TestResult, responses=NOT_FOUND)
def test_alert(
    request: Request, rule_id: RuleId, caller: By, gateway: Here, language: Spoken
) -> Response:
    """Send made-up figures to the rule's webhook and e-mail address now, and tell how it went."""
    with gateway.database.reading() as session:
        row = _found(session, rule_id, caller)
    rule, now = Rule.model_validate(row.rule), datetime.now(UTC)
    finding = sample(rule, now=now)
    alert = Alert(
        event_id=event_id(f"test {rule_id} {now.isoformat()}", finding.week),
        rule_id=rule_id,
        rule=rule,
        secret=row.secret,
        finding=finding,
        is_test=True,
    )
    outcome = deliver(alert, read(AlertSettings), at=now)
    told = {name: _told(error, language) for name, error in outcome.items()}
    result = TestResult(webhook=told.get("webhook"), email=told.get("email"))
    return reply(request, result, status=200)


def _told(error: MapsiError | None, language: str) -> str:
    return "ok" if error is None else error.in_language(language)


def _whose(caller: Caller) -> str | None:
    return None if caller.is_admin else caller.key_id


def _found(session: Session, rule_id: str, caller: Caller) -> AlertRule:
    row = alert_book.find_rule(session, rule_id, _whose(caller))
    if row is None:
        raise not_found(
            f"alert {rule_id}", f"알림 {rule_id}", reason="unknown_alert", hint="GET /v1/alerts"
        )
    return row
