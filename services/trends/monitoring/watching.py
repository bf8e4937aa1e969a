"""The figures of drift and of forecasts, brought up to the last whole week."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from services.trends.monitoring.domain import coverage, error_ratio
from services.trends.monitoring.drift import read_drift
from services.trends.monitoring.forecasts import keep_forecast, read_outcomes
from shared import metrics
from shared.records import Database
from shared.records.trend_queries import monday
from shared.storage import ObjectStore

LATE: Final = timedelta(hours=6)
"""After a week's end its last photos are still on their way."""


def watch_models(database: Database, storage: ObjectStore, *, now: datetime) -> None:
    """Set the metrics of drift and of forecasts, as of ``now`` (aware, UTC).

    Keeps the forecast made after the last whole week, once.
    """
    week = monday((now - LATE).date()) - timedelta(weeks=1)
    with database.reading() as session:
        for what, index in read_drift(session, week=week).items():
            metrics.DRIFT_PSI.labels(what).set(index)
    metrics.WATCHED.labels("drift").set(now.timestamp())
    with database.reading() as session:
        keep_forecast(session, storage, week=week)
        outcomes = read_outcomes(session, storage, week=week)
    for weeks, found in outcomes.items():
        metrics.FORECAST_ERROR_RATIO.labels(str(weeks)).set(error_ratio(found))
        metrics.FORECAST_COVERAGE_RATIO.labels(str(weeks)).set(coverage(found))
    metrics.WATCHED.labels("forecast").set(now.timestamp())
