"""What is shown gets better with what shoppers say of it, far beyond what is merely popular."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace
from math import inf

import pytest

from shared.contracts.vocabulary import BASIC_COLORS, CATEGORIES
from tests.samples.catalog import made_trend
from tests.samples.shop import sample_catalog
from tests.samples.shoppers import (
    FEEDBACKS,
    LIKED,
    hits,
    mean_over,
    popular_looks,
    shopper,
    taught,
)

SHOPPERS = 16
SHOP = sample_catalog()


@pytest.fixture(scope="module")
def trend():
    """Some things are worn much more than others."""
    dice = random.Random(5)
    return made_trend(
        {(k, c): [dice.choice((5, 20, 60, 120))] * 16 for k in CATEGORIES for c in BASIC_COLORS}
    )


def test_after_ten_answers_twice_as_many_looks_please_as_popular_ones(trend):
    popular = popular_looks(SHOP, trend)

    def baseline(seed: int) -> float:
        who = shopper(SHOP, seed)
        return sum(who.likes(look) for look in popular) / len(popular)

    def after(seed: int) -> float:
        return hits(taught(shopper(SHOP, seed), SHOP, trend), SHOP, trend)

    assert mean_over(SHOPPERS, after) >= 2 * max(LIKED, mean_over(SHOPPERS, baseline))


def test_whom_nothing_pleases_is_shown_something_else_each_time(trend):
    who = taught(replace(shopper(SHOP, 1), threshold=inf), SHOP, trend)
    assert len(set(who.seen)) == FEEDBACKS
    told = Counter(kind for kind, _ in who.known)
    assert told["item"] >= 6
    assert told["color"] >= 7
    assert told["style"] >= 4
