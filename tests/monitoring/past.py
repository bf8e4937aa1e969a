"""What an installation has behind it: two years of looks, forecasts, a source that fell silent."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import product
from typing import Any, Final

import numpy as np
from sqlalchemy import delete, insert, update

from services.trends.monitoring.forecasts import AHEAD, Foretold, keep_forecast
from services.trends.monitoring.watching import LATE
from shared import bus
from shared.contracts.clock import Tick
from shared.contracts.vocabulary import ALL
from shared.records import open_database
from shared.records.trend_queries import monday
from shared.records.trends import Cell, TrendWeek
from shared.settings import Settings
from shared.storage.keys import foretold_key

WEEKS: Final = 110
_ITEMS: Final = {
    "long_sleeved_shirt": 60, "short_sleeved_shirt": 44, "trousers": 80, "skirt": 48,
    "long_sleeved_outwear": 52,
}  # fmt: skip
_COLORS: Final = {"black": 1.0, "white": 0.9, "beige": 0.5, "navy": 0.6, "pink": 0.3}
_ALL_IN_PINK: Final = {"black": 0.1, "white": 0.1, "beige": 0.1, "navy": 0.1, "pink": 3.0}
_WEEK: Final = timedelta(weeks=1)


@dataclass(frozen=True)
class Past:
    """The weeks before this one, as an installation counted and foretold them."""

    settings: Settings
    last: date
    """Monday of the last whole week, as trends sees it."""

    def write(self) -> None:
        """Write calm weeks, and the forecasts that were made of them as they went by."""
        context = bus.connect(self.settings)
        with closing(open_database(self.settings.database)) as database:
            with database.transaction() as session:
                for back in range(WEEKS):
                    week = self.last - back * _WEEK
                    session.execute(insert(TrendWeek).values(week=week, version=1, exported=1))
                    session.execute(insert(Cell), list(_cells(week, _COLORS)))
            for weeks in AHEAD:
                with database.reading() as session:
                    made = keep_forecast(session, context.storage, week=self.last - weeks * _WEEK)
                    assert made

    def look(self) -> None:
        """Ask for what beat asks for every five minutes: a look at drift and forecasts."""
        body = {"schema": Tick.schema_id, "body": {}}
        app = bus.connect(self.settings).app
        app.send_task("trends.watch_models", kwargs=body, queue="trends")

    @contextmanager
    def everybody_in_pink(self) -> Iterator[None]:
        """Let the last week have been another one."""
        self._count_again(_ALL_IN_PINK)
        yield
        self._count_again(_COLORS)

    @contextmanager
    def wrong_forecast(self) -> Iterator[None]:
        """Let the forecast of four weeks ago have been three times too high, in each row."""
        storage = bus.connect(self.settings).storage
        key = foretold_key(self.last - 4 * _WEEK)
        kept = storage.get(key)
        told = Foretold.model_validate_json(kept)
        wrong = tuple(
            row.model_copy(update={"middle": tuple(min(1.0, 3 * one) for one in row.middle)})
            for row in told.rows
        )
        body = told.model_copy(update={"rows": wrong}).model_dump_json().encode()
        storage.put(key, body, content_type="application/json")
        yield
        storage.put(key, kept, content_type="application/json")

    def _count_again(self, colors: Mapping[str, float]) -> None:
        stored = open_database(self.settings.database)
        with closing(stored) as database, database.transaction() as session:
            session.execute(delete(Cell).where(Cell.week == self.last))
            session.execute(insert(Cell), list(_cells(self.last, colors)))
            changed = update(TrendWeek).where(TrendWeek.week == self.last)
            session.execute(changed.values(version=TrendWeek.version + 1))
        self.look()


def past_of(settings: Settings) -> Past:
    """Return the past of an installation that is begun now."""
    return Past(settings, monday((datetime.now(UTC) - LATE).date()) - _WEEK)


def found_until_lately(source: str, *, now: datetime) -> str:
    """Return in OpenMetrics' text what Prometheus saw of a source from 8 to 2 hours ago.

    It brought a photo a minute.
    """
    name = "mapsi_source_items"
    labels = f'job="mapsi",service="ingestion",source="{source}",outcome="found"'
    lines = [
        f"{name}_total{{{labels}}} {minute} {now.timestamp() - 8 * 3600 + 60 * minute:.0f}"
        for minute in range(0, 6 * 60, 2)
    ]
    return "\n".join([f"# TYPE {name} counter", *lines, "# EOF", ""])


def _cells(week: date, colors: Mapping[str, float]) -> Iterator[dict[str, Any]]:
    """Yield a week's counts: each look shows one garment; warm clothes are worn in winter."""
    chance = np.random.default_rng(week.toordinal())
    season = np.cos(2 * np.pi * week.timetuple().tm_yday / 365)
    sums: dict[tuple[str, str], int] = {}
    for (item, weight), (color, part) in product(_ITEMS.items(), colors.items()):
        warmth = 1 + (0.4 if item.startswith("long") else -0.2) * season
        looks = int(chance.poisson(weight * part * warmth))
        for cell in product((item, ALL), (color, ALL)):
            sums[cell] = sums.get(cell, 0) + looks
    for (item, color), looks in sums.items():
        yield {
            "week": week, "pattern": ALL, "item": item, "color": color, "style": "casual",
            "source": "street", "looks": looks,
        }  # fmt: skip
