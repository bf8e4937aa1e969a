"""Questions to the counts, answered; tables are kept for some seconds."""

from __future__ import annotations

import time
from collections import OrderedDict
from dataclasses import replace
from datetime import date
from typing import Final

from anyio import to_thread

from services.gateway.access import Gateway
from services.gateway.chat.deeds.counting import period_of, query_of
from services.gateway.chat.deeds.foretelling import (
    Foretold,
    address_of,
    foretell,
    future_of,
    history_of,
    missing_weeks,
    place_of,
)
from services.gateway.chat.deeds.outcome import Outcome, Scene
from services.gateway.chat.deeds.telling import Told, compared, told
from services.gateway.chat.domain import Language, Period
from services.gateway.chat.policy.acts import TellTrend
from services.gateway.chat.wording.phrases import say
from shared.records.trend_queries import TrendQuery
from shared.trend_figures import TrendTable
from shared.trend_forecast import MIN_WEEKS, forecast_table

FRESH_SECONDS: Final = 3.0
"""How old a table may be: new looks show in the chat by then."""
_KEPT: Final = 128
_ANSWERS: Final = 512

Asked = tuple[TellTrend, Language, date]
Answered = tuple[TrendTable, TrendTable | None, Outcome]


class Tables:
    """Trend tables as they were some seconds ago at most; for one event loop."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway
        self._kept: OrderedDict[tuple[TrendQuery, date], tuple[float, TrendTable]] = OrderedDict()
        self.answers: OrderedDict[Asked, Answered] = OrderedDict()
        """What was said of tables that are still the same."""

    def keep(self, key: Asked, answered: Answered) -> None:
        """Keep an answer."""
        self.answers[key] = answered
        while len(self.answers) > _ANSWERS:
            self.answers.popitem(last=False)

    async def read(self, query: TrendQuery, *, today: date) -> TrendTable:
        """Return the table, from memory where it is fresh."""
        found = self._kept.get((query, today))
        if found is not None and time.monotonic() - found[0] < FRESH_SECONDS:
            return found[1]
        table = await to_thread.run_sync(self._read, query, today)
        self._kept[query, today] = (time.monotonic(), table)
        self._kept.move_to_end((query, today))
        while len(self._kept) > _KEPT:
            self._kept.popitem(last=False)
        return table

    def _read(self, query: TrendQuery, today: date) -> TrendTable:
        with self._gateway.database.reading() as session:
            return self._gateway.trends.read(session, query, today=today)


async def tell(act: TellTrend, scene: Scene, tables: Tables) -> Outcome:
    """Answer a question to the counts, or to what they let expect."""
    future = future_of(act, scene.today)
    if future is not None:
        return await _foretell(act, future, scene, tables)
    query = query_of(act, period_of(act, scene.today))
    table = await tables.read(query, today=scene.today)
    other, earlier = None, None
    if act.compared_with is not None:
        other = query_of(act, act.compared_with)
        earlier = await tables.read(other, today=scene.today)
    key = (act, scene.language, scene.today)
    known = tables.answers.get(key)
    if known is not None and known[0] is table and known[1] is earlier:
        return known[2]
    if other is None or earlier is None:
        answer = told(act, query, table, language=scene.language)
    else:
        now, before = (query, table), (other, earlier)
        if query.since is not None and other.since is not None and other.since > query.since:
            now, before = before, now
        answer = compared(act, now, before, language=scene.language)
    outcome = Outcome((" ".join(answer.sentences),), answer.cards)
    tables.keep(key, (table, earlier, outcome))
    return outcome


async def _foretell(act: TellTrend, future: Period, scene: Scene, tables: Tables) -> Outcome:
    """Answer with the forecast, or say why there is none and tell what was counted so far."""
    language, today = scene.language, scene.today
    present = replace(act, period=None, about=act.about.model_copy(update={"season": ()}))
    query, learnt = query_of(present, None), history_of(act)
    table = await tables.read(query, today=today)
    history = await tables.read(learnt, today=today)
    key = (act, language, today)
    known = tables.answers.get(key)
    if known is not None and known[0] is table and known[1] is history:
        return known[2]
    place = place_of(future, history)
    if not sum(history.totals):
        answer = told(present, query, table, language=language)
    elif place is None:
        answer = _so_far(present, query, table, language, say("forecast_far", language))
    else:
        horizon, at = place
        ahead = await to_thread.run_sync(forecast_table, history, horizon)
        missing = missing_weeks(ahead)
        if missing:
            young = say("forecast_young", language, missing=missing, needed=MIN_WEEKS)
            answer = _linked(_so_far(present, query, table, language, young), learnt, horizon)
        else:
            foretold = Foretold(learnt, history, ahead, horizon, at)
            answer = foretell(present, foretold, (query, table), language)
    outcome = Outcome((" ".join(answer.sentences),), answer.cards)
    tables.keep(key, (table, history, outcome))
    return outcome


def _so_far(
    act: TellTrend, query: TrendQuery, table: TrendTable, language: Language, why: str
) -> Told:
    answer = told(act, query, table, language=language)
    return Told((why, *answer.sentences), answer.cards)


def _linked(answer: Told, query: TrendQuery, horizon: int) -> Told:
    link = {"forecast": address_of(query, horizon)}
    cards = tuple(card.model_copy(update={"links": card.links | link}) for card in answer.cards)
    return Told(answer.sentences, cards)
