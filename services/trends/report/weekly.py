"""The report of each week, written once into the object store; the gateway shows it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from services.trends.report.digest import gather
from services.trends.report.page import render
from shared.logging import logger
from shared.records import Database
from shared.records.trend_queries import monday
from shared.records.trends import TrendWeek
from shared.storage import ObjectStore
from shared.storage.keys import report_key

log = logger("mapsi.trends")

WEEKS: Final = 8
LATE: Final = timedelta(hours=6)
"""After a week's end its last photos are still on their way."""

_MEDIA_TYPES: Final = {"html": "text/html; charset=utf-8", "md": "text/markdown; charset=utf-8"}


def write_weekly(database: Database, storage: ObjectStore, *, now: datetime) -> bool:
    """Write the report of the week that ended before ``now`` (aware, UTC) where there is none.

    Answers whether it did: a week without looks has no report.
    """
    today = (now - LATE).date()
    week = monday(today) - timedelta(weeks=1)
    # Written last, so that a killed worker leaves a report that is written again.
    sign = report_key(week, "ko", "html")
    if storage.exists(sign):
        return False
    with database.reading() as session:
        if session.get(TrendWeek, week) is None:
            return False
        digest = gather(session, weeks=WEEKS, today=today)
    if not digest.weeks or digest.weeks[-1] != week:
        return False
    for language, form in (("en", "md"), ("ko", "md"), ("en", "html"), ("ko", "html")):
        text = render(digest, language=language, form=form, day=now.date())
        key = report_key(week, language, form)
        storage.put(key, text.encode(), content_type=_MEDIA_TYPES[form])
    log.info("report written", week=week.isoformat(), looks=digest.looks)
    return True
