"""Questions about a time to come where there is little or nothing to tell it from."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tests.integration.gateway.chat.conftest import begin_in
from tests.integration.gateway.conftest import House
from tests.samples import street

pytestmark = pytest.mark.integration


def counted(house: House, weeks: int, monkeypatch: pytest.MonkeyPatch) -> House:
    """Give a house so many weeks of counts."""
    monkeypatch.setattr(street, "WEEKS", weeks)
    today = datetime.now(UTC).date()
    with house.database.transaction() as session:
        street.fill(session, last=today - timedelta(days=today.weekday(), weeks=1))
    return house


@pytest.mark.parametrize(
    ("weeks", "korean", "english"),
    [
        (6, "아직 7주가 모자라요", "7 more weeks to go"),
        (12, "아직 1주가 모자라요", "1 more week to go"),
    ],
)
def test_with_few_weeks_it_says_how_many_are_missing_and_tells_the_trend_so_far(
    house: House, monkeypatch: pytest.MonkeyPatch, weeks: int, korean: str, english: str
) -> None:
    counted(house, weeks, monkeypatch)
    answer = begin_in(house, "ko").say("다음 달에 뭐가 유행할까?")
    assert korean in answer["reply"] and "집계한 결과예요" in answer["reply"]
    assert begin_in(house, "en").say("what will be in next month?")["reply"].count(english) == 1
    [card] = answer["cards"]
    assert card["rows"] and all(row["forecast"] is None for row in card["rows"])
    client = begin_in(house, "ko").client
    told = client.get(card["links"]["forecast"]).json()
    assert {row["reason"] for row in told["series"]} == {"too_few_weeks"}


def test_what_nobody_can_foresee_is_not_foretold(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted(house, 20, monkeypatch)
    talk = begin_in(house, "en")
    far = talk.say(f"what will be in spring {datetime.now(UTC).year + 4}?")
    assert "two years ahead" in far["reply"] and "Counted from" in far["reply"]
    unseen = talk.say("will green vests be popular next month?")
    assert "Too few looks" in unseen["reply"]


def test_without_counts_the_future_is_not_told_either(house: House) -> None:
    answer = begin_in(house, "ko").say("다음 달에 뭐가 유행할까?")
    assert "집계된 룩이 없어요" in answer["reply"] and answer["cards"] == []
