"""Looking at the rules after each week, and telling whom they name: each week once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from shared.alerts.delivery import Alert, deliver
from shared.alerts.rules import HORIZONS, Finding, Rule, event_id
from shared.alerts.settings import AlertSettings
from shared.errors import MapsiError, RetryableError
from shared.logging import logger
from shared.records import Database
from shared.records.alerts import AlertFiring, AlertRule
from shared.records.trend_queries import TrendQuery
from shared.records.trend_reader import TrendReader
from shared.trend_figures import TrendRow, TrendTable, week_of

log = logger(__name__)

_WEEK: Final = timedelta(weeks=1)
_LONGEST_PAUSE: Final = timedelta(hours=6)
_LEASE: Final = timedelta(minutes=5)
"""Longer than one delivery takes: nobody else tries it meanwhile."""
_YEAR_AND_FOUR: Final = 56


def week_to_judge(now: datetime, *, hours: float) -> date:
    """Return the Monday of the last week that ended ``hours`` ago or earlier."""
    return week_of(now - timedelta(hours=hours)) - _WEEK


def look_at_rules(database: Database, settings: AlertSettings, *, now: datetime) -> int:
    """Judge every rule that has not looked at the last whole week yet; return how many fired.

    A rule made later judges that week, too, but none before it.
    """
    week = week_to_judge(now, hours=settings.hours)
    with database.reading() as session:
        done = select(AlertFiring.rule_id).where(AlertFiring.week == week)
        rules = session.scalars(select(AlertRule).where(AlertRule.rule_id.not_in(done))).all()
        reader = TrendReader()
        found = [
            (row.rule_id, rule, find(session, reader, rule, week=week))
            for row in rules
            for rule in (Rule.model_validate(row.rule),)
        ]
    with database.transaction() as session:
        for rule_id, rule, finding in found:
            _write(database, session, rule_id, finding, fires=finding.is_news(rule), now=now)
    return sum(finding.is_news(rule) for _, rule, finding in found)


def find(session: Session, reader: TrendReader, rule: Rule, *, week: date) -> Finding:
    """Return what the trend says of a rule's cell in ``week``, a whole one."""
    query = TrendQuery(
        by=rule.by, weeks=_YEAR_AND_FOUR, style=rule.style, source=rule.source, until=week
    )
    # As of the week's end: the rule is judged alike whenever its turn comes.
    table = reader.read(session, query, today=week + _WEEK)
    row = next((row for row in table.rows if row.values == rule.values), None)
    if row is None or table.weeks[-1] != week:
        return Finding(
            week=week, growth=None, low=None, high=None, q_value=None, support=0, share=None,
            stage=None,
        )  # fmt: skip
    growth = getattr(row.figures, HORIZONS[rule.weeks])
    return Finding(
        week=week,
        growth=growth.value if growth else None,
        low=growth.low if growth else None,
        high=growth.high if growth else None,
        q_value=growth.q_value if growth else None,
        support=_support(row, weeks=rule.weeks),
        share=_share(row, table),
        stage=row.figures.stage,
    )


def deliver_due(database: Database, settings: AlertSettings, *, now: datetime) -> int:
    """Deliver what waits and is due; return how many alerts arrived everywhere.

    Where a channel fails for now, only that one is tried again, with the same event id.
    """
    arrived = 0
    for firing, row in _claim(database, now=now):
        rule = Rule.model_validate(row.rule)
        done = list(firing.figures["delivered"])
        pending = rule.model_copy(update=dict.fromkeys(done))
        alert = Alert(
            event_id=firing.event_id,
            rule_id=row.rule_id,
            rule=pending,
            secret=row.secret,
            finding=Finding.model_validate(firing.figures["finding"]),
        )
        outcome = deliver(alert, settings, at=datetime.now(UTC))
        arrived += _note(database, firing, outcome, settings, now=now)
    return arrived


def _support(row: TrendRow, *, weeks: int) -> int:
    """Count the looks in the weeks that a horizon compares."""
    looks = row.looks
    if weeks == 1:
        return sum(looks[-2:])
    return sum(looks[-8:]) if weeks == 4 else sum(looks[-4:]) + sum(looks[-56:-52])


def _share(row: TrendRow, table: TrendTable) -> float | None:
    return row.looks[-1] / table.totals[-1] if table.totals[-1] else None


def _write(
    database: Database, session: Session, rule_id: str, finding: Finding, *, fires: bool,
    now: datetime,
) -> None:  # fmt: skip
    row: dict[str, Any] = {
        "rule_id": rule_id,
        "week": finding.week,
        "event_id": event_id(rule_id, finding.week),
        "figures": {"finding": finding.model_dump(mode="json"), "delivered": []},
        "state": "waiting" if fires else "quiet",
        "attempts": 0,
        "due_at": now,
        "error": None,
        "created_at": now,
        "sent_at": None,
    }
    # Another worker may have judged it just now: then its word stands.
    session.execute(database.insert(AlertFiring).values(row).on_conflict_do_nothing())


def _claim(database: Database, *, now: datetime) -> Sequence[tuple[AlertFiring, AlertRule]]:
    """Return what is due, and keep others from it for a while."""
    with database.transaction() as session:
        database.alone(session, "alerts")
        rows = session.execute(
            select(AlertFiring, AlertRule)
            .join(AlertRule, AlertRule.rule_id == AlertFiring.rule_id)
            .where(AlertFiring.state == "waiting", AlertFiring.due_at <= now)
            .order_by(AlertFiring.due_at)
            .limit(50)
        ).all()
        for firing, _ in rows:
            firing.due_at = now + _LEASE
        return [(firing, rule) for firing, rule in rows]


def _note(
    database: Database, firing: AlertFiring, outcome: dict[str, MapsiError | None],
    settings: AlertSettings, *, now: datetime,
) -> bool:  # fmt: skip
    """Write down how a delivery went; tell whether it is complete."""
    failed = {name: error for name, error in outcome.items() if error is not None}
    again = any(isinstance(error, RetryableError) for error in failed.values())
    attempts = firing.attempts + 1
    state = "sent" if not failed else "failed"
    if again and attempts < settings.attempts:
        state = "waiting"
    delivered = [*firing.figures["delivered"], *(name for name in outcome if name not in failed)]
    pause = min(timedelta(minutes=2 ** (attempts - 1)), _LONGEST_PAUSE)
    with database.transaction() as session:
        session.execute(
            update(AlertFiring)
            .where(AlertFiring.rule_id == firing.rule_id, AlertFiring.week == firing.week)
            .values(
                state=state,
                attempts=attempts,
                due_at=now + pause,
                error="; ".join(f"{name}: {error}" for name, error in failed.items()) or None,
                sent_at=now if state == "sent" else None,
                figures=firing.figures | {"delivered": delivered},
            )
        )
    if failed:
        log.warning("alert not delivered", rule_id=firing.rule_id, state=state, attempts=attempts)
    return state == "sent"
