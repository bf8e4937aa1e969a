"""What is shown follows what shoppers say of it; how well, the integration test measures."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace
from math import inf

import pytest

from shared.contracts.vocabulary import BASIC_COLORS, CATEGORIES
from tests.samples.catalog import made_trend
from tests.samples.shop import sample_catalog
from tests.samples.shoppers import FEEDBACKS, hits, mean_over, shopper, taught

SHOPPERS = 3
SHOP = sample_catalog()


@pytest.fixture(scope="module")
def trend():
    """Some things are worn much more than others."""
    dice = random.Random(5)
    return made_trend(
        {(k, c): [dice.choice((5, 20, 60, 120))] * 16 for k in CATEGORIES for c in BASIC_COLORS}
    )


def test_more_looks_please_after_ten_answers_than_before(trend):
    def before(seed: int) -> float:
        return hits(shopper(SHOP, seed), SHOP, trend)

    def after(seed: int) -> float:
        return hits(taught(shopper(SHOP, seed), SHOP, trend), SHOP, trend)

    assert mean_over(SHOPPERS, after) > 1.5 * mean_over(SHOPPERS, before)


def test_whom_nothing_pleases_is_shown_something_else_each_time(trend):
    who = taught(replace(shopper(SHOP, 1), threshold=inf), SHOP, trend)
    assert len(set(who.seen)) == FEEDBACKS
    told = Counter(kind for kind, _ in who.known)
    assert told["item"] >= 6
    assert told["color"] >= 7
    assert told["style"] >= 4
