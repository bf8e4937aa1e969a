"""What the chat says of a trend table."""

from __future__ import annotations

import pytest

from services.gateway.chat.deeds.telling import told
from services.gateway.chat.domain import Slots
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
