"""What the chat says of a trend table."""

from __future__ import annotations

from datetime import date

import pytest

from services.gateway.chat.deeds.telling import told
from services.gateway.chat.domain import Period, Slots
from services.gateway.chat.policy.acts import TellTrend
from services.gateway.domain import Language
from shared.records.trend_queries import TrendQuery
from tests.samples.tables import table_of

FEW = {("shorts", "blue"): [0, 1, 1], ("vest", "white"): [1, 1, 1]}
"""Three looks, two of which are in both rows."""


@pytest.mark.parametrize(
    ("language", "sentence"),
    [("en", "With only 3 looks it is too early"), ("ko", "다만 룩이 3개뿐이라")],
)
def test_a_look_of_two_garments_is_one_look_where_there_are_few(
    language: Language, sentence: str
) -> None:
    asked = TellTrend(Slots(), ("item", "color"), None, None)
    query = TrendQuery(by=("item", "color"), weeks=3)
    said = told(asked, query, table_of(FEW, [1, 1, 1]), language=language)
    assert any(sentence in line for line in said.sentences)


@pytest.mark.parametrize(
    ("language", "lines"), [("en", "Most worn: "), ("ko", "가장 많이 보인 것: ")]
)
def test_each_list_of_a_trend_is_a_line_of_its_own(language: Language, lines: str) -> None:
    asked = TellTrend(Slots(), ("item", "color"), None, None)
    query = TrendQuery(by=("item", "color"), weeks=3)
    (said,) = told(asked, query, table_of(FEW, [1, 1, 1]), language=language).sentences
    assert [line.startswith(lines) for line in said.split("\n")] == [True, False, False]


def test_where_nothing_was_counted_nobody_is_sent_to_a_time_they_did_not_name() -> None:
    query = TrendQuery(by=("item",), weeks=12)
    nothing = table_of({("skirt",): [0] * 12}, [0] * 12, by=("item",))
    spring = Period(since=date(2015, 3, 1), until=date(2015, 5, 31))
    for period, part in ((None, "Once photos come in"), (spring, "Ask about another period")):
        asked = TellTrend(Slots(), ("item",), period, None)
        assert part in told(asked, query, nothing, language="en").sentences[-1]
