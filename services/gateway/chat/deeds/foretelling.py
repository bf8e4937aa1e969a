"""What the coming weeks may bring: the figures of ``GET /v1/trends/forecast``, in words. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final
from urllib.parse import urlencode

from services.gateway.chat.deeds.counting import dimensions_of, is_named, latest, matching
from services.gateway.chat.deeds.telling import Told, card_of, of_one, row_name, window
from services.gateway.chat.domain import Language, Period
from services.gateway.chat.policy.acts import TellTrend
from services.gateway.chat.wording.cards import ForecastCard, TrendCard
from services.gateway.chat.wording.phrases import say
from services.gateway.chat.wording.words import Word, listed, percent
from shared.records.trend_queries import TrendQuery, monday
from shared.trend_figures import TrendRow, TrendTable
from shared.trend_forecast import HISTORY, MIN_WEEKS, RowForecast, TableForecast

FARTHEST: Final = 104
"""Weeks ahead that are told at most."""

_SOON: Final = timedelta(weeks=8)
"""How far a question looks that names no time."""
_TOP: Final = 5
_RECENT: Final = 4
_DIGITS: Final = 6


@dataclass(frozen=True)
class Foretold:
    """A table's history and its coming weeks."""

    query: TrendQuery
    table: TrendTable
    told: TableForecast
    horizon: int
    at: int
    """Which of the coming weeks is told: the middle one of the time that was asked about."""


def future_of(asked: TellTrend, today: date) -> Period | None:
    """Return the time to come that a question is about, or None."""
    period = asked.period
    if asked.compared_with is not None:
        return None
    if period is None and asked.ahead:
        season = asked.about.season
        return _coming(season[0], today) if season else Period(since=today, until=today + _SOON)
    if period is None or not (period.since > today or (asked.ahead and period.until > today)):
        return None
    return period


def _coming(season: str, today: date) -> Period:
    last = latest(season, today)
    if last.until >= today:
        return last
    return latest(season, last.since.replace(year=last.since.year + 1))


def history_of(asked: TellTrend) -> TrendQuery:
    """Return the table to learn from: the one that ``GET /v1/trends/forecast`` learns from."""
    by = dimensions_of(asked)
    style = asked.about.style[0] if len(asked.about.style) == 1 and "style" not in by else None
    return TrendQuery(by=by, style=style, weeks=HISTORY)


def place_of(period: Period, table: TrendTable) -> tuple[int, int] | None:
    """Return how many weeks to tell, and which of them; None: it is too far away."""
    if not table.weeks:
        return 1, 0
    first = table.weeks[len(table.weeks) - int(table.running) - 1] + timedelta(weeks=1)
    start = max(0, (monday(period.since) - first).days // 7)
    end = max(start, (monday(period.until) - first).days // 7)
    return (end + 1, (start + end) // 2) if end < FARTHEST else None


def missing_weeks(told: TableForecast) -> int:
    """Return how many weeks of counts are missing for a forecast; 0: none."""
    return 0 if told.ahead else max(1, MIN_WEEKS - told.learnt)


def foretell(
    asked: TellTrend, foretold: Foretold, now: tuple[TrendQuery, TrendTable], language: Language
) -> Told:
    """Return what may come, beside what there is now."""
    query, table = now
    ahead = {
        row.values: one
        for row, one in zip(foretold.table.rows, foretold.told.rows, strict=False)
        if isinstance(one, RowForecast)
    }
    rows = [row for row in matching(foretold.table, asked.about) if row.values in ahead]
    rows.sort(key=lambda row: -ahead[row.values].middle[foretold.at])
    if not rows:
        return Told((say("forecast_few", language),), ())
    current = {row.values: row for row in table.rows}
    shown = [current[row.values] for row in rows[:_TOP] if row.values in current]
    sentences = [
        say(
            "forecast",
            language,
            week=foretold.told.ahead[foretold.at],
            rows=", ".join(
                _line(row, ahead[row.values], foretold, language) for row in rows[:_TOP]
            ),
        )
    ]
    if is_named(asked, foretold.table):
        sentences += [text for row in shown for text in of_one(row, table, language)]
    else:
        sentences += _moves(rows, ahead, foretold, language)
    sentences.append(say("forecast_basis", language, weeks=foretold.told.learnt))
    card = card_of(shown, query, table, language)
    return Told((*sentences, window(table, language)), (_with(card, ahead, foretold),))


def _line(row: TrendRow, one: RowForecast, foretold: Foretold, language: Language) -> str:
    return say(
        "forecast_row",
        language,
        name=row_name(foretold.table.by, row, language),
        share=percent(one.middle[foretold.at]),
        low=percent(one.low95[foretold.at]),
        high=percent(one.high95[foretold.at]),
        now=percent(_recent(row, foretold.table)),
    )


def _moves(
    rows: Sequence[TrendRow],
    ahead: dict[tuple[str, ...], RowForecast],
    foretold: Foretold,
    language: Language,
) -> list[str]:
    """Return what leaves its present share with the whole interval."""
    more: list[Word] = []
    less: list[Word] = []
    for row in rows:
        one, now = ahead[row.values], _recent(row, foretold.table)
        name = row_name(foretold.table.by, row, language)
        if one.low95[foretold.at] > now:
            more.append(name)
        elif one.high95[foretold.at] < now:
            less.append(name)
    told = (("forecast_more", more), ("forecast_less", less))
    return [
        say(key, language, names=listed(names[:_TOP], language)) for key, names in told if names
    ]


def _recent(row: TrendRow, table: TrendTable) -> float:
    """Return the share of the last four whole weeks."""
    full = len(table.weeks) - int(table.running)
    total = sum(table.totals[:full][-_RECENT:])
    return sum(row.looks[:full][-_RECENT:]) / total if total else 0.0


def _with(
    card: TrendCard, ahead: dict[tuple[str, ...], RowForecast], foretold: Foretold
) -> TrendCard:
    rows = []
    for row in card.rows:
        one, at = ahead[tuple(row.values[name] for name in card.by)], foretold.at
        forecast = ForecastCard(
            week=foretold.told.ahead[at],
            share=round(one.middle[at], _DIGITS),
            interval=(round(one.low95[at], _DIGITS), round(one.high95[at], _DIGITS)),
        )
        rows.append(row.model_copy(update={"forecast": forecast}))
    links = card.links | {"forecast": address_of(foretold.query, foretold.horizon)}
    return card.model_copy(update={"rows": rows, "links": links})


def address_of(query: TrendQuery, horizon: int) -> str:
    """Return where the same forecast is."""
    style = {"style": query.style} if query.style else {}
    told = urlencode({"by": ",".join(query.by), "horizon": horizon} | style, safe=",")
    return f"/v1/trends/forecast?{told}"
