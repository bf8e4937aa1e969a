"""The most one would pay, from how people write it."""

from __future__ import annotations

import pytest

from services.gateway.chat.understanding.money import budget_in

UPPER = {
    "10만원 이하로": 100_000,
    "오만원": 50_000,
    "5만 원대": 59_999,
    "십오만원으로": 150_000,
    "3만5천원": 35_000,
    "12만5000원": 125_000,
    "35,000원": 35_000,
    "5만 이하": 50_000,
    "한 8만?": 80_000,
    "7만원 안 넘게": 70_000,
    "5만원에서 7만원": 70_000,
    "백만원": 1_000_000,
    "under 80,000 won": 80_000,
    "80k": 80_000,
    "₩120,000": 120_000,
    "budget 120,000 KRW": 120_000,
    "fifty thousand won": 50_000,
    "between 50,000 and 80,000 won": 80_000,
    "no more than 50,000 won": 50_000,
    "max 90000": 90_000,
}
NONE = [
    "키 165", "95 사이즈", "size 95", "5만 원피스", "$50", "under 50 dollars", "under $80,000",
    "10만원 이상", "over 100,000 won", "5k run", "오만하다", "만약에", "치마만 원해", "이만 갈게",
    "2024년 가을", "바지만 이하",
]  # fmt: skip


@pytest.mark.parametrize("text", UPPER)
def test_an_upper_bound_is_read_in_won(text: str) -> None:
    money = budget_in(text, None)

    assert money is not None
    assert money.won == UPPER[text]


@pytest.mark.parametrize("text", NONE)
def test_other_numbers_currencies_and_lower_bounds_are_no_budget(text: str) -> None:
    assert budget_in(text, None) is None
