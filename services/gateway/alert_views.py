"""What the API takes and answers about alerts and saved views."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Literal
from urllib.parse import urlencode

from pydantic import BaseModel, ConfigDict, Field

from services.gateway.views import example
from shared.alerts.rules import Finding, Rule, ViewQuery
from shared.records.alerts import AlertFiring, AlertRule, SavedView

_ID = "9c1d5e7f0a2b4c6d8e0f1a3b5c7d9e0f"
_RULE: dict[str, Any] = {
    "name": "beige trousers",
    "item": "trousers",
    "color": "beige",
    "growth": 0.3,
    "weeks": 4,
    "support": 200,
    "webhook": "https://hooks.example/mapsi",
    "email": "md@shop.example",
    "language": "en",
}
_FINDING = {
    "week": "2026-02-23",
    "growth": 0.41,
    "low": 0.12,
    "high": 0.78,
    "q_value": 0.004,
    "support": 412,
    "share": 0.031,
    "stage": "rising",
}


class RuleIn(Rule):
    """A rule to watch the trend by."""

    model_config = ConfigDict(frozen=True, extra="forbid", json_schema_extra={"examples": [_RULE]})


class FiringView(BaseModel):
    """What a rule said of a week."""

    week: date
    state: Literal["quiet", "waiting", "sent", "failed"] = Field(
        description="quiet: no news; waiting: on its way; sent; failed: `error` says why"
    )
    finding: Finding
    attempts: int
    error: str | None
    sent_at: datetime | None


class AlertLinks(BaseModel):
    """Where to go on."""

    self: str
    test: str


class AlertView(BaseModel):
    """A rule, and what it said."""

    id: str
    rule: Rule
    secret: str | None = Field(
        default=None, description="signs the webhook; told once, when the rule is made"
    )
    created_at: datetime
    firings: list[FiringView] = Field(default=[], description="latest week first, 60 at most")
    links: AlertLinks

    model_config = example(
        {
            "id": _ID,
            "rule": _RULE,
            "secret": None,
            "created_at": "2026-02-20T09:30:00Z",
            "firings": [
                {
                    "week": "2026-02-23",
                    "state": "sent",
                    "finding": _FINDING,
                    "attempts": 1,
                    "error": None,
                    "sent_at": "2026-03-02T06:00:41Z",
                }
            ],
            "links": {"self": f"/v1/alerts/{_ID}", "test": f"/v1/alerts/{_ID}/test"},
        }
    )


class AlertList(BaseModel):
    """All rules of a key."""

    alerts: list[AlertView]

    model_config = example({"alerts": []})


class TestResult(BaseModel):
    """How a test alert went, by channel."""

    webhook: str | None = Field(description="ok, or what is wrong; null: the rule has none")
    email: str | None

    model_config = example({"webhook": "ok", "email": None})


class ViewIn(BaseModel):
    """A trend query under a name."""

    name: str = Field(min_length=1, max_length=80, pattern=r"^[^\x00-\x1f\x7f]+$")
    query: ViewQuery

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"name": "street skirts", "query": {"by": "color", "item": "skirt"}}]
        },
    )


class ViewLinks(BaseModel):
    """Where to go on."""

    self: str
    trends: str
    series: str


class SavedViewView(BaseModel):
    """A saved view; its links ask its query."""

    id: str
    name: str
    query: ViewQuery
    created_at: datetime
    updated_at: datetime
    links: ViewLinks

    model_config = example(
        {
            "id": _ID,
            "name": "street skirts",
            "query": {"by": "color", "weeks": 12, "item": "skirt"},
            "created_at": "2026-02-20T09:30:00Z",
            "updated_at": "2026-02-20T09:30:00Z",
            "links": {
                "self": f"/v1/views/{_ID}",
                "trends": "/v1/trends?by=color&weeks=12&item=skirt",
                "series": "/v1/trends/series?by=color&weeks=12&item=skirt",
            },
        }
    )


class SavedViewList(BaseModel):
    """All views of a key."""

    views: list[SavedViewView]

    model_config = example({"views": []})


def alert_view(
    row: AlertRule, firings: list[AlertFiring], *, secret: str | None = None
) -> AlertView:
    """Return a rule as its owner sees it."""
    path = f"/v1/alerts/{row.rule_id}"
    return AlertView(
        id=row.rule_id,
        rule=Rule.model_validate(row.rule),
        secret=secret,
        created_at=row.created_at,
        firings=[
            FiringView(
                week=firing.week,
                state=firing.state,  # type: ignore[arg-type]
                finding=Finding.model_validate(firing.figures["finding"]),
                attempts=firing.attempts,
                error=firing.error,
                sent_at=firing.sent_at,
            )
            for firing in firings
        ],
        links=AlertLinks(self=path, test=f"{path}/test"),
    )


def saved_view(row: SavedView) -> SavedViewView:
    """Return a view as its owner sees it."""
    query = ViewQuery.model_validate(row.query)
    asked = urlencode(query.parameters())
    return SavedViewView(
        id=row.view_id,
        name=row.name,
        query=query,
        created_at=row.created_at,
        updated_at=row.updated_at,
        links=ViewLinks(
            self=f"/v1/views/{row.view_id}",
            trends=f"/v1/trends?{asked}",
            series=f"/v1/trends/series?{asked}",
        ),
    )
