"""Which weeks a message names, seen from a given day."""

from __future__ import annotations

from datetime import date

import pytest

from services.gateway.chat.understanding.period import periods_in

TODAY = date(2026, 11, 22)  # a Sunday
NAMED = {
    "올봄": (date(2026, 3, 1), date(2026, 5, 31)),
    "지난주": (date(2026, 11, 9), date(2026, 11, 15)),
    "this week": (date(2026, 11, 16), date(2026, 11, 22)),
    "last month": (date(2026, 10, 1), date(2026, 10, 31)),
    "2024년 가을": (date(2024, 9, 1), date(2024, 11, 30)),
    "autumn 2024": (date(2024, 9, 1), date(2024, 11, 30)),
    "내년 여름": (date(2027, 6, 1), date(2027, 8, 31)),
    "last winter": (date(2025, 12, 1), date(2026, 2, 28)),
    "최근 4주": (date(2026, 10, 26), date(2026, 11, 22)),
    "10월부터": (date(2026, 10, 1), date(2026, 11, 22)),
    "작년": (date(2025, 1, 1), date(2025, 12, 31)),
}


@pytest.mark.parametrize("text", NAMED)
def test_a_time_is_a_stretch_of_days(text: str) -> None:
    period, compared_with = periods_in(text, TODAY)

    assert period is not None
    assert (period.since, period.until) == NAMED[text]
    assert compared_with is None


def test_compared_with_names_the_measure_not_what_is_asked_about() -> None:
    period, compared_with = periods_in("작년 겨울이랑 비교해서 코트 얼마나 늘었어?", TODAY)

    assert period is None
    assert compared_with is not None
    assert compared_with.since == date(2025, 12, 1)


def test_of_two_times_the_earlier_is_the_measure() -> None:
    period, compared_with = periods_in("compare last autumn with this autumn", TODAY)

    assert period is not None
    assert compared_with is not None
    assert (period.since.year, compared_with.since.year) == (2026, 2025)


def test_this_winter_in_january_began_in_december() -> None:
    period, _ = periods_in("올겨울", date(2027, 1, 15))

    assert period is not None
    assert period.since == date(2026, 12, 1)


@pytest.mark.parametrize(
    "text", ["요즘", "lately", "이번 주말에", "this weekend", "여름 쿨톤", "I may go"]
)
def test_what_names_no_stretch_of_time_has_no_period(text: str) -> None:
    assert periods_in(text, TODAY) == (None, None)
