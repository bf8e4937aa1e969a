"""Questions to the counts, answered; tables are kept for some seconds."""

from __future__ import annotations

import time
from collections import OrderedDict
from datetime import date
from typing import Final

from anyio import to_thread

from services.gateway.access import Gateway
from services.gateway.chat.deeds.counting import compared, period_of, query_of, told
from services.gateway.chat.deeds.outcome import Outcome, Scene
from services.gateway.chat.domain import Language
from services.gateway.chat.policy.acts import TellTrend
from shared.records.trend_queries import TrendQuery
from shared.trend_figures import TrendTable

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
    """Answer a question to the counts."""
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
        answer = told(act, query, table, language=scene.language, today=scene.today)
    else:
        now, before = (query, table), (other, earlier)
        if query.since is not None and other.since is not None and other.since > query.since:
            now, before = before, now
        answer = compared(act, now, before, language=scene.language)
    outcome = Outcome((" ".join(answer.sentences),), answer.cards)
    tables.keep(key, (table, earlier, outcome))
    return outcome
