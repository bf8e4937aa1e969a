"""Made-up figures for trying a rule out."""

from __future__ import annotations

from datetime import datetime, timedelta

from shared.alerts.rules import Finding, Rule
from shared.trend_figures import week_of


def sample(rule: Rule, *, now: datetime) -> Finding:
    """Return figures under which ``rule`` just fires, of the last whole week."""
    return Finding(
        week=week_of(now) - timedelta(weeks=1),
        growth=rule.growth,
        low=rule.growth - 0.1,
        high=rule.growth + 0.1,
        q_value=0.01,
        support=rule.support,
        share=0.05,
        stage="rising" if rule.growth > 0 else "falling",
    )
